using System.Diagnostics;

namespace Aim.Models;

/// <summary>
/// One prefill under way. Slots name tokens by their place in the prompt; rows are where they lie in this layer's tensors. In
/// Remove mode the two drift apart as tokens leave; in Mask mode every slot keeps its row and the dead are hidden as keys.
/// Tokens that a pruner makes get slots beyond the prompt's.
/// </summary>
internal sealed partial class PrefillRun
{
    private readonly LanguageModel _model;
    private readonly IReadOnlyList<PromptLayout> _layout;
    private readonly ITokenPruner? _pruner;
    private readonly PruneMode _mode;
    private readonly PrefillRecording _record;
    private readonly Stopwatch _pruneTime = new();
    private readonly Tensor _embeds;
    private readonly int _batch;

    // Rotary positions of the rows, [axes, b, n], and that of each sample's first new token.
    private int[] _positions;
    private int[] _next;

    // Of each sample: the slots that have a row, and those that the next layer sees.
    private int[][] _rows;
    private int[][] _alive;
    private int _n;
    private int[]? _start;
    private Tensor? _visible;
    private Tensor? _bias;
    private int[][]? _visualRows;
    private Tensor _hidden;
    private Tensor _cos;
    private Tensor _sin;

    public PrefillRun(
        LanguageModel model, Tensor embeds, IReadOnlyList<PromptLayout> layout, ITokenPruner? pruner, PruneMode mode,
        Tensor? positions, PrefillRecording record)
    {
        if (embeds.shape is not [_, _, var dim] || dim != model.Config.HiddenSize)
        {
            throw new ArgumentException(
                $"embeds must be [b, n, {model.Config.HiddenSize}], not [{string.Join(", ", embeds.shape)}]", nameof(embeds));
        }

        (_batch, _n) = ((int)embeds.shape[0], (int)embeds.shape[1]);
        if (layout.Count != _batch || layout.Max(l => l.Length) != _n)
        {
            throw new ArgumentException(
                $"{layout.Count} layouts of at most {layout.Select(l => l.Length).DefaultIfEmpty().Max()} tokens "
                + $"do not describe embeds [{string.Join(", ", embeds.shape)}]", nameof(layout));
        }

        (_model, _layout, _pruner, _mode, _record) = (model, layout, pruner, mode, record);
        _rows = [.. layout.Select(l => Enumerable.Range(0, l.Length).ToArray())];
        _alive = _rows;
        _start = StartOf(_rows, _n);
        _positions = positions is null
            ? Positions.Of(layout, model.Rotary.Axes, _n)
            : Positions.Read(positions, model.Rotary.Axes, _batch, _n, _start);
        _next = NextPositions();
        _hidden = _embeds = embeds;
        _cos = _sin = null!;
    }

    public PrefillResult Run(CancellationToken cancel)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        (_cos, _sin) = _model.Rotary.Tables(_positions, _batch, _n, _hidden);
        _bias = Bias();
        int layers = _model.Layers.Count;
        var cache = new KvCache(layers, _next);
        var tokens = _layout.Select(_ => new int[layers]).ToArray();
        var alive = new int[layers][][];
        List<Tensor>? hidden = _record.HasFlag(PrefillRecording.Hidden) ? [] : null;
        List<VisionShare[]>? attention = _record.HasFlag(PrefillRecording.Attention) ? [] : null;
        List<float[][]>? lastRow = _record.HasFlag(PrefillRecording.LastRow) ? [] : null;
        List<float[][]>? importance = _record.HasFlag(PrefillRecording.Importance) ? [] : null;
        try
        {
            for (int l = 0; l < layers; l++)
            {
                cancel.ThrowIfCancellationRequested();
                using var layerScope = NewDisposeScope();
                var layer = _model.Layers[l];
                hidden?.Add(_hidden.clone().DetachFromDisposeScope());
                for (int b = 0; b < _batch; b++)
                    tokens[b][l] = _rows[b].Length;
                var mask = new AttentionMask(true, _start, _visible, _bias);
                var (query, key, value) = layer.Project(_hidden, _cos, _sin);
                cache.Fill(l, key, value, new KvPrompt(_start, _visible, _bias, _next, _visualRows ??= VisualRows()));
                _hidden = layer.Finish(_hidden, FusedOps.attention(query, key, value, mask));
                importance?.Add(RecordImportance(query, key, mask));
                attention?.Add(RecordAttention(l, query, key, mask));
                lastRow?.Add(RecordLastRow(l, query, key, mask));
                if (_pruner is not null && (l < layers - 1 || _record != PrefillRecording.None))
                    Prune(l, query, key, mask);
                alive[l] = _alive;
                _hidden.MoveToOuterDisposeScope();
            }

            var last = _model.Logits(_model.FinalNorm(_hidden.narrow(1, _n - 1, 1))).squeeze(1);
            hidden?.Add(_model.FinalNorm(_hidden).DetachFromDisposeScope());
            return new PrefillResult
            {
                Logits = last.DetachFromDisposeScope(),
                Cache = cache,
                TokensPerLayer = tokens,
                Alive = alive,
                PruneTime = _pruneTime.Elapsed,
                Hidden = hidden,
                Importance = importance,
                Attention = attention,
                LastRow = lastRow,
            };
        }
        catch
        {
            cache.Dispose();
            hidden?.ForEach(h => h.Dispose());
            throw;
        }
    }

    // Upstream's rule: one past the largest position of the whole prompt (length + rope_delta), however much of it was pruned.
    private int[] NextPositions()
    {
        var next = new int[_batch];
        for (int i = 0; i < _positions.Length; i++)
        {
            int item = i / _n % _batch;
            if (i % _n >= (_start?[item] ?? 0))
                next[item] = Math.Max(next[item], _positions[i] + 1);
        }

        return next;
    }

    // Proportional attention: log of the tokens that each row stands for, [b, n]; null where each stands for itself.
    private Tensor? Bias()
    {
        if (_layout.All(l => l.Sizes is null))
            return null;
        var bias = new float[_batch * _n];
        for (int b = 0; b < _batch; b++)
        {
            for (int i = 0; i < _rows[b].Length && _layout[b].Sizes is { } sizes; i++)
                bias[b * _n + _n - _rows[b].Length + i] = _rows[b][i] < sizes.Count ? MathF.Log(sizes[_rows[b][i]]) : 0;
        }

        return tensor(bias, [_batch, _n]).to(_hidden.device);
    }

    private float[][] RecordImportance(Tensor query, Tensor key, AttentionMask mask)
    {
        var scores = FusedOps.importance(query, key, mask).cpu().data<float>();
        return [.. _layout.Select((layout, b) =>
        {
            var bySlot = new float[Math.Max(layout.Length, _rows[b].Max() + 1)];
            Array.Fill(bySlot, -1);
            for (int i = 0; i < _rows[b].Length; i++)
                bySlot[_rows[b][i]] = scores[b * _n + _n - _rows[b].Length + i];
            return bySlot;
        })];
    }

    private static int[]? StartOf(int[][] rows, int n)
        => rows.All(r => r.Length == n) ? null : [.. rows.Select(r => n - r.Length)];
}
