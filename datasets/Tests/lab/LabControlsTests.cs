namespace Aim.Datasets.Tests.Lab;

public class LabControlsTests
{
    private const int FrameBytes = 96 * 96 * 3;
    private static readonly IReadOnlyList<LabSample> Samples = LabData.Test(LabSplit.Test, 160, 8);

    [Test]
    public void BlankFramesShowNothing() =>
        Assert.That(LabControls.Frames(Samples[0], LabControl.Blank), Has.Length.EqualTo(8 * FrameBytes).And.All.EqualTo(128));

    [Test]
    public void OneFrameIsTheMiddleOneInEveryPlace()
    {
        byte[] frames = LabControls.Frames(Samples[0], LabControl.OneFrame), middle = Samples[0].Clip.Frames(36);
        for (int i = 0; i < 8; i++)
            Assert.That(frames.AsSpan(i * FrameBytes, FrameBytes).SequenceEqual(middle), $"frame {i}");
    }

    [Test]
    public void ShufflingReordersTheSameFrames()
    {
        foreach (var sample in Samples)
        {
            int[] order = LabControls.Shuffle(sample);
            Assert.That(order, Is.EquivalentTo(Enumerable.Range(0, 8)).And.Not.Ordered);
            Assert.That(LabControls.Shuffle(sample), Is.EqualTo(order));
        }
        byte[] frames = LabControls.Frames(Samples[0], LabControl.Shuffled);
        int first = LabControls.Shuffle(Samples[0])[0];
        Assert.That(frames.AsSpan(0, FrameBytes).SequenceEqual(Samples[0].Frames().AsSpan(first * FrameBytes, FrameBytes)));
    }

    [Test]
    public void TextOnlyHasNeitherFramesNorPlaceholder()
    {
        Assert.That(LabControls.Frames(Samples[0], LabControl.TextOnly), Is.Empty);
        Assert.That(LabControls.Prompt(Samples[0], LabControl.TextOnly),
            Does.Not.Contain("<video>").And.Contains(Samples[0].Question));
        Assert.That(LabControls.Prompt(Samples[0], LabControl.Blank),
            Is.EqualTo($"<|im_start|>user\n<video>\n{Samples[0].Question}<|im_end|>\n<|im_start|>assistant\n"));
    }

    [Test]
    public void MajorityAnswersFromWhatWasSeen()
    {
        var majority = LabControls.Majority(LabData.Test(LabSplit.Validation, 400, 8), Samples);
        Assert.That(majority.Select(m => m.Kind), Is.EquivalentTo(LabKinds.Test));
        var there = majority.Single(m => m.Kind == "there");
        Assert.That((there.Samples, there.Correct), Is.EqualTo((10, 5)));
        foreach (var (kind, answer, samples, correct) in majority)
            Assert.That(correct, Is.EqualTo(Samples.Count(s => s.Kind == kind && s.Answer == answer)));
    }

    [Test]
    public void ControlsHoldForPicturesAndForEveryKindOfClip()
    {
        var samples = LabData.Pictures(LabSplit.Test, LabKinds.Picture.Count)
            .Concat(LabData.Test(LabSplit.Test, LabKinds.Clip.Count, 8, LabKinds.Clip));
        foreach (var sample in samples)
        {
            byte[] frames = sample.Frames();
            foreach (var control in Enum.GetValues<LabControl>())
            {
                byte[] shown = LabControls.Frames(sample, control);
                Assert.That(shown, Has.Length.EqualTo(control == LabControl.TextOnly ? 0 : frames.Length), sample.Id);
                Assert.That(shown.AsSpan().SequenceEqual(frames),
                    Is.EqualTo(control == LabControl.None || !LabControls.Applies(sample, control)), $"{sample.Id} {control}");
                string prompt = LabControls.Prompt(sample, control);
                Assert.That(prompt.Contains(LabDocument.PlaceholderOf(sample.Medium), StringComparison.Ordinal),
                    Is.EqualTo(control != LabControl.TextOnly), sample.Id);
                Assert.That(prompt, Does.Contain(sample.Question).And.Contains(sample.Before));
            }
            Assert.That(LabControls.Prompt(sample, LabControl.None), Is.EqualTo(sample.Prompt));
        }
    }

    [Test]
    public void ARuleStandsBeforeThePicture() => Assert.That(LabData.Pictures(LabSplit.Test, 1, ["rule"])[0].Prompt,
        Does.Match(@"^<\|im_start\|>user\ncodes: [a-z ,]+\.\n<image>\nwhat is the code\?<\|im_end\|>\n"
            + @"<\|im_start\|>assistant\n$"));
}
