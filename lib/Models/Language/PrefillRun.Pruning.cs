namespace Aim.Models;

/// <content>How tokens leave, stay and come between two layers.</content>
internal sealed partial class PrefillRun
{
    private void Prune(int l, Tensor query, Tensor key, AttentionMask mask)
    {
        var replacer = _pruner as ITokenReplacer;
        int[][] candidates = [.. _alive.Select((slots, b) => slots.Where(s => IsCandidate(b, s)).ToArray())];
        var keep = new int[_batch];
        var added = new int[_batch];
        bool rank = false, change = false;
        for (int b = 0; b < _batch; b++)
        {
            var (visual, text) = (_layout[b].Visual, _layout[b].Text);
            added[b] = replacer?.Added(l, visual, text) ?? 0;
            keep[b] = _pruner!.Kept(l, visual, text) - added[b];
            if (keep[b] < 0 || keep[b] > candidates[b].Length)
            {
                throw new InvalidOperationException(
                    $"the pruner keeps {keep[b]} {What} tokens after layer {l}, where {candidates[b].Length} are left");
            }

            change |= keep[b] < candidates[b].Length || added[b] > 0;
            rank |= (keep[b] > 0 && keep[b] < candidates[b].Length) || added[b] > 0;
        }

        if (!change)
            return;
        _pruneTime.Start();
        using var overhead = FlopCounter.CountAsOverhead();
        int[][] chosen = [.. keep.Select(k => Enumerable.Range(0, k).ToArray())];
        Tensor[]? made = null;
        if (rank)
        {
            var context = Context(l, query, key, mask, candidates);
            chosen = _pruner!.Select(context, keep);
            if (replacer is not null && added.Any(a => a > 0))
                made = replacer.Replace(context, chosen, added);
        }

        _visualRows = null;
        int[][] survivors = [.. _alive.Select((slots, b) => Survivors(l, b, slots, candidates[b], chosen[b], keep[b]))];
        if (_mode == PruneMode.Mask)
        {
            if (made is not null || _pruner!.Renumbers)
            {
                throw new ArgumentException(
                    "a pruner that renumbers or replaces tokens needs them removed; it has no masked form");
            }

            _alive = survivors;
            _visible = Visible().MoveToOuterDisposeScope();
        }
        else
        {
            Gather(survivors, made, added);
        }

        _pruneTime.Stop();
    }

    private LayerContext Context(int l, Tensor query, Tensor key, AttentionMask mask, int[][] candidates)
        => new(_rows, l + 1 < _model.Layers.Count ? () => NextQueriesAndKeys(l + 1) : null)
        {
            Layer = l,
            Query = query,
            Key = key,
            Mask = mask,
            Hidden = _hidden,
            Embeddings = _embeds,
            Layout = _layout,
            Candidates = candidates,
        };

    private VisionShare[] RecordAttention(int l, Tensor query, Tensor key, AttentionMask mask)
    {
        using var overhead = FlopCounter.CountAsOverhead();
        int[][] visual = [.. _alive.Select((slots, b) => slots.Where(s => IsVisual(b, s)).ToArray())];
        int[][] text = [.. _alive.Select(
            (slots, b) => slots.Where(s => s > _layout[b].VisualSlots.LastOrDefault(-1) && !IsVisual(b, s)).ToArray())];
        var context = Context(l, query, key, mask, visual);
        float[][] last = context.LastTokenAttention();
        float[][]? behind = text.All(t => t.Length > 0) ? context.Attention(text) : null;
        return [.. last.Select((row, b) => new VisionShare(row.Sum(v => (double)v), behind?[b].Sum(v => (double)v) ?? 0))];
    }

    private float[][] RecordLastRow(int l, Tensor query, Tensor key, AttentionMask mask)
    {
        using var overhead = FlopCounter.CountAsOverhead();
        float[][] rows = Context(l, query, key, mask, _alive).LastTokenAttention();
        return [.. rows.Select((row, b) =>
        {
            var bySlot = new float[Math.Max(_layout[b].Length, _alive[b].Max() + 1)];
            for (int i = 0; i < row.Length; i++)
                bySlot[_alive[b][i]] = row[i];
            return bySlot;
        })];
    }

    private string What => _pruner!.RanksText ? "ranked" : "visual";

    private bool IsVisual(int b, int slot) => slot >= _layout[b].Length || _layout[b].IsVisual[slot];

