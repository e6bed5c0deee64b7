using Aim.Models;

namespace Aim.Reduction;

/// <summary>A method ready to run on a host: what it does with a sample or a batch, and how many tokens that leaves.</summary>
public sealed class ReductionMethod
{
    /// <summary>What it is.</summary>
    public required MethodDefinition Definition { get; init; }

    /// <summary>The settings, settled for the host.</summary>
    public required MethodSettings Settings { get; init; }

    /// <summary>The registered name.</summary>
    public string Name => Definition.Name;

    /// <summary>What happens within the vision tower; null: nothing.</summary>
    public ITowerReduction? Tower { get; init; }

    /// <summary>What happens before the language model.</summary>
    public ITokenMerger Merger { get; init; } = IdentityMerger.Instance;

    /// <summary>
    /// Whether the merger is given what enters the projector, and the keys to compare it by (<see cref="MergeInput.Metric"/>),
    /// rather than projected tokens.
    /// </summary>
    public bool BeforeProjector { get; init; }

    /// <summary>Makes the pruner of a batch with these sample ids; null: nothing is pruned.</summary>
    public Func<IReadOnlyList<string>, ITokenPruner>? Prunes { get; init; }

    /// <summary>Makes what hides tokens while one batch is decoded; null: nothing is hidden.</summary>
    public Func<IDecodePruner>? Hides { get; init; }

    /// <summary>Whether attention in the decoder adds the log of the original tokens that a key stands for.</summary>
    public bool ProportionalAttention { get; init; }

    /// <summary>
    /// Whether merged tokens stand in the decoder where the original ones stood that they come from, and all text where it would
    /// stand without merging; else they count on, as in the paper's code, and everything moves closer together. Hosts with
    /// positions in time, height and width keep them in any case.
    /// </summary>
    public bool OriginalPositions { get; init; }

    /// <summary>
    /// A packed prompt's layout as the decoder is to see it: with <see cref="ProportionalAttention"/> every merged token counts
    /// as many times as there are original tokens in it.
    /// </summary>
    /// <param name="layout">The packed prompt.</param>
    /// <param name="originals">
    /// Of each visual token the original ones in it; what the host puts behind them (image_newline) need not be told and counts
    /// once.
    /// </param>
    public PromptLayout Arrange(PromptLayout layout, IEnumerable<int> originals)
    {
        ArgumentNullException.ThrowIfNull(layout);
        ArgumentNullException.ThrowIfNull(originals);
        if (!ProportionalAttention)
            return layout;
        int[] sizes = [.. Enumerable.Repeat(1, layout.Length)];
        foreach (var (slot, size) in layout.VisualSlots.Zip(originals))
            sizes[slot] = Math.Max(1, size);
        return layout with { Sizes = sizes };
    }

    /// <summary>The pruner of one batch, or null where nothing is pruned.</summary>
    public ITokenPruner? Pruner(IReadOnlyList<string> sampleIds) => Prunes?.Invoke(sampleIds);

    /// <summary>What hides tokens while one batch is decoded, or null.</summary>
    public IDecodePruner? DecodePruner() => Hides?.Invoke();

    /// <summary>Visual tokens that enter the decoder.</summary>
    public int VisualEntering(PromptShape shape)
        => (shape.Grid is { } grid && Tower is null ? Merger.Kept(grid)
            : Merger.Kept(shape.Frames, Tower?.Kept(shape.TokensPerFrame) ?? shape.TokensPerFrame)) + shape.ExtraVisual;

    /// <summary>Tokens that every layer computes, known before anything runs and equal to what the run does.</summary>
    public int[] TokenCounts(PromptShape shape) => TokenCounts(VisualEntering(shape), shape.Text, shape.Layers);

    /// <summary>The same of a prompt whose visual tokens that enter the decoder are counted already.</summary>
    public int[] TokenCounts(int visual, int text, int layers)
    {
        int n = visual + text;
        var pruner = Pruner([""]);
        int untouched = pruner is { RanksText: true } ? Math.Min(2, n) : text;
        int Tokens(int layer) => layer == 0 || pruner is null ? n : pruner.Kept(layer - 1, visual, text) + untouched;
        return [.. Enumerable.Range(0, layers).Select(Tokens)];
    }

    /// <summary>
    /// Visual tokens that every layer computes; null for a method that ranks text beside visual tokens, which knows their sum
    /// alone.
    /// </summary>
    public int[]? VisualPerLayer(PromptShape shape)
        => Pruner([""]) is { RanksText: true } ? null : [.. TokenCounts(shape).Select(n => n - shape.Text)];
}

/// <summary>Merging within the vision tower.</summary>
public interface ITowerReduction
{
    /// <summary>Tokens that a picture's <paramref name="tokens"/> (a class token not counted) are left with.</summary>
    int Kept(int tokens);

    /// <summary>Begins one run of the tower on pictures of so many tokens.</summary>
    ITowerMerger Start(int tokens);
}
