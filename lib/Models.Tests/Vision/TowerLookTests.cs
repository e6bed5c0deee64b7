namespace Aim.Models.Tests.Vision;

/// <summary>Queries, keys and attention of a tower on demand, with and without a class token.</summary>
public sealed class TowerLookTests
{
    [TestCase("tiny-llava-1.5")]
    [TestCase("tiny-llava-onevision")]
    public void Looking_changes_no_bit_of_the_features(string name)
    {
        using var scope = NewDisposeScope();
        using var model = (LlavaFamily)MultimodalModel.Load(Fixture.PathOf("models", name));
        using var noGrad = no_grad();
        var pixels = Pixels(model);
        int layers = model.Config.VisionLayersUsed;
        var look = model.Tower.Look(pixels, layers, [0, 2]);
        Assert.That(Values(look.Features), Is.EqualTo(Values(model.Tower.Forward(pixels, layers))));
        Assert.That(look.Layers, Is.EqualTo(new[] { 0, 2 }));
        Assert.That(look.Keys(2).shape, Is.EqualTo(look.Features.shape));
        Assert.That(Values(model.Select(look.Features)), Is.EqualTo(Values(model.VisionFeatures(pixels))));
    }

    // Against the weights themselves: k = LayerNorm(input) Wᵀ + b. Layer 3 does not run for the features, which are its input.
    [TestCase(1)]
    [TestCase(3)]
    public void Keys_are_the_projections_own_output(int layer)
    {
        using var scope = NewDisposeScope();
        using var model = (LlavaFamily)MultimodalModel.Load(Fixture.PathOf("models", "tiny-llava-1.5"));
        using var noGrad = no_grad();
        var pixels = Pixels(model);
        Assert.That(model.Config.VisionLayersUsed, Is.EqualTo(3));
        var look = model.Tower.Look(pixels, 3, [layer]);
        string prefix = $"vision_tower.vision_model.encoder.layers.{layer}.";
        Tensor Weight(string name) => model.Weights[prefix + name].Widen();
        var input = nn.functional.layer_norm(
            model.Tower.Forward(pixels, layer), [48], Weight("layer_norm1.weight"), Weight("layer_norm1.bias"), 1e-5);
        foreach (var (name, actual) in new[] { ("q_proj", look.Queries(layer)), ("k_proj", look.Keys(layer)) })
        {
            var expected = matmul(input, Weight($"self_attn.{name}.weight").t()) + Weight($"self_attn.{name}.bias");
            Assert.That(Values(actual), Is.EqualTo(Values(expected)).Within(1e-4f), name);
        }
    }

    // Softmax written out: head h of the class token's query with every key.
    [Test]
    public void Attention_is_the_heads_softmax()
    {
        using var scope = NewDisposeScope();
        using var model = (LlavaFamily)MultimodalModel.Load(Fixture.PathOf("models", "tiny-llava-1.5"));
        using var noGrad = no_grad();
        var look = model.Tower.Look(Pixels(model), 3, [2]);
        const int Heads = 4, Width = 12, Tokens = 26;
        float[] query = Values(look.Queries(2)), key = Values(look.Keys(2)), actual = Values(look.ClassAttention(2)),
            mean = Values(look.MeanAttention(2));
        Assert.That(look.ClassAttention(2).shape, Is.EqualTo(new long[] { 2, Heads, Tokens }));
        Assert.That(look.MeanAttention(2).shape, Is.EqualTo(new long[] { 2, Heads, Tokens }));
        for (int frame = 0; frame < 2; frame++)
        {
            for (int head = 0; head < Heads; head++)
            {
                double[][] rows = [.. Enumerable.Range(0, Tokens).Select(row => Row(frame, head, row))];
                for (int column = 0; column < Tokens; column++)
                {
                    int at = (((frame * Heads) + head) * Tokens) + column;
                    Assert.That(actual[at], Is.EqualTo(rows[0][column]).Within(1e-5));
                    Assert.That(mean[at], Is.EqualTo(rows.Average(r => r[column])).Within(1e-5));
                }
            }
        }

        double[] Row(int frame, int head, int row)
        {
            double[] scores =
            [
                .. Enumerable.Range(0, Tokens).Select(column => Math.Exp(Enumerable.Range(0, Width).Sum(i =>
                    (double)query[(((frame * Tokens) + row) * Heads * Width) + (head * Width) + i]
                    * key[(((frame * Tokens) + column) * Heads * Width) + (head * Width) + i]) / Math.Sqrt(Width))),
            ];
            return [.. scores.Select(s => s / scores.Sum())];
        }
    }

    [Test]
    public void What_is_not_there_is_refused()
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        using var siglip = (LlavaFamily)MultimodalModel.Load(Fixture.PathOf("models", "tiny-llava-onevision"));
        var look = siglip.Tower.Look(Pixels(siglip), 4, [1]);
        Assert.That(() => look.ClassAttention(1), Throws.InvalidOperationException.With.Message.Contains("no class token"));
        Assert.That(() => look.Keys(2), Throws.ArgumentException.With.Message.Contains("layer 2 was not looked at; 1 were"));
        Assert.That(() => siglip.Tower.Look(Pixels(siglip), 2, [3]), Throws.InstanceOf<ArgumentOutOfRangeException>());
        Assert.That(() => siglip.Tower.Look(Pixels(siglip), 4, [4]), Throws.InstanceOf<ArgumentOutOfRangeException>());
        Assert.That(() => siglip.Tower.Look(Pixels(siglip), 4, [-1]), Throws.InstanceOf<ArgumentOutOfRangeException>());
    }

    private static Tensor Pixels(LlavaFamily model)
    {
        int size = model.Config.Vision.ImageSize;
        var random = new Random(5);
        return tensor(
            Enumerable.Range(0, 2 * 3 * size * size).Select(_ => (float)((2 * random.NextDouble()) - 1)).ToArray(),
            [2, 3, size, size]);
    }

    private static float[] Values(Tensor x) => x.detach().contiguous().data<float>().ToArray();
}
