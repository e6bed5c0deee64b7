namespace Aim.Datasets.Tests.Images;

/// <summary>Writing PNG; <see cref="DecodeFixtureTests"/> read it.</summary>
public class PngFileTests
{
    [FsCheck.NUnit.Property(MaxTest = 200)]
    public void WritesWhatItReads(byte width, byte height, bool alpha, ulong seed)
    {
        int w = width % 40 + 1, h = height % 40 + 1;
        var random = new LabRandom(seed);
        var pixels = new byte[w * h * (alpha ? 4 : 3)];
        foreach (ref byte value in pixels.AsSpan())
            value = (byte)random.Bits();
        var image = PngFile.Read(PngFile.Encode(w, h, pixels), "memory");
        Assert.That(image.HasAlpha, Is.EqualTo(alpha));
        Assert.That(image.Samples, Is.EqualTo(pixels));
    }

    [Test]
    public void WritesFilesAtomically()
    {
        string path = Path.Combine(TestContext.CurrentContext.WorkDirectory, $"{Guid.NewGuid():N}.png");
        PngFile.Write(path, 2, 1, [1, 2, 3, 4, 5, 6]);
        Assert.That(PngFile.Read(path).ToRgb(), Is.EqualTo(new byte[] { 1, 2, 3, 4, 5, 6 }));
        Assert.That(File.Exists(path + ".tmp"), Is.False);
        File.Delete(path);
        Assert.That(() => PngFile.Encode(2, 2, new byte[5]), Throws.ArgumentException.With.Message.Contains("2 x 2"));
    }
}
