namespace Aim.Models.Tests.Vision;

/// <summary>
/// Pooling and gradients, on an even (4 x 4) and an odd (5 x 5, 6 pixels left over) grid, and pictures that do not fit.
/// </summary>
public sealed class VisionTests
{
    [Test]
    public void Pictures_of_another_size_are_refused()
    {
        using var scope = NewDisposeScope();
        using var model = LlavaOnevision.Load(Fixture.PathOf("models", "tiny-llava-onevision"));
        Assert.That(
            () => model.VideoFeatures(zeros(1, 3, 56, 57)),
            Throws.ArgumentException.With.Message.Contains("[frames, 3, 56, 56] is expected"));
        Assert.That(() => model.VideoFeatures(zeros(3, 56, 56)), Throws.ArgumentException);
    }

    [TestCase(4)]
    [TestCase(5)]
    [TestCase(12)]
    public void Pooling_keeps_constant_grids(int side)
    {
        using var scope = NewDisposeScope();
        var pooled = FramePooling.Pool(ones(2, side * side, 3));
        int half = (side + 1) / 2;
        Assert.That(pooled.shape, Is.EqualTo(new long[] { 2, half * half, 3 }));
        Assert.That(pooled.data<float>().ToArray(), Is.All.EqualTo(1f).Within(1e-6f));
        Assert.That(() => FramePooling.Pool(ones(1, 6, 3)), Throws.ArgumentException);
    }

    // Along a random direction the loss must change as the gradient says: through pooling, projector, every layer, patches and
    // positions.
    [TestCase("tiny-llava-onevision")]
    [TestCase("tiny-llava-onevision-odd")]
    public void Gradients_agree_with_differences(string name)
    {
        using var scope = NewDisposeScope();
        using var model = LlavaOnevision.Load(Fixture.PathOf("models", name), trainable: true);
        int size = model.Config.Vision.ImageSize;
        var pixels = tensor(Noise(1, 2 * 3 * size * size), [2, 3, size, size]);
        var direction = tensor(
            Noise(2, 2 * model.Config.TokensPerFrame * model.Config.Text.HiddenSize),
            [2, model.Config.TokensPerFrame, model.Config.Text.HiddenSize]);
        (model.VideoFeatures(pixels) * direction).sum().backward();

        foreach (string weight in model.Weights.Names
            .Where(n => !n.StartsWith("language_model.", StringComparison.Ordinal) && n != "image_newline"))
        {
            var value = model.Weights[weight];
            if (weight.Contains("post_layernorm", StringComparison.Ordinal))
            {
                Assert.That(value.Trainable, Is.False, weight);
                continue;
            }

            var gradient = value.Tensor.grad;
            Assert.That(gradient is not null, $"{weight} has no gradient");
            float[] start = value.Tensor.detach().contiguous().data<float>().ToArray(), along = Noise(3, start.Length);
            double step = 2e-3 * Math.Sqrt(start.Average(s => (double)s * s) + 1e-3);
            double up = Loss(start.Select((s, i) => s + (float)(step * along[i]))),
                down = Loss(start.Select((s, i) => s - (float)(step * along[i])));
            Loss(start);
            double expected = (up - down) / (2 * step);
            double actual = gradient!.contiguous().data<float>().ToArray().Select((g, i) => (double)g * along[i]).Sum();
            double norm = Math.Sqrt(gradient.contiguous().data<float>().ToArray().Sum(g => (double)g * g));
            Assert.That(actual, Is.EqualTo(expected).Within(0.03 * norm + 0.5), weight);

            double Loss(IEnumerable<float> values)
            {
                using var inner = NewDisposeScope();
                using var noGrad = no_grad();
                value.Tensor.copy_(tensor(values.ToArray(), value.Shape));
                return (model.VideoFeatures(pixels) * direction).sum().to(ScalarType.Float64).item<double>();
            }
        }
    }

    private static float[] Noise(int seed, int count)
    {
        var values = new float[count];
        uint state = (uint)seed * 2654435761u;
        for (int i = 0; i < count; i++)
        {
            state = (state * 1664525) + 1013904223;
            values[i] = (state >> 8) / (float)(1 << 23) - 1;
        }

        return values;
    }
}
