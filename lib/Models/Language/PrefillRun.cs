using System.Diagnostics;

namespace Aim.Models;

/// <summary>
/// One prefill under way. Slots name tokens by their place in the prompt; rows are where they lie in this layer's tensors. In Remove mode
/// the two drift apart as tokens leave; in Mask mode every slot keeps its row and the dead are hidden as keys.
/// </summary>
internal sealed class PrefillRun
{
    private readonly LanguageModel _model;
    private readonly IReadOnlyList<PromptLayout> _layout;
    private readonly ITokenPruner? _pruner;
    private readonly PruneMode _mode;
    private readonly PrefillRecording _record;
    private readonly Stopwatch _pruneTime = new();
    private readonly int[] _positions;
    private readonly int _batch;

    // Of each sample: the slots that have a row, and those that the next layer sees.
    private int[][] _rows;
    private int[][] _alive;
    private int _n;
    private int[]? _start;
    private Tensor? _visible;
    private Tensor _hidden;
    private Tensor _cos;
    private Tensor _sin;

    public PrefillRun(
        LanguageModel model, Tensor embeds, IReadOnlyList<PromptLayout> layout, ITokenPruner? pruner, PruneMode mode, Tensor? positions,
        PrefillRecording record)
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
                $"{layout.Count} layouts of at most {layout.Select(l => l.Length).DefaultIfEmpty().Max()} tokens do not describe embeds " +
                $"[{string.Join(", ", embeds.shape)}]", nameof(layout));
        }

        (_model, _layout, _pruner, _mode, _record) = (model, layout, pruner, mode, record);
        _rows = [.. layout.Select(l => Enumerable.Range(0, l.Length).ToArray())];
        _alive = _rows;
        _start = StartOf(_rows, _n);
        _positions = Positions.Read(positions, model.Rotary.Axes, _batch, _n, _start);
        _hidden = embeds;
        _cos = _sin = null!;
    }

    public PrefillResult Run()
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        (_cos, _sin) = _model.Rotary.Tables(_positions, _batch, _n, _hidden);
        int layers = _model.Layers.Count;
        var cache = new KvCache(layers, NextPositions());
        var tokens = _layout.Select(_ => new int[layers]).ToArray();
        var alive = new int[layers][][];
        List<Tensor>? hidden = _record.HasFlag(PrefillRecording.Hidden) ? [] : null;
        List<float[][]>? importance = _record.HasFlag(PrefillRecording.Importance) ? [] : null;
        try
        {
            for (int l = 0; l < layers; l++)
            {
                using var layerScope = NewDisposeScope();
                var layer = _model.Layers[l];
                hidden?.Add(_hidden.clone().DetachFromDisposeScope());
                for (int b = 0; b < _batch; b++)
                    tokens[b][l] = _rows[b].Length;
                var mask = new AttentionMask(true, _start, _visible);
                var (query, key, value) = layer.Project(_hidden, _cos, _sin);
                cache.Fill(l, key, value, _start, _visible);
                _hidden = layer.Finish(_hidden, FusedOps.attention(query, key, value, mask));
                importance?.Add(RecordImportance(query, key, mask));
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

    private void Prune(int l, Tensor query, Tensor key, AttentionMask mask)
    {
        int[][] visual = [.. _alive.Select((slots, b) => slots.Where(s => _layout[b].IsVisual[s]).ToArray())];
        var keep = new int[_batch];
        bool rank = false, change = false;
        for (int b = 0; b < _batch; b++)
        {
            keep[b] = _pruner!.KeptVisual(l, _layout[b].Visual, _layout[b].Text);
            if (keep[b] < 0 || keep[b] > visual[b].Length)
            {
                throw new InvalidOperationException(
                    $"the pruner keeps {keep[b]} visual tokens after layer {l}, where {visual[b].Length} are left");
            }

            change |= keep[b] < visual[b].Length;
            rank |= keep[b] > 0 && keep[b] < visual[b].Length;
        }

        if (!change)
            return;
        _pruneTime.Start();
        int[][] chosen = [.. keep.Select(k => Enumerable.Range(0, k).ToArray())];
        if (rank)
        {
            int[][] rows = [.. visual.Select((slots, b) => RowsOf(b, slots))];
            chosen = _pruner!.Select(new LayerContext(l, query, key, mask, visual, rows), keep);
        }

        _alive = [.. _alive.Select((slots, b) => Survivors(l, b, slots, visual[b], chosen[b], keep[b]))];
        if (_mode == PruneMode.Mask)
            _visible = Visible().MoveToOuterDisposeScope();
        else
            Gather();
        _pruneTime.Stop();
    }

    private int[] Survivors(int l, int b, int[] slots, int[] visual, int[] chosen, int keep)
    {
        var stays = new HashSet<int>(chosen.Select(i => visual[i]));
        if (chosen.Length != keep || stays.Count != keep)
            throw new InvalidOperationException($"the pruner announced {keep} visual tokens after layer {l} and chose {stays.Count}");
        int[] survivors = [.. slots.Where(s => !_layout[b].IsVisual[s] || stays.Contains(s))];
        if (_mode == PruneMode.Remove && (survivors.Length == 0 || survivors[^1] != _layout[b].Length - 1))
        {
            throw new ArgumentException(
                "the prompt's last token is visual and would be removed, but its row gives the logits; "
                + "end the prompt with text or use Mask mode");
        }

        return survivors;
    }

    private int[] RowsOf(int b, int[] slots)
    {
        int first = _n - _rows[b].Length;
        return [.. slots.Select(s => first + Array.BinarySearch(_rows[b], s))];
    }

    // Survivors close ranks at the right end; a sample that keeps fewer gets padding on the left (any finite row: no one sees it).
    private void Gather()
    {
        int n = _alive.Max(a => a.Length);
        var index = new long[_batch * n];
        for (int b = 0; b < _batch; b++)
        {
            int[] rows = RowsOf(b, _alive[b]);
            int padding = n - rows.Length;
            for (int i = 0; i < n; i++)
                index[b * n + i] = b * _n + rows[Math.Max(i - padding, 0)];
        }

        var from = tensor(index).to(_hidden.device);
        _hidden = Take(_hidden, from, n);
        _cos = Take(_cos, from, n).MoveToOuterDisposeScope();
        _sin = Take(_sin, from, n).MoveToOuterDisposeScope();
        (_rows, _n) = (_alive, n);
        _start = StartOf(_rows, n);
    }

    private Tensor Take(Tensor x, Tensor rows, int n)
        => x.reshape(_batch * _n, x.shape[2]).index_select(0, rows).view(_batch, n, x.shape[2]);

    private Tensor Visible()
    {
        var visible = new bool[_batch * _n];
        for (int b = 0; b < _batch; b++)
        {
            foreach (int row in RowsOf(b, _alive[b]))
                visible[b * _n + row] = true;
        }

        return tensor(visible, [_batch, _n]).to(_hidden.device);
    }

    private float[][] RecordImportance(Tensor query, Tensor key, AttentionMask mask)
    {
        var scores = FusedOps.importance(query, key, mask).cpu().data<float>();
        return [.. _layout.Select((layout, b) =>
        {
            var bySlot = new float[layout.Length];
            Array.Fill(bySlot, -1);
            int[] rows = RowsOf(b, _rows[b]);
            for (int i = 0; i < rows.Length; i++)
                bySlot[_rows[b][i]] = scores[b * _n + rows[i]];
            return bySlot;
        })];
    }

    private static int[]? StartOf(int[][] rows, int n) => rows.All(r => r.Length == n) ? null : [.. rows.Select(r => n - r.Length)];
}
