using Aim.Parity;

namespace Aim.Datasets.Tests.Images;

/// <summary>What Pillow reads is read to the bit, what is broken is refused or read as a sane reader would.</summary>
public class DecodeFixtureTests
{
    private static readonly string Folder = Path.Combine(TestContext.CurrentContext.TestDirectory, "Fixtures", "decode");

    private static IEnumerable<TestCaseData> Cases()
        => new DecodeKind().Find(Folder).Select(c => new TestCaseData(c).SetArgDisplayNames(c.Name));

    [TestCaseSource(nameof(Cases))]
    public void EqualsPillow(IParityCase picture)
    {
        var result = picture.Run();
        Assert.That(result.Status, Is.EqualTo(CaseStatus.Pass), CaseReport.Line(result));

        // No more than the fixtures' tolerance is asked for, but the decoder is libjpeg to the bit.
        Assert.That(result.Differences.Max(d => d.Abs as double?) ?? 0, Is.Zero);
    }

    [Test]
    public void AllCasesAreThere() => Assert.That(Cases().Count(), Is.EqualTo(198));

    [TestCase("bad_is_gif.png", "GIF is not supported")]
    [TestCase("bad_no_plte.png", "palette")]
    [TestCase("bad_crc_idat.png", "IDAT is damaged")]
    [TestCase("bad_short_data.png", "the data ends after 125 of 200 bytes")]
    [TestCase("bad_bomb_50000.png", "50000 x 50000 pixels")]
    [TestCase("bad_bomb_12000.png", "12000 x 12000 pixels")]
    [TestCase("bad_filter_byte.png", "filter 5")]
    [TestCase("bad_sof_huge.jpg", "65535 x 65535 pixels")]
    [TestCase("bad_sof_precision.jpg", "12 bits a sample")]
    [TestCase("bad_truncated_60.jpg", "data end after")]
    [TestCase("bad_no_eoi.jpg", "cut off")]
    [TestCase("bad_no_dqt.jpg", "quantisation table 0 is not defined")]
    [TestCase("bad_text.png", "neither a PNG nor a JPEG")]
    [TestCase("none.png", "no such file")]
    public void SaysWhatIsWrongInOneLine(string file, string reason)
    {
        string path = Path.Combine(Folder, file);
        Assert.That(() => PictureFile.Read(path), Throws.TypeOf<PictureException>()
            .With.Message.StartsWith(path).And.Message.Contains(reason).And.Message.Not.Contains("\n"));
    }

    // All frames of the kinds that no test file has: their marker alone must be enough.
    [TestCase(0xC3, "SOF3")]
    [TestCase(0xC9, "SOF9")]
    public void NamesAProcessThatIsNotSupported(int marker, string name)
    {
        byte[] file = File.ReadAllBytes(Path.Combine(Folder, "jpeg_q90_444.jpg"));
        int at = file.AsSpan().IndexOf((ReadOnlySpan<byte>)[0xFF, 0xC0]);
        file[at + 1] = (byte)marker;
        Assert.That(() => PictureFile.Read(file, "memory"), Throws.TypeOf<PictureException>().With.Message.Contains(name));
    }
}
