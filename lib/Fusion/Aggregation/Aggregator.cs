namespace Aim.Fusion;

/// <summary>
/// Reads demonstrations, each alone and from position 0, with the frozen model, and keeps the hidden states on top of their text:
/// the aggregates, <c>[text tokens, dim]</c> each (paper section 3, <c>H_i^t</c>). A demonstration's aggregate has the same bits
/// whatever else is in its batch: sequences are padded on the right, where causal attention never looks, and no batch has fewer
/// rows than
/// <see cref="FewestRows"/>, below which matrix products would take other kernels.
/// </summary>
/// <param name="host">The frozen model.</param>
/// <param name="options">What becomes the aggregate.</param>
public sealed class Aggregator(IFusionHost host, AggregationOptions options) : IAggregateSource
{
    /// <summary>The fewest rows of a batch, padding included.</summary>
    internal const int FewestRows = 64;

    private readonly int _layer = options.LayerIn(host);

    /// <inheritdoc/>
    public IFusionHost Host => host;

    /// <inheritdoc/>
    public AggregationOptions Options => options;

    /// <summary>Demonstrations read at once.</summary>
    public int Batch { get; init; } = 8;

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">A demonstration has no text, or none at the positions asked for.</exception>
    public IReadOnlyList<Tensor> Aggregate(IReadOnlyList<Demonstration> demonstrations)
    {
        ArgumentNullException.ThrowIfNull(demonstrations);
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        var result = new Tensor[demonstrations.Count];
        for (int first = 0; first < result.Length; first += Batch)
        {
            using var batchScope = NewDisposeScope();
            var sequences = demonstrations.Skip(first).Take(Batch).Select(Read).ToArray();
            var (embeds, positions) = SequenceBatch.PadRight(
                [.. sequences.Select(s => s.Packed)], atLeast: (FewestRows + sequences.Length - 1) / sequences.Length);
            var states = host.States(embeds, positions, _layer, options.Norm);
            for (int i = 0; i < sequences.Length; i++)
            {
                var (from, count) = sequences[i].Text.GetOffsetAndLength((int)embeds.shape[1]);
                result[first + i] = states[i].narrow(0, from, count).clone().MoveToOtherDisposeScope(scope);
            }
        }

        return [.. result.Select(r => r.MoveToOuterDisposeScope())];
    }

    /// <summary>How many fused virtual tokens stand for a demonstration: no model is run.</summary>
    public int TokensOf(Demonstration demonstration) => Ids(demonstration).Count - Skipped(demonstration);

    private (PackedSequence Packed, Range Text) Read(Demonstration demonstration)
    {
        var ids = Ids(demonstration);
        int skipped = Skipped(demonstration);
        if (ids.Count == skipped)
            throw new ArgumentException($"a demonstration has no text to stand for it ('{demonstration.Text}')");
        FusionPart[] picture = demonstration.Picture is { } image ? [new FusionPart.Picture(image)] : [];
        var packed = host.Pack([new FusionPart.Text(host.Opening), .. picture, new FusionPart.Text(ids)]);
        var span = packed.Spans[^1];
        return (packed, (span.Start.Value + skipped)..span.End);
    }

    private IReadOnlyList<int> Ids(Demonstration demonstration) => host.Encode(demonstration.Text);

    // Tokens of the whole text that are those of the instruction alone: a token across the border belongs to the reference.
    private int Skipped(Demonstration demonstration)
    {
        if (options.Positions == TextPositions.All)
            return 0;
        var all = Ids(demonstration);
        var instruction = host.Encode(demonstration.Instruction);
        int same = 0;
        while (same < instruction.Count && same < all.Count && instruction[same] == all[same])
            same++;
        return same;
    }
}
