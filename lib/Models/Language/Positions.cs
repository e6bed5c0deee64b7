namespace Aim.Models;

/// <summary>Rotary positions on the host: [axes, b, n] flattened, whichever shape they were given in.</summary>
internal static class Positions
{
    /// <summary>What prompts say of their tokens' positions, or counts from 0 where they say nothing; padding is at 0.</summary>
    /// <param name="layout">The prompts.</param>
    /// <param name="axes">Positions a token has.</param>
    /// <param name="n">Columns, prompts shorter than that being padded on the left.</param>
    /// <exception cref="ArgumentException">A prompt has positions on other axes than the decoder.</exception>
    public static int[] Of(IReadOnlyList<PromptLayout> layout, int axes, int n)
    {
        var result = new int[axes * layout.Count * n];
        for (int b = 0; b < layout.Count; b++)
        {
            int length = layout[b].Length;
            var given = layout[b].Positions;
            if (given is not null && given.Count != axes)
                throw new ArgumentException($"positions on {given.Count} axes are given to a decoder of {axes}", nameof(layout));
            for (int axis = 0; axis < axes; axis++)
            {
                var row = result.AsSpan(((((axis * layout.Count) + b) * n) + n) - length, length);
                for (int i = 0; i < length; i++)
                    row[i] = given?[axis][i] ?? i;
            }
        }

        return result;
    }

    /// <summary>Reads given positions, or counts each sample's tokens from 0 at its first real one.</summary>
    /// <param name="positions">[n], [b, n], [axes, n] (axes > 1) or [axes, b, n] int64; null to count.</param>
    /// <param name="axes">Positions a token has.</param>
    /// <param name="batch">Samples.</param>
    /// <param name="n">Columns.</param>
    /// <param name="start">First real column of each sample.</param>
    public static int[] Read(Tensor? positions, int axes, int batch, int n, int[]? start)
    {
        var result = new int[axes * batch * n];
        if (positions is null)
        {
            for (int i = 0; i < result.Length; i++)
            {
                int item = i / n % batch;
                result[i] = Math.Max(i % n - (start?[item] ?? 0), 0);
            }

            return result;
        }

        long[] shape = positions.shape;
        bool perAxis = axes > 1 && shape.Length >= 2 && shape[0] == axes && shape[^1] == n
            && (shape.Length == 2 || shape[1] == batch);
        bool perItem = shape.Length == 3 ? perAxis : !perAxis && shape.Length == 2 && shape[0] == batch && shape[1] == n;
        if (!perAxis && !perItem && !(shape.Length == 1 && shape[0] == n))
        {
            throw new ArgumentException(
                $"positions [{string.Join(", ", shape)}] fit neither [{n}] nor [{batch}, {n}]"
                + (axes > 1 ? $" nor [{axes}, {n}] nor [{axes}, {batch}, {n}]" : ""),
                nameof(positions));
        }

        using var scope = NewDisposeScope();
        long[] given = positions.to(ScalarType.Int64).cpu().contiguous().data<long>().ToArray();
        for (int axis = 0; axis < axes; axis++)
        {
            for (int item = 0; item < batch; item++)
            {
                int from = ((perAxis ? axis * (perItem ? batch : 1) : 0) + (perItem ? item : 0)) * n;
                for (int i = 0; i < n; i++)
                    result[(axis * batch + item) * n + i] = checked((int)given[from + i]);
            }
        }

        return result;
    }
}
