using System.Buffers.Binary;

namespace Aim.Datasets.Tests.Images;

/// <summary>What a decoded picture does; files that no encoder at hand writes.</summary>
public class PictureTests
{
    // Two rows of three: 1 2 3 over 4 5 6, as it looks after each orientation.
    [TestCase(1, 3, "123456")]
    [TestCase(2, 3, "321654")]
    [TestCase(3, 3, "654321")]
    [TestCase(4, 3, "456123")]
    [TestCase(5, 2, "142536")]
    [TestCase(6, 2, "415263")]
    [TestCase(7, 2, "635241")]
    [TestCase(8, 2, "362514")]
    [TestCase(99, 3, "123456")]
    public void TurnsUprightByItsOrientation(int orientation, int width, string expected)
    {
        byte[] samples = [.. "123456".SelectMany(c => new byte[] { (byte)c, 0, 1 })];
        var upright = new Picture(3, 2, samples, orientation).Upright();
        Assert.That((upright.Width, upright.Height, upright.Orientation), Is.EqualTo((width, 6 / width, 1)));
        Assert.That(string.Concat(upright.Samples.Where((_, i) => i % 3 == 0).Select(b => (char)b)), Is.EqualTo(expected));
    }

    [Test]
    public void DropsAndAddsAlpha()
    {
        Assert.That(new Picture(1, 1, [1, 2, 3, 4]).ToRgb(), Is.EqualTo(new byte[] { 1, 2, 3 }));
        Assert.That(new Picture(1, 1, [1, 2, 3]).ToRgba(), Is.EqualTo(new byte[] { 1, 2, 3, 255 }));
        Assert.That(() => new Picture(2, 1, new byte[7]), Throws.ArgumentException);
    }

    [TestCase(true, 3, 1, 6, 6)]
    [TestCase(false, 3, 1, 6, 6)]
    [TestCase(true, 3, 1, 0, 1)]
    [TestCase(true, 3, 2, 6, 1)]
    [TestCase(true, 2, 1, 6, 1)]
    public void ReadsExifInBothByteOrders(bool little, int type, int count, int value, int expected)
    {
        var block = new byte[26];
        ((ReadOnlySpan<byte>)(little ? "II"u8 : "MM"u8)).CopyTo(block);
        void Write(int at, int number, int bytes)
        {
            Span<byte> word = stackalloc byte[4];
            BinaryPrimitives.WriteInt32BigEndian(word, number);
            word = word[^bytes..];
            if (little)
                word.Reverse();
            word.CopyTo(block.AsSpan(at));
        }

        Write(2, 42, 2);
        Write(4, 8, 4);
        Write(8, 1, 2);
        Write(10, 0x112, 2);
        Write(12, type, 2);
        Write(14, count, 4);
        Write(18, value, 2);
        Assert.That(Exif.Orientation(block), Is.EqualTo(expected));
        Assert.That(Exif.Orientation([.. "Exif\0\0"u8, .. block]), Is.EqualTo(expected));
        for (int length = 0; length < block.Length; length++)
            Assert.That(Exif.Orientation(block.AsSpan(0, length)), Is.AnyOf(1, expected));
    }

    // The transform against the textbook's formula: libjpeg's fixed point is within one level of it.
    [Test]
    public void TheTransformIsTheInverseCosineTransform()
    {
        var random = new LabRandom(5);
        short[] steps = [.. Enumerable.Range(1, 64).Select(i => (short)(1 + i % 7))];
        for (int repeat = 0; repeat < 50; repeat++)
        {
            short Coefficient(int i) => (short)(i > 8 && random.Chance(0.6) ? 0 : random.Between(-60, 60));
            short[] block = [.. Enumerable.Range(0, 64).Select(Coefficient)];
            var samples = new byte[64];
            JpegTransform.Inverse(block, steps, samples, 8);
            for (int i = 0; i < 64; i++)
            {
                double sum = 0;
                for (int k = 0; k < 64; k++)
                {
                    double across = Math.Cos((2 * (i % 8) + 1) * (k % 8) * Math.PI / 16) * (k % 8 == 0 ? Math.Sqrt(0.5) : 1);
                    double down = Math.Cos((2 * (i / 8) + 1) * (k / 8) * Math.PI / 16) * (k / 8 == 0 ? Math.Sqrt(0.5) : 1);
                    sum += block[k] * steps[k] * across * down / 4;
                }

                Assert.That(samples[i], Is.EqualTo(Math.Clamp(sum + 128, 0, 255)).Within(1));
            }
        }
    }

    // A wide row takes the vector code for its middle and the plain code for its end.
    [Test]
    public void ColoursAreThePlainFormulasAtAnyWidth([Values(1, 7, 9, 10, 18, 19, 100)] int width)
    {
        var random = new LabRandom((ulong)width);
        byte[] Plane() => [.. Enumerable.Range(0, width + 16).Select(_ => (byte)random.Bits())];
        byte[] y = Plane(), cb = Plane(), cr = Plane(), rgb = new byte[width * 3];
        JpegColour.ToRgb(y, cb, cr, rgb);
        for (int x = 0; x < width; x++)
        {
            double[] expected =
            [
                y[x] + 1.402 * (cr[x] - 128),
                y[x] - 0.344136286 * (cb[x] - 128) - 0.714136286 * (cr[x] - 128),
                y[x] + 1.772 * (cb[x] - 128),
            ];
            for (int c = 0; c < 3; c++)
                Assert.That(rgb[x * 3 + c], Is.EqualTo(Math.Clamp(expected[c], 0, 255)).Within(0.51));
        }
    }
}
