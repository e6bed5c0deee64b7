using Aim.Datasets;
using Aim.Fusion;
using Aim.Models;

namespace Aim.Experiments.InContext;

/// <summary>Episodes as the prompts of a condition.</summary>
/// <param name="source">Reads demonstrations.</param>
/// <param name="condition">The condition.</param>
/// <param name="projection">Its projection; null: aggregates as they are.</param>
internal sealed class EpisodePrompts(IAggregateSource source, Condition condition, FusionProjection? projection)
{
    private const byte Grey = 127;

    /// <summary>An episode's prompt at a number of shots.</summary>
    /// <param name="episode">The episode.</param>
    /// <param name="other">Another, whose pictures a shuffled condition shows.</param>
    /// <param name="shots">How many demonstrations.</param>
    public PackedSequence Of(LabEpisode episode, LabEpisode other, int shots)
    {
        var host = source.Host;
        LabShot[] shown = [.. episode.Shots.Take(shots)];
        RgbImage[] pictures = [.. shown.Select((s, i) => condition.Pictures switch
        {
            Pictures.Shuffled => StoryDocuments.Picture(other.Shots[i].Picture),
            Pictures.Blank => Blank(),
            _ => StoryDocuments.Picture(s.Picture),
        })];
        int[] order = Order(episode, shots);
        (shown, pictures) = ([.. order.Select(i => shown[i])], [.. order.Select(i => pictures[i])]);
        Demonstration[] demonstrations = [.. shown.Zip(pictures, StoryDocuments.Demonstration)];
        var (query, text) = (StoryDocuments.Picture(episode.Query.Picture), episode.Query.Instruction);
        return condition.Form switch
        {
            Form.Raw => InContextPrompt.Raw(host, demonstrations, query, text),
            Form.Text => InContextPrompt.TextOnly(host, demonstrations, query, text),
            Form.Words => InContextPrompt.TextOnly(
                host, [.. shown.Select(s => new Demonstration(null, s.Words + s.Instruction, s.Answer + s.Closing))], query, text),
            _ => InContextPrompt.Fused(
                host, [.. source.Aggregate(demonstrations).Select(a => projection?.Forward(a) ?? a)], query, text),
        };
    }

    private int[] Order(LabEpisode episode, int shots) => condition.Order == 0
        ? [.. Enumerable.Range(0, shots)]
        : new LabRandom((ulong)condition.Order, (ulong)episode.Task, (ulong)episode.Index).Distinct(shots, shots);

    private static RgbImage Blank()
    {
        byte[] rgb = new byte[LabWorld.Canvas * LabWorld.Canvas * 3];
        Array.Fill(rgb, Grey);
        return new RgbImage(LabWorld.Canvas, LabWorld.Canvas, rgb);
    }
}
