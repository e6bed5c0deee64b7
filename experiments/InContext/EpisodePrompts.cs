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
    /// <param name="seen">Pictures that other prompts show too; null: none.</param>
    public PackedSequence Of(LabEpisode episode, LabEpisode other, int shots, SeenPictures? seen = null)
    {
        int[] order = Order(episode, shots);
        return Of([.. order.Select(i => episode.Shots[i])], [.. order.Select(i => other.Shots[i])], episode.Query, seen);
    }

    /// <summary>The prompt of a question behind some shots.</summary>
    /// <param name="shown">The shots, in their order.</param>
    /// <param name="others">As many others, whose pictures a shuffled condition shows.</param>
    /// <param name="query">The question.</param>
    /// <param name="seen">Pictures that other prompts show too; null: none.</param>
    public PackedSequence Of(IReadOnlyList<LabShot> shown, IReadOnlyList<LabShot> others, LabShot query,
        SeenPictures? seen = null)
    {
        var picture = seen?.Draw(query.Picture) ?? StoryDocuments.Picture(query.Picture);
        var see = See ?? (seen is null ? null : (Func<RgbImage, FusionPart>)(image => seen.See(host, image)));
        return condition.Form switch
        {
            Form.Raw => InContextPrompt.Raw(host, Demonstrations(shown, others, seen), picture, query.Instruction, see),
            Form.Text or Form.Words =>
                InContextPrompt.TextOnly(host, Demonstrations(shown, others), picture, query.Instruction, see),
            _ => InContextPrompt.Fused(
                host, Fuse(source, Demonstrations(shown, others, seen)), picture, query.Instruction, see),
        };
    }

    /// <summary>Shots as demonstrations with the condition's pictures, or with what its form has in their place.</summary>
    public Demonstration[] Demonstrations(
        IReadOnlyList<LabShot> shown, IReadOnlyList<LabShot> others, SeenPictures? seen = null) =>
    [
        .. shown.Select((shot, i) => (condition.Form, condition.Pictures) switch
        {
            (Form.Text, _) => new Demonstration(null, shot.Instruction, shot.Answer + shot.Closing),
            (Form.Words, _) => new Demonstration(null, shot.Words + shot.Instruction, shot.Answer + shot.Closing),
            (_, Pictures.Shuffled) => StoryDocuments.Demonstration(shot,
                seen?.Draw(others[i].Picture) ?? StoryDocuments.Picture(others[i].Picture)),
            (_, Pictures.Blank) => StoryDocuments.Demonstration(shot, _blank),
            _ => StoryDocuments.Demonstration(shot, seen?.Draw(shot.Picture)),
        }),
    ];

    /// <summary>Fused virtual tokens of demonstrations, <c>[text tokens, dim]</c> each.</summary>
    public Tensor[] Fuse(IAggregateSource from, IReadOnlyList<Demonstration> demonstrations)
        => [.. from.Aggregate(demonstrations).Select(a => projection?.Forward(a) ?? a)];

    private int[] Order(LabEpisode episode, int shots) => condition.Order == 0
        ? [.. Enumerable.Range(0, shots)]
        : new LabRandom((ulong)condition.Order, (ulong)episode.Task, (ulong)episode.Index).Distinct(shots, shots);

    private static readonly RgbImage _blank = Blank();

    private static RgbImage Blank()
    {
        byte[] rgb = new byte[LabWorld.Canvas * LabWorld.Canvas * 3];
        Array.Fill(rgb, Grey);
        return new RgbImage(LabWorld.Canvas, LabWorld.Canvas, rgb);
    }
}
