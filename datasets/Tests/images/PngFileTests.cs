using System.Security.Cryptography;
using System.Text.Json;

namespace Aim.Datasets.Tests.Images;

/// <summary>Good and broken files: what Pillow reads is read to the byte, what the standard forbids is refused in one line.</summary>
public class PngFileTests
{
    private static readonly string Folder = Path.Combine(TestContext.CurrentContext.TestDirectory, "Fixtures", "png");
    private static readonly JsonElement Cases = JsonDocument.Parse(File.ReadAllText(Path.Combine(Folder, "cases.json"))).RootElement;

    private static IEnumerable<TestCaseData> Good() =>
        Cases.GetProperty("good").EnumerateArray().Select(c => new TestCaseData(c).SetArgDisplayNames(c.GetProperty("file").GetString()!));

    private static IEnumerable<TestCaseData> Bad() =>
        Cases.GetProperty("bad").EnumerateArray().Select(c => new TestCaseData(c).SetArgDisplayNames(c.GetProperty("file").GetString()!));

    [TestCaseSource(nameof(Good))]
    public void ReadsWhatPillowReads(JsonElement expected)
    {
        string path = Path.Combine(Folder, expected.GetProperty("file").GetString()!);
        if (!expected.GetProperty("read").GetBoolean())
        {
            Assert.That(() => PngFile.Read(path), Throws.TypeOf<PngException>().With.Message.Contains("read"));
            return;
        }
        var image = PngFile.Read(path);
        Assert.That((image.Width, image.Height), Is.EqualTo((expected.GetProperty("width").GetInt32(), expected.GetProperty("height").GetInt32())));
        Assert.That(Sha(image.ToRgb()), Is.EqualTo(expected.GetProperty("rgb").GetString()));
        if (expected.GetProperty("rgba").GetString() is { } rgba)
            Assert.That(Sha(image.Rgba), Is.EqualTo(rgba));
        else
            Assert.That(image.HasAlpha, Is.False);
    }

    [TestCaseSource(nameof(Bad))]
    public void RefusesOrReadsBrokenFilesAsASaneReaderShould(JsonElement broken)
    {
        string path = Path.Combine(Folder, broken.GetProperty("file").GetString()!), sane = broken.GetProperty("sane").GetString()!;
        long before = GC.GetAllocatedBytesForCurrentThread();
        if (sane.StartsWith("accept, ", StringComparison.Ordinal))
            Assert.That(PngFile.Read(path).Width, Is.GreaterThan(0));
        else
            Assert.That(() => PngFile.Read(path), Throws.TypeOf<PngException>()
                .With.Message.Contains(path).And.Message.Not.Contains("\n"), sane);
        Assert.That(GC.GetAllocatedBytesForCurrentThread() - before, Is.LessThan(4 << 20), "memory taken for a small file");
    }

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
        Assert.That(alpha ? image.Rgba : image.ToRgb(), Is.EqualTo(pixels));
    }

    [FsCheck.NUnit.Property(MaxTest = 2000)]
    public void ADamagedFileIsRefusedOrReadButNeverCrashes(ulong seed)
    {
        var random = new LabRandom(seed);
        byte[] file = File.ReadAllBytes(Path.Combine(Folder, random.Chance(0.5) ? "png_ct3_d8_trns.png" : "png_ct6_d8.png"));
        for (int flips = random.Between(1, 4); flips > 0; flips--)
            file[random.Below(file.Length)] = (byte)random.Bits();
        if (random.Chance(0.2))
            file = file[..random.Below(file.Length)];
        try
        {
            PngFile.Read(file, "memory");
        }
        catch (PngException e)
        {
            Assert.That(e.Message, Does.StartWith("memory: "));
        }
    }

    [TestCase("bad_is_gif.png", "a GIF file")]
    [TestCase("bad_no_plte.png", "palette")]
    [TestCase("bad_crc_idat.png", "IDAT is damaged")]
    [TestCase("bad_short_data.png", "the data ends after 125 of 200 bytes")]
    [TestCase("bad_bomb_50000.png", "50000 x 50000 pixels")]
    [TestCase("bad_filter_byte.png", "filter 5")]
    [TestCase("png_ct2_d16.png", "16 bits a sample; only 8 are read")]
    [TestCase("png_2x2_interlaced.png", "interlaced")]
    public void SaysWhatIsWrong(string file, string reason) =>
        Assert.That(() => PngFile.Read(Path.Combine(Folder, file)), Throws.TypeOf<PngException>().With.Message.Contains(reason));

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

    private static string Sha(byte[] data) => Convert.ToHexStringLower(SHA256.HashData(data));
}
