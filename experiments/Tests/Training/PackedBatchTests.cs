using Aim.Experiments.Training;

namespace Aim.Experiments.Tests.Training;

public class PackedBatchTests
{
    // 9 stands for the video placeholder; 2 frames of 3 tokens and the newline take its place.
    private static readonly TrainingDocument Clip = new([5, 9, 6, 7, 8], [new(1, 2)], [1, 2],
        [new(3, "first", 0), new(4, "first", 0)]);
    private static readonly TrainingDocument Text = new([1, 2, 3], [new(1, "pair", 0), new(2, "pair", 1)]);
    private static readonly VisualRows Video = new(3, Newline: true);

    [Test]
    public void VisionTakesThePlaceholdersSlotAndShiftsTheTargets()
    {
        var batch = PackedBatch.Pack([Clip], Video);
        Assert.That(batch.Length, Is.EqualTo(11)); // 4 text + 6 visual + newline
        Assert.That(batch.TextIds, Is.EqualTo(new long[] { 5, 6, 7, 8 }));
        // Table: 4 text rows, 6 visual rows, the newline.
        Assert.That(batch.Rows, Is.EqualTo(new long[] { 0, 4, 5, 6, 7, 8, 9, 10, 1, 2, 3 }));
        Assert.That(batch.TargetIds, Is.EqualTo(new long[] { 7, 8 }));
        // The row before a target predicts it.
        Assert.That(batch.TargetRows, Is.EqualTo(new long[] { 8, 9 }));
        Assert.That(batch.Answers, Is.EqualTo(new[] { ("first", 0, 2) }));
    }

    [Test]
    public void DocumentsArePaddedOnTheRight()
    {
        var batch = PackedBatch.Pack([Text, Clip with { Shown = [] }], Video);
        Assert.That((batch.Batch, batch.Length, batch.Tokens), Is.EqualTo((2, 5, 8)));
        Assert.That(batch.Rows, Is.EqualTo(new long[] { 0, 1, 2, 0, 0, 3, 4, 5, 6, 7 }));
        Assert.That(batch.TargetRows, Is.EqualTo(new long[] { 0, 1, 7, 8 }));
        Assert.That(batch.Answers, Has.Count.EqualTo(3));
    }

    [Test]
    public void SeveralDocumentsShareOneTable()
    {
        var batch = PackedBatch.Pack([Clip, Clip], Video);
        Assert.That(batch.Frames, Is.EqualTo(4));
        Assert.That(batch.Rows[11..], Is.EqualTo(new long[] { 4, 14, 15, 16, 17, 18, 19, 20, 5, 6, 7 }));
        Assert.That(batch.Rgb, Is.EqualTo(new byte[] { 1, 2, 1, 2 }));
    }

    [Test]
    public void ADocumentMayShowSeveralPictures()
    {
        // Two pictures of two tokens, no newline: 5 P P 6 P P 7.
        var document = new TrainingDocument([5, 9, 6, 9, 7], [new(1, 1), new(3, 1)], [1, 2],
            [new(2, "pair", 0), new(4, "pair", 1)]);
        var batch = PackedBatch.Pack([document], new VisualRows(2, Newline: false));
        Assert.That(batch.Rows, Is.EqualTo(new long[] { 0, 3, 4, 1, 5, 6, 2 }));
        Assert.That(batch.TargetRows, Is.EqualTo(new long[] { 2, 5 }));
    }
}
