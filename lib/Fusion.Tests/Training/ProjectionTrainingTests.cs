using static Aim.Fusion.Tests.LabHosts;

namespace Aim.Fusion.Tests;

public sealed class ProjectionTrainingTests
{
    private static readonly AggregationOptions s_states = new(6, Norm: false);
    private static readonly ProjectionRecipe s_recipe = new() { Steps = 6, Documents = 2, WarmUp = 2, SaveEvery = 3 };

    private string _directory = null!;

    private string State => Path.Combine(_directory, "state.safetensors");

    [SetUp]
    public void Open() => _directory = NewDirectory();

    [TearDown]
    public void Close() => Directory.Delete(_directory, recursive: true);

    [Test]
    public void The_loss_falls_and_the_backbone_stays_as_it_is()
    {
        string before = Lab.Checksum();
        var losses = new List<double>();
        using var projection = Training(s_recipe with { Steps = 30 }, (_, _) => Document(1)).Train(
            new ProjectionOptions(), null, "one document", p => losses.Add(p.Loss));
        Assert.That(losses[^1], Is.LessThan(0.7 * losses[0]));
        Assert.That(Lab.Checksum(), Is.EqualTo(before));
    }

    [Test]
    public void An_interrupted_training_ends_with_the_same_bits()
    {
        using var whole = Training(s_recipe).Train(new ProjectionOptions(), null, "data");
        using var stop = new CancellationTokenSource();
        Assert.That(() => Training(s_recipe).Train(new ProjectionOptions(), State, "data", p =>
        {
            if (p.Step == 4)
                stop.Cancel();
        }, stop.Token), Throws.InstanceOf<OperationCanceledException>());
        int first = 0;
        using var resumed = Training(s_recipe)
            .Train(new ProjectionOptions(), State, "data", p => first = first == 0 ? p.Step : first);
        Assert.That(first, Is.EqualTo(5));
        Assert.That(resumed.Named.Select(p => Values.Bits(p.Parameter)),
            Is.EqualTo(whole.Named.Select(p => Values.Bits(p.Parameter))));
    }

    [Test]
    public void The_state_of_another_training_is_refused()
    {
        Training(s_recipe).Train(new ProjectionOptions(), State, "data").Dispose();
        Assert.That(() => Training(s_recipe).Train(new ProjectionOptions(), State, "other data"),
            Throws.TypeOf<ProjectionException>().With.Message.Contains(State));
        Assert.That(() => Training(s_recipe with { LearningRate = 1 }).Train(new ProjectionOptions(), State, "data"),
            Throws.TypeOf<ProjectionException>());
    }

    /// <summary>The loss is that of the learnt tokens alone, each predicted from the row before it.</summary>
    [Test]
    public void The_loss_is_the_language_models_on_what_is_learnt()
    {
        using var scope = NewDisposeScope();
        var document = Document(1);
        double loss = Training(s_recipe).Evaluate(null, [document]);
        var aggregates = new Aggregator(Lab, s_states).Aggregate(document.Demonstrations);
        var packed = InContextPrompt.Fused(Lab, aggregates, document.Queries[0].Picture, ": kiko");
        var logits = Lab.Logits(Lab.States(packed.Embeds.unsqueeze(0), null, Lab.Layers, norm: true))[0];
        var learnt = Lab.Encode(" kiko");
        double expected = 0;
        for (int i = 0; i < learnt.Count; i++)
        {
            var row = Values.Of(nn.functional.log_softmax(logits[packed.Length - learnt.Count + i - 1], -1));
            expected -= row[learnt[i]] / learnt.Count;
        }

        Assert.That(loss, Is.EqualTo(expected).Within(1e-4));
    }

    [Test]
    public void Pairs_of_a_document_are_demonstrations_and_the_last_one_the_query()
    {
        var document = FusionDocument.OfPairs([Demonstration(1), Demonstration(2), Demonstration(3, " kiko")]);
        Assert.That(document.Demonstrations, Has.Count.EqualTo(2));
        Assert.That(document.Queries.Single().Text, Is.EqualTo(new[] { new FusionSegment(": kiko", true) }));
        Assert.That(() => FusionDocument.OfPairs([Demonstration(1)]), Throws.ArgumentException);
    }

    private static ProjectionTraining Training(ProjectionRecipe recipe, Func<int, int, FusionDocument>? documents = null)
        => new(new Aggregator(Lab, s_states), documents ?? ((step, item) => Document((2 * step) + item)), recipe);

    private static FusionDocument Document(int seed) => new(
        [Demonstration(seed), Demonstration(seed + 1, " kiko")],
        [new FusionQuery([0, 1], Picture(seed + 2), [new(":", false), new(" kiko", true)])]);
}
