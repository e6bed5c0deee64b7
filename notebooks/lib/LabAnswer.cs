using Aim.Datasets;
using Aim.Experiments.Running;
using Aim.Kernel.Display;
using Aim.Reduction;

namespace Aim.Notebook;

/// <summary>An answer to a question about a clip, and what was seen on the way to it.</summary>
public sealed class LabAnswer : IDisplayed
{
    private readonly bool _known;

    internal LabAnswer(
        LabSample sample, bool known, ReductionMethod method, int text, Computed computed, AttentionRecording attention,
        TraceRecording trace)
    {
        (Sample, _known, Answer) = (sample, known, computed.Answer);
        Method = $"{method.Name} {method.Settings.Canonical}".Trim();
        (TokensByLayer, Flops, Overhead) = (computed.TokensPerLayer, computed.Flops, computed.Overhead);
        VisualByLayer = [.. computed.TokensPerLayer.Select(t => Math.Max(0, t - text))];
        Attention = [.. attention.Last.Select((last, l) => new LayerAttention(l, last, attention.Text[l], attention.Even[l]))];
        int side = (int)Math.Round(Math.Sqrt(trace.Groups[0].Count));
        Trace = new PatchGroups(
            new PatchGrid(trace.Groups.Count, side, side), computed.TokensPerLayer.Length, trace.Groups, trace.Last);
    }

    /// <summary>What was shown and asked.</summary>
    public LabSample Sample { get; }

    /// <summary>The answer.</summary>
    public string Answer { get; }

    /// <summary>Whether it is right; null where the question is the notebook's own.</summary>
    public bool? Right => _known ? Sample.IsRight(Answer) : null;

    /// <summary>The method and all its settings.</summary>
    public string Method { get; }

    /// <summary>Tokens, text among them, that each layer of the decoder computed.</summary>
    public IReadOnlyList<int> TokensByLayer { get; }

    /// <summary>The visual ones among them.</summary>
    public IReadOnlyList<int> VisualByLayer { get; }

    /// <summary>FLOPs of the prefill, counted in the kernels.</summary>
    public long Flops { get; }

    /// <summary>FLOPs that it took to decide what to merge and to prune, beside them.</summary>
    public long Overhead { get; }

    /// <summary>How much of each layer's attention went to visual tokens.</summary>
    public IReadOnlyList<LayerAttention> Attention { get; }

    /// <summary>Which token every patch of every frame went into, and the last layer that each token entered.</summary>
    public PatchGroups Trace { get; }

    /// <summary>The sizes of the merged tokens, in patches, and how many tokens have each.</summary>
    public IReadOnlyList<GroupSize> GroupSizes =>
    [
        .. Trace.Groups.SelectMany(f => f).Where(g => g >= 0).GroupBy(g => g).GroupBy(g => g.Count())
            .Select(g => new GroupSize(g.Key, g.Count())).OrderBy(g => g.Patches),
    ];

    /// <summary>
    /// The frames with the tokens drawn on them: patches of one merged token have one colour and no border between them, and what
    /// was pruned is dark, the darker the earlier.
    /// </summary>
    /// <param name="layer">As this layer sees it: what has gone by then is dark. Null: all layers at once.</param>
    /// <param name="frames">Which of the frames, by their place; none: the first eight.</param>
    public LabPicture Draw(int? layer = null, params int[] frames) => new(this, layer, frames);

    /// <summary>The answer and the frames with the tokens drawn on them.</summary>
    public MimeBundle ToMimeBundle() => Draw().ToMimeBundle();

    /// <summary>One line.</summary>
    public override string ToString()
    {
        string right = Right switch { true => ", right", false => $", but it is {Sample.Answer}", _ => "" };
        return FormattableString.Invariant(
            $"{Sample.Question} {Answer}{right} ({Method}; {VisualByLayer[0]} visual tokens enter, ")
            + FormattableString.Invariant($"{VisualByLayer[^1]} reach the last layer; {Flops / 1e9:0.000} GFLOPs)");
    }
}

/// <summary>One layer's attention to visual tokens, averaged over heads. Shares are in [0, 1].</summary>
/// <param name="Layer">The layer, from 0.</param>
/// <param name="LastToken">Share that the prompt's last token pays to them, from which the answer comes.</param>
/// <param name="Text">The same of the text tokens behind them, on average.</param>
/// <param name="Even">What it would be if attention were spread evenly.</param>
public sealed record LayerAttention(int Layer, double LastToken, double Text, double Even);

/// <summary>Tokens of one size.</summary>
/// <param name="Patches">Patches in each.</param>
/// <param name="Tokens">How many there are.</param>
public sealed record GroupSize(int Patches, int Tokens);
