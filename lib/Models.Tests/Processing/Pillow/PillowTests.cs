namespace Aim.Models.Tests.Processing.Pillow;

/// <summary>
/// Pillow's operations where the fixtures do not reach: shapes, refusals, the plain code beside the vector code.
/// </summary>
public sealed class PillowTests
{
    // The definition, of one sample: 22-bit weights, horizontal first, bytes between the passes.
    [Test]
    public void Resizing_of_any_shape_is_the_plain_sum([Values(1, 2, 3, 4)] int channels, [Values(1, 5, 16, 37)] int width)
    {
        var source = Noise(9, 23, channels, opaque: true);
        var resized = source.Resize(13, width, ResampleFilter.Lanczos);
        int[] columns = new ResampleWeights(23, 0, 23, width, ResampleFilter.Lanczos).Fixed(22);
        int[] rows = new ResampleWeights(9, 0, 9, 13, ResampleFilter.Lanczos).Fixed(22);
        var across = new ResampleWeights(23, 0, 23, width, ResampleFilter.Lanczos);
        var down = new ResampleWeights(9, 0, 9, 13, ResampleFilter.Lanczos);
        int Clip(long sum) => (int)Math.Clamp((sum + (1 << 21)) >> 22, 0, 255);
        for (int y = 0; y < 13; y++)
        {
            for (int x = 0; x < width; x++)
            {
                for (int c = 0; c < channels; c++)
                {
                    int Column(int row) => Clip(columns[across.At(x)].Select((w, i)
                        => (long)w * source.Samples[(row * 23 + across.First(x) + i) * channels + c]).Sum());
                    int expected = Clip(rows[down.At(y)].Select((w, i) => (long)w * Column(down.First(y) + i)).Sum());
                    Assert.That(resized.Samples[(y * width + x) * channels + c], Is.EqualTo(expected));
                }
            }
        }
    }

    [Test]
    public void A_size_that_stays_is_the_same_picture()
    {
        var picture = Noise(4, 5, 3);
        Assert.That(picture.Resize(4, 5, ResampleFilter.Bicubic), Is.SameAs(picture));
        Assert.That(picture.Rotate(0, ResampleFilter.Bilinear), Is.SameAs(picture));
        Assert.That(picture.Rotate(360, ResampleFilter.Nearest), Is.SameAs(picture));
    }

    [Test]
    public void Turns_come_back([Range(1, 8)] int orientation)
    {
        var turn = (Transposition)orientation;
        var picture = Noise(4, 7, 3);
        var back = turn switch
        {
            Transposition.Rotate90 => Transposition.Rotate270,
            Transposition.Rotate270 => Transposition.Rotate90,
            _ => turn,
        };
        Assert.That(picture.Turn(turn).Turn(back).Samples, Is.EqualTo(picture.Samples));
    }

    [Test]
    public void What_makes_no_sense_is_refused()
    {
        var picture = Noise(4, 5, 3);
        void Refuses(Action action, string reason) => Assert.That(action, Throws.ArgumentException.With.Message.Contains(reason));
        Refuses(() => picture.Resize(0, 5, ResampleFilter.Box), "5 x 0");
        Refuses(() => picture.Resize(2, 2, ResampleFilter.Box, (0, 0, 6, 4)), "5 x 4 pixels");
        Assert.That(() => picture.Resize(2, 2, ResampleFilter.Box, (float.NaN, 0, 5, 4)), Throws.ArgumentException);
        Refuses(() => picture.Rotate(10, ResampleFilter.Lanczos), "Lanczos");
        Refuses(() => picture.Rotate(10, ResampleFilter.Nearest, fill: [1]), "1 bytes");
        Assert.That(() => picture.Reduce(0, 1), Throws.ArgumentException);
        Assert.That(() => picture.Over(picture), Throws.ArgumentException);
        Assert.That(() => picture.Blend(Noise(4, 4, 3), 0.5f), Throws.ArgumentException);
        Assert.That(() => picture.Paste(picture, picture, 0, 0), Throws.ArgumentException);
    }

    [TestCase(9, 9, 2, 2)]
    [TestCase(-9, 0, 2, 2)]
    public void Pasting_outside_changes_nothing(int left, int top, int height, int width)
    {
        var picture = Noise(4, 5, 3);
        var mask = new Raster(height, width, 1, [.. Enumerable.Repeat((byte)255, height * width)]);
        Assert.That(picture.Paste(Noise(height, width, 3), mask, left, top).Samples, Is.EqualTo(picture.Samples));
    }

    private static Raster Noise(int height, int width, int channels, bool opaque = false)
    {
        var picture = new Raster(height, width, channels);
        new Random(height * width).NextBytes(picture.Samples);
        for (int at = channels - 1; opaque && picture.HasAlpha && at < picture.Samples.Length; at += channels)
            picture.Samples[at] = 255;
        return picture;
    }
}
