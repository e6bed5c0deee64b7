using System.Security.Cryptography;
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

    // Samplings and scans that the fixtures lack. The hashes are of `djpeg -dct int -pnm` (libjpeg-turbo 2.1.5).
    [TestCase("1x2.jpg", "dea451b43ab6b9b450a4f92ff9b177ac6ac3dc228d542c16ac4d11acf425e92e")]
    [TestCase("1x4_restart.jpg", "0f78a925b97197540ca8b1c864be728acc6798e53971cd0648417204df21916a")]
    [TestCase("2x2_1x1_2x1.jpg", "e5febac924bc565e55fe469ade749a26448db52a098adc10c5c88e1629fbbcd4")]
    [TestCase("2x4_progressive_restart.jpg", "c75f0fd5826864ba05c1334cc02962f6de3029c1d687523ba86883f65f5011cc")]
    [TestCase("4x1_progressive.jpg", "c792c04f7455b6756060da952d988121cc0775e1762b6ec0b42bfcedc3c88030")]
    [TestCase("thirteen_scans_progressive.jpg", "cc289ebf5c1839e36bf2a24cf164fd64beba2aafcf2f1ccd7c927615190a48d2")]
    [TestCase("two_scans_baseline.jpg", "4b2c92cc8a99207a677eee0125b86adc3b74ab17ff20765ea1c2664077253bb2")]
    public void EqualsLibjpeg(string file, string sha256)
    {
        byte[] rgb = PictureFile.Read(Path.Combine(Folder, "..", "jpeg", file)).ToRgb();
        Assert.That(Convert.ToHexStringLower(SHA256.HashData(rgb)), Is.EqualTo(sha256));
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
