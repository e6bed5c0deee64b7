using Aim.Datasets;
using static Aim.Fusion.Tests.LabHosts;

namespace Aim.Fusion.Tests;

public sealed class FusionProjectionTests
{
    private string _directory = null!;

    [SetUp]
    public void Open() => _directory = NewDirectory();

    [TearDown]
    public void Close() => Directory.Delete(_directory, recursive: true);

    /// <summary>Claim R8.</summary>
    [TestCase(true, false, 128 * 128 + 128)]
    [TestCase(false, false, 128 * 128)]
    [TestCase(true, true, 128 * 128 + 3 * 128)]
    public void It_has_the_parameters_of_one_linear_layer(bool bias, bool norm, long count)
    {
        using var projection = new FusionProjection(128, new ProjectionOptions { Bias = bias, LayerNorm = norm });
        Assert.That(projection.ParameterCount, Is.EqualTo(count));
    }

    [Test]
    public void The_identity_passes_states_on_and_a_scale_scales_them()
    {
        using var scope = NewDisposeScope();
        var states = rand([3, 8], generator: new Generator(3));
        using var identity = new FusionProjection(8, new ProjectionOptions());
        using var half = new FusionProjection(8, new ProjectionOptions { Scale = 0.5 });
        Assert.That(Values.Bits(identity.Forward(states)), Is.EqualTo(Values.Bits(states)));
        Assert.That(Values.Bits(half.Forward(states)), Is.EqualTo(Values.Bits(states * 0.5)));
    }

    [Test]
    public void A_random_start_is_a_function_of_its_seed_and_within_its_bound()
    {
        using var one = new FusionProjection(64, new ProjectionOptions { Start = ProjectionStart.Random, Seed = 5 });
        using var again = new FusionProjection(64, new ProjectionOptions { Start = ProjectionStart.Random, Seed = 5 });
        using var other = new FusionProjection(64, new ProjectionOptions { Start = ProjectionStart.Random, Seed = 6 });
        float[] weight = Values.Of(one.Named[0].Parameter);
        Assert.That(Values.Of(again.Named[0].Parameter), Is.EqualTo(weight));
        Assert.That(Values.Of(other.Named[0].Parameter), Is.Not.EqualTo(weight));
        Assert.That(weight.Max(Math.Abs), Is.InRange(0.9 / 8, 1.0 / 8));
    }

    [Test]
    public void Aggregates_are_brought_to_the_size_of_embeddings()
    {
        using var scope = NewDisposeScope();
        var aggregates = new Aggregator(Lab, new AggregationOptions()).Aggregate([Demonstration(1), Demonstration(2)]);
        double scale = FusionProjection.ScaleFor(Lab, aggregates, [" gipu kiko", ":"]);
        var embeddings = Lab.Pack([new FusionPart.Text(Lab.Encode(" gipu kiko:"))]).Embeds;
        double Rms(Tensor t) => Math.Sqrt(Values.Of(t).Average(x => (double)x * x));
        Assert.That(Rms(cat(aggregates.ToArray(), 0)) * scale, Is.EqualTo(Rms(embeddings)).Within(1e-4));
    }

    [Test]
    public void A_file_gives_back_the_same_bits_and_says_what_it_maps()
    {
        using var scope = NewDisposeScope();
        string path = Path.Combine(_directory, "p.safetensors");
        var options = new ProjectionOptions { Start = ProjectionStart.Random, LayerNorm = true };
        using var projection = new FusionProjection(Lab.Dim, options);
        ProjectionFile.Save(path, projection, Lab, new AggregationOptions(5, Norm: false, TextPositions.Reference));
        var (loaded, aggregation) = ProjectionFile.Load(path, Lab);
        using (loaded)
        {
            Assert.That(aggregation, Is.EqualTo(new AggregationOptions(5, Norm: false, TextPositions.Reference)));
            var states = rand([4, Lab.Dim], generator: new Generator(1));
            Assert.That(Values.Bits(loaded.Forward(states)), Is.EqualTo(Values.Bits(projection.Forward(states))));
        }
    }

    [Test]
    public void Another_backbone_is_refused()
    {
        string path = Path.Combine(_directory, "p.safetensors");
        using var projection = new FusionProjection(Lab.Dim, new ProjectionOptions());
        ProjectionFile.Save(path, projection, Lab, new AggregationOptions());
        Assert.That(() => ProjectionFile.Load(path, Of(LabModelKind.SingleB)), Throws.TypeOf<ProjectionException>()
            .With.Message.Contains(Lab.Hash).And.Message.Contains(Of(LabModelKind.SingleB).Hash));
    }

    [Test]
    public void What_is_no_projection_is_refused_by_name()
    {
        string weights = Path.Combine(Lab.Model.Config.Directory!, "model.safetensors");
        Assert.That(() => ProjectionFile.Load(weights, Lab), Throws.TypeOf<ProjectionException>().With.Message.Contains(weights));
        string path = Path.Combine(_directory, "p.safetensors");
        File.WriteAllText(path, "{}");
        Assert.That(() => ProjectionFile.Load(path, Lab), Throws.TypeOf<ProjectionException>().With.Message.Contains(path));
    }
}
