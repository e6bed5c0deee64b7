namespace Aim.Fusion;

/// <summary>
/// Queries of one step behind their fused demonstrations, padded on the right into one batch, and what they are to say.
/// </summary>
internal sealed class FusionBatch
{
    private readonly IReadOnlyList<(FusionQuery Query, IReadOnlyList<Tensor> Aggregates)> _queries;
    private readonly IFusionHost _host;

    /// <param name="host">The frozen model.</param>
    /// <param name="queries">Each query, and the aggregates of its demonstrations in its order.</param>
    public FusionBatch(IFusionHost host, IReadOnlyList<(FusionQuery Query, IReadOnlyList<Tensor> Aggregates)> queries)
        => (_host, _queries) = (host, queries);

    /// <summary>
    /// Mean cross-entropy of the learnt tokens, and how many there are. All demonstrations of the batch pass the projection as
    /// one product.
    /// </summary>
    /// <param name="projection">W_p; null: aggregates stand in the sequence as they are.</param>
    public (Tensor Loss, int Targets) Loss(FusionProjection? projection)
    {
        using var scope = NewDisposeScope();
        var aggregates = _queries.SelectMany(q => q.Aggregates).ToArray();
        Tensor? fused = null;
        if (aggregates.Length > 0)
            fused = projection is null ? cat(aggregates, 0) : projection.Forward(cat(aggregates, 0));
        var sequences = new List<PackedSequence>();
        var rows = new List<(int Sequence, int Row, int Target)>();
        long taken = 0;
        foreach (var (query, given) in _queries)
        {
            var parts = new List<FusionPart> { new FusionPart.Text(_host.Opening) };
            foreach (var aggregate in given)
            {
                parts.Add(new FusionPart.Fused(fused!.narrow(0, taken, aggregate.shape[0])));
                taken += aggregate.shape[0];
            }

            if (query.Picture is { } picture)
                parts.Add(new FusionPart.Picture(picture));
            var segments = query.Text.Select(s => (Ids: _host.Encode(s.Text), s.Learn)).ToArray();
            int first = parts.Count;
            parts.AddRange(segments.Select(s => new FusionPart.Text(s.Ids)));
            var packed = _host.Pack(parts);
            for (int s = 0; s < segments.Length; s++)
            {
                int start = packed.Spans[first + s].Start.Value;
                for (int i = 0; segments[s].Learn && i < segments[s].Ids.Count; i++)
                {
                    if (start + i > 0)
                        rows.Add((sequences.Count, start + i - 1, segments[s].Ids[i]));
                }
            }

            sequences.Add(packed);
        }

        if (rows.Count == 0)
            throw new ArgumentException("no token of these documents is to be learnt");
        var (embeds, positions) = SequenceBatch.PadRight(sequences);
        long n = embeds.shape[1];
        var states = _host.States(embeds, positions, _host.Layers, norm: true).reshape(-1, _host.Dim);
        var at = tensor([.. rows.Select(r => (r.Sequence * n) + r.Row)], [rows.Count], device: states.device);
        var targets = tensor([.. rows.Select(r => (long)r.Target)], [rows.Count], device: states.device);
        var loss = nn.functional.cross_entropy(_host.Logits(states.index_select(0, at)), targets);
        return (loss.MoveToOuterDisposeScope(), rows.Count);
    }
}
