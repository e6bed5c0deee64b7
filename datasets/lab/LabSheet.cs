namespace Aim.Datasets;

/// <summary>Contact sheets: what the model sees and what it is asked, as one picture.</summary>
public static class LabSheet
{
    private const int FramesInRow = 8, Gap = 2, Margin = 8;
    private const int Width = 2 * Margin + FramesInRow * (LabWorld.Canvas + Gap) - Gap;
    private static readonly (byte, byte, byte) Ink = (20, 20, 20), AnswerInk = (0, 90, 160);

    /// <summary>Writes a PNG file: for each sample its frames, eight a row, then id, question and answer.</summary>
    /// <exception cref="ArgumentException">No samples, or more than a picture can hold.</exception>
    public static void Write(string path, IReadOnlyList<LabSample> samples) =>
        Write(path, [.. samples.Select(s => (s.Frames(), s.FrameIndices.Length, Lines(s)))]);

    /// <summary>The same of training documents, with every turn.</summary>
    /// <exception cref="ArgumentException">No documents, or more than a picture can hold.</exception>
    public static void Write(string path, IReadOnlyList<LabDocument> documents) =>
        Write(path, [.. documents.Select(d => (d.Frames(), d.FrameIndices.Length, Lines(d)))]);

    private static IReadOnlyList<string> Lines(LabSample sample)
    {
        string before = sample.Before.Length > 0
            ? $"{sample.Before} ({(sample.Medium == LabMedium.Image ? "picture" : "frames")}) " : "";
        return [$"{sample.Id}: {before}{sample.Question}", $"=> {sample.Answer}"];
    }

    private static IReadOnlyList<string> Lines(LabDocument document) =>
    [
        .. document.Text.Replace("<|im_start|>user\n", "").Replace("<|im_end|>", "").Replace(LabDocument.Placeholder, "(frames)")
            .Replace(LabDocument.ImagePlaceholder, "(picture)").Replace("(frames)\n", "(frames) ")
            .Replace("(picture)\n", "(picture) ")
            .Replace("\n<|im_start|>assistant\n ", "\n=> ").Split('\n'),
    ];

    private static void Write(string path, IReadOnlyList<(byte[] Rgb, int Frames, IReadOnlyList<string> Lines)> blocks)
    {
        var wrapped = blocks
            .Select(block => block.Lines.SelectMany(line => PixelFont.Wrap(line, Width - 2 * Margin)).ToList()).ToList();
        int height = Margin + blocks.Select((block, i) => BlockHeight(block.Frames, wrapped[i].Count)).Sum();
        if (blocks.Count == 0 || (long)height * Width > PictureFile.MaxPixels)
            throw new ArgumentException(
                $"a contact sheet holds 1 sample or more, and {PictureFile.MaxPixels / Width} rows of pixels; these are "
                    + $"{blocks.Count} samples, {height} rows");
        var sheet = new byte[height * Width * 3];
        Array.Fill(sheet, (byte)245);
        int top = Margin;
        for (int i = 0; i < blocks.Count; i++)
        {
            for (int frame = 0; frame < blocks[i].Frames; frame++)
                Paste(sheet, blocks[i].Rgb, frame,
                    Margin + frame % FramesInRow * (LabWorld.Canvas + Gap), top + frame / FramesInRow * (LabWorld.Canvas + Gap));
            int y = top + Rows(blocks[i].Frames) * (LabWorld.Canvas + Gap) + Gap;
            foreach (string line in wrapped[i])
            {
                PixelFont.Draw(sheet, Width, Margin, y, line, line.StartsWith("=>", StringComparison.Ordinal) ? AnswerInk : Ink);
                y += PixelFont.Line;
            }
            top += BlockHeight(blocks[i].Frames, wrapped[i].Count);
        }
        PngFile.Write(path, Width, height, sheet);
    }

    private static int Rows(int frames) => (frames + FramesInRow - 1) / FramesInRow;

    private static int BlockHeight(int frames, int lines) =>
        Rows(frames) * (LabWorld.Canvas + Gap) + Gap + lines * PixelFont.Line + Margin;

    private static void Paste(byte[] sheet, byte[] rgb, int frame, int left, int top)
    {
        const int row = LabWorld.Canvas * 3;
        for (int y = 0; y < LabWorld.Canvas; y++)
            rgb.AsSpan(frame * LabCanvas.Bytes + y * row, row).CopyTo(sheet.AsSpan(((top + y) * Width + left) * 3));
    }
}
