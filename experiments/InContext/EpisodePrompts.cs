using Aim.Datasets;
using Aim.Fusion;
using Aim.Models;

namespace Aim.Experiments.InContext;

/// <summary>Episodes and stories as the prompts of a condition.</summary>
/// <param name="host">The model.</param>
/// <param name="source">Reads demonstrations.</param>
/// <param name="condition">The condition.</param>
/// <param name="projection">Its projection; null: aggregates as they are.</param>
internal sealed class EpisodePrompts(MultimodalFusionHost host, IAggregateSource source, Condition condition,
    FusionProjection? projection)
{
    private const byte Grey = 127;

    private readonly PictureReducer? _reducer = condition.Reduction is { } reduction ? new(host.Model, reduction) : null;

    /// <summary>The model.</summary>
    public MultimodalFusionHost Host => host;

    /// <summary>The condition.</summary>
    public Condition Condition => condition;

    /// <summary>How a picture that stands in the prompt becomes a part; null: as the host makes it.</summary>
    public Func<RgbImage, FusionPart>? See => _reducer is null ? null : _reducer.See;

    /// <summary>What prunes a batch of prompts; null: nothing does.</summary>
    public ITokenPruner? Pruner(int prompts) => _reducer?.Pruner(prompts);

    /// <summary>An episode's prompt at a number of shots.</summary>
    /// <param name="episode">The episode.</param>
    /// <param name="other">Another, whose pictures a shuffled condition shows.</param>
    /// <param name="shots">How many demonstrations.</param>
    public PackedSequence Of(LabEpisode episode, LabEpisode other, int shots)
    {
        int[] order = Order(episode, shots);
        return Of([.. order.Select(i => episode.Shots[i])], [.. order.Select(i => other.Shots[i])], episode.Query);
    }

    /// <summary>The prompt of a question behind some shots.</summary>
    /// <param name="shown">The shots, in their order.</param>
    /// <param name="others">As many others, whose pictures a shuffled condition shows.</param>
    /// <param name="query">The question.</param>
    public PackedSequence Of(IReadOnlyList<LabShot> shown, IReadOnlyList<LabShot> others, LabShot query)
    {
        var (picture, text) = (StoryDocuments.Picture(query.Picture), query.Instruction);
        return condition.Form switch
        {
            Form.Raw => InContextPrompt.Raw(host, Demonstrations(shown, others), picture, text, See),
            Form.Text => InContextPrompt.TextOnly(host,
                [.. shown.Select(s => new Demonstration(null, s.Instruction, s.Answer + s.Closing))], picture, text, See),
            Form.Words => InContextPrompt.TextOnly(
                host, [.. shown.Select(s => new Demonstration(null, s.Words + s.Instruction, s.Answer + s.Closing))], picture,
                    text, See),
            _ => InContextPrompt.Fused(host, Fuse(source, Demonstrations(shown, others)), picture, text, See),
        };
    }

    /// <summary>Shots as demonstrations with the condition's pictures.</summary>
    public Demonstration[] Demonstrations(IReadOnlyList<LabShot> shown, IReadOnlyList<LabShot> others) =>
    [
        .. shown.Select((shot, i) => StoryDocuments.Demonstration(shot, condition.Pictures switch
        {
            Pictures.Shuffled => StoryDocuments.Picture(others[i].Picture),
            Pictures.Blank => Blank(),
            _ => null,
        })),
    ];

    /// <summary>Fused virtual tokens of demonstrations, <c>[text tokens, dim]</c> each.</summary>
    public Tensor[] Fuse(IAggregateSource from, IReadOnlyList<Demonstration> demonstrations)
        => [.. from.Aggregate(demonstrations).Select(a => projection?.Forward(a) ?? a)];

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
