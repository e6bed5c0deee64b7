using Aim.Datasets;

namespace Aim.Experiments.Training;

/// <summary>
/// Documents for what forms last: finding the thing that a question names. Many questions 'is it there' and 'what comes after it' about one
/// clip, or about the same story told in words, in the wording of the lab's other documents. No question is asked twice.
/// </summary>
internal sealed class Drills(ulong seed)
{
    private const ulong Stream = 0x6472696c6c;
    private const int Questions = 10;

    /// <summary>A drill: a pure function of seed, step and item; with 0 frames the story is told in words.</summary>
    public LabDocument Draw(int step, int item, int frames)
    {
        var random = new LabRandom(Stream, seed, (ulong)step, (ulong)item);
        var clip = LabClip.Video(random, LabSplit.Train, Math.Min(LabData.MinFrames, Math.Max(4, frames)));
        List<LabSegment> segments = [];
        var asked = new HashSet<string>(StringComparer.Ordinal);
        for (var turn = 0; asked.Count < Questions; turn++)
        {
            // Afters of the first few turns may repeat each other; presence always finds something new to ask.
            var question = LabKinds.Ask(clip, random.Chance(0.3) ? "after" : "there", random, random.Below(2));
            if (!asked.Add(question.Question))
            {
                continue;
            }

            var opening = segments.Count > 0 ? "\n<|im_start|>user\n"
                : frames > 0 ? $"<|im_start|>user\n{LabDocument.Placeholder}\n"
                : $"<|im_start|>user\nfirst {string.Join(", then ", clip.Things.Select(t => t.Name))}.\n";
            segments.Add(new LabSegment($"{opening}{question.Question}<|im_end|>\n<|im_start|>assistant\n", false, ""));
            segments.Add(new LabSegment($" {question.Answer}<|im_end|>", true, question.Kind + (frames > 0 ? "" : " (told)")));
        }

        return frames > 0
            ? new LabDocument(LabSource.Clip, clip, clip.Sample(frames), segments)
            : new LabDocument(LabSource.Text, null, [], segments);
    }
}
