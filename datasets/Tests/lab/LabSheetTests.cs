namespace Aim.Datasets.Tests.Lab;

public class LabSheetTests
{
    [Test]
    public void ShowsTheFramesPixelForPixel()
    {
        string path = Path.Combine(TestContext.CurrentContext.WorkDirectory, $"{Guid.NewGuid():N}.png");
        var samples = LabData.Test(LabSplit.Test, 2, 16);
        LabSheet.Write(path, samples);
        var sheet = PngFile.Read(path);
        File.Delete(path);
        byte[] rgb = sheet.ToRgb(), tenth = samples[0].Clip.Frames(samples[0].FrameIndices[9]);
        for (int y = 0; y < 96; y++)                    // the tenth frame: second row, second column
            Assert.That(rgb.AsSpan(((8 + 98 + y) * sheet.Width + 8 + 98) * 3, 288).SequenceEqual(tenth.AsSpan(y * 288, 288)),
                $"row {y}");
        Assert.That(() => LabSheet.Write(path, Array.Empty<LabSample>()), Throws.ArgumentException);
    }

    [Test]
    public void WritesQuestionsAsText()
    {
        var rgb = new byte[40 * 10 * 3];
        PixelFont.Draw(rgb, 40, 1, 1, "L?", (9, 9, 9));
        var rows = Enumerable.Range(1, 7)
            .Select(y => string.Concat(Enumerable.Range(1, 11).Select(x => rgb[(y * 40 + x) * 3] == 9 ? '#' : '.')));
        Assert.That(rows, Is.EqualTo(new[]
        {
            "#......###.", "#.....#...#", "#.........#", "#........#.", "#.......#..", "#..........", "#####...#..",
        }));
    }

    [Test]
    public void EveryWordOfTheLabHasGlyphs()
    {
        var blank = new byte[6 * 8 * 3];
        var unknown = new byte[6 * 8 * 3];
        PixelFont.Draw(unknown, 6, 0, 0, "\u0001", (1, 1, 1));
        foreach (char c in LabTokenizer.SpacedWords.SelectMany(word => word).Concat("0123456789.,:?-=>").Distinct())
        {
            var drawn = (byte[])blank.Clone();
            PixelFont.Draw(drawn, 6, 0, 0, c.ToString(), (1, 1, 1));
            Assert.That(drawn, Is.Not.EqualTo(unknown), c.ToString());
        }
    }

    [Test]
    public void BreaksLinesAtSpaces() =>
        Assert.That(PixelFont.Wrap("aa bb ccccccc d", 5 * PixelFont.Advance), Is.EqualTo(new[] { "aa bb", "ccccccc", "d" }));
}
