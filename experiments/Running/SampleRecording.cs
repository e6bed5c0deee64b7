using System.Text.Json.Serialization.Metadata;
using Aim.Experiments.Planning;

namespace Aim.Experiments.Running;

/// <summary>
/// What was recorded of one cell's way with one sample beside its answer: a line of <c>recordings.jsonl</c>. Analyses are pure
/// functions of these lines.
/// </summary>
/// <param name="Key">Content key: what was recorded and by what; the form's version is part of it.</param>
/// <param name="Cell">The cell's id, for readers; the key decides.</param>
/// <param name="Sample">The sample's id.</param>
internal sealed record SampleRecording(string Key, string Cell, string Sample) : IJournalLine<SampleRecording>
{
    /// <summary>
    /// The version of these forms; part of every key, so that a line of another version is never read as one of this.
    /// </summary>
    public const int Version = 1;

    public AttentionRecording? Attention { get; init; }

    public KeptRecording? Kept { get; init; }

    public MergesRecording? Merges { get; init; }

    public TraceRecording? Trace { get; init; }

    public static JsonTypeInfo<SampleRecording> Form => JournalJson.Default.SampleRecording;
}

/// <summary>
/// The share of attention that goes to visual tokens in every decoder layer, averaged over heads; <c>[layers]</c> each.
/// </summary>
/// <param name="Last">Of the prompt's last token, from which the answer comes.</param>
/// <param name="Text">Of the text tokens behind the visual ones, averaged.</param>
/// <param name="Even">
/// What both would be on average if attention were spread evenly: visual tokens / all tokens of the layer.
/// </param>
internal sealed record AttentionRecording(IReadOnlyList<double> Last, IReadOnlyList<double> Text, IReadOnlyList<double> Even);

/// <summary>Where the visual tokens lie that are alive after the layers that prune.</summary>
/// <param name="Layers">The layers, <c>[n]</c>.</param>
/// <param name="Places">Tokens by place in the frame, <c>[n][places]</c>.</param>
/// <param name="Frames">Tokens by frame, <c>[n][frames]</c>.</param>
/// <param name="OnThings">Share of these tokens that lies on a thing, <c>[n]</c>.</param>
/// <param name="Things">The same share of all tokens before pruning.</param>
internal sealed record KeptRecording(
    IReadOnlyList<int> Layers, IReadOnlyList<IReadOnlyList<double>> Places, IReadOnlyList<IReadOnlyList<double>> Frames,
    IReadOnlyList<double> OnThings, double Things);

/// <summary>Merges by step and kind (<see cref="Analysis.MergeKind"/>), and what chance would give.</summary>
internal sealed record MergesRecording(IReadOnlyList<IReadOnlyList<int>> Observed, IReadOnlyList<IReadOnlyList<double>> Expected);

/// <summary>Where a sample's patches went (<see cref="Reduction.PatchGroups"/>).</summary>
/// <param name="Groups">For each frame the token of every patch, counted over the sample; -1: in none.</param>
/// <param name="Last">For each token the last layer that it enters.</param>
internal sealed record TraceRecording(IReadOnlyList<IReadOnlyList<int>> Groups, IReadOnlyList<int> Last);

/// <summary>One recording of a sample, before it has its key.</summary>
/// <param name="Kind">Which.</param>
/// <param name="Line">Makes its line of key, cell and sample.</param>
internal sealed record Recorded(Recordings Kind, Func<string, string, string, SampleRecording> Line);

/// <summary>The kinds of recordings one by one.</summary>
internal static class RecordingNames
{
    public static IReadOnlyList<Recordings> All { get; } = [Recordings.Attention, Recordings.Kept, Recordings.Merges,
        Recordings.Trace];
}