    private bool IsCandidate(int b, int slot)
        => _pruner!.RanksText ? slot > 0 && slot != _layout[b].Length - 1 : IsVisual(b, slot);

    private (Tensor Query, Tensor Key) NextQueriesAndKeys(int layer)
    {
        var (query, key, _) = _model.Layers[layer].Project(_hidden, _cos, _sin);
        return (query, key);
    }

    private int[] Survivors(int l, int b, int[] slots, int[] candidates, int[] chosen, int keep)
    {
        var stays = new HashSet<int>(chosen.Select(i => candidates[i]));
        if (chosen.Length != keep || stays.Count != keep)
        {
            throw new InvalidOperationException(
                $"the pruner announced {keep} {What} tokens after layer {l} and chose {stays.Count}");
        }

        int[] survivors = [.. slots.Where(s => !IsCandidate(b, s) || stays.Contains(s))];
        if (_mode == PruneMode.Remove && (survivors.Length == 0 || survivors[^1] != _layout[b].Length - 1))
        {
            throw new ArgumentException(
                "the prompt's last token is visual and would be removed, but its row gives the logits; "
                + "end the prompt with text or use Mask mode");
        }

        return survivors;
    }

    // Survivors close ranks at the right end; a sample that keeps fewer gets padding on the left (any finite row: no one sees
    // it). New tokens take their rows from behind all others and stand behind the visual tokens that there were.
    private void Gather(int[][] survivors, Tensor[]? made, int[] added)
    {
        var next = new int[_batch][];
        var source = new int[_batch][];
        for (int b = 0, from = _batch * _n; b < _batch; from += added[b], b++)
        {
            int[] rows = SlotRows.Find(_rows[b], survivors[b], _n);
            (next[b], source[b]) = (survivors[b], Array.ConvertAll(rows, r => b * _n + r));
            if (added[b] == 0)
                continue;
            int lastVisual = Array.FindLastIndex(_rows[b], s => IsVisual(b, s));
            int at = rows.Count(r => r <= _n - _rows[b].Length + lastVisual);
            int slot = Math.Max(_layout[b].Length, _rows[b].Max() + 1);
            next[b] = [.. next[b][..at], .. Enumerable.Range(slot, added[b]), .. next[b][at..]];
            source[b] = [.. source[b][..at], .. Enumerable.Range(from, added[b]), .. source[b][at..]];
        }

        int n = next.Max(a => a.Length);
        var index = new long[_batch * n];
        for (int i = 0; i < index.Length; i++)
            index[i] = source[i / n][Math.Max(i % n - (n - source[i / n].Length), 0)];
        var rowsFrom = tensor(index).to(_hidden.device);
        var hidden = _hidden.reshape(_batch * _n, _hidden.shape[2]);
        hidden = made is null ? hidden : cat([hidden, .. made.Where((_, b) => added[b] > 0)], 0);
        _hidden = hidden.index_select(0, rowsFrom).view(_batch, n, hidden.shape[1]);
        (_rows, _alive) = (next, next);
        _start = StartOf(_rows, n);
        if (_pruner!.Renumbers)
        {
            _positions = Positions.Read(null, _model.Rotary.Axes, _batch, n, _start);
            _next = [.. _rows.Select(r => r.Length)];
            (_cos, _sin) = _model.Rotary.Tables(_positions, _batch, n, _hidden);
        }
        else
        {
            _cos = Take(_cos, rowsFrom, n);
            _sin = Take(_sin, rowsFrom, n);
        }

        _cos.MoveToOuterDisposeScope();
        _sin.MoveToOuterDisposeScope();
        _n = n;
        _bias = Bias()?.MoveToOuterDisposeScope();
    }

    private Tensor Take(Tensor x, Tensor rows, int n)
        => x.reshape(_batch * _n, x.shape[2]).index_select(0, rows).view(_batch, n, x.shape[2]);

    private Tensor Visible()
    {
        var visible = new bool[_batch * _n];
        for (int b = 0; b < _batch; b++)
        {
            foreach (int row in SlotRows.Find(_rows[b], _alive[b], _n))
                visible[b * _n + row] = true;
        }

        return tensor(visible, [_batch, _n]).to(_hidden.device);
    }

    // For each sample the rows of this layer's tensors that hold visual tokens which later layers may see.
    private int[][] VisualRows()
        => [.. _alive.Select((slots, b) => SlotRows.Find(_rows[b], [.. slots.Where(s => IsVisual(b, s))], _n))];
}
