using System.Runtime.CompilerServices;

namespace Aim.Tensors.Kernels;

internal abstract unsafe partial class KernelSet
{
    /// <summary>Sum of x, or of its squares: blocks of 1024 in float lanes, blocks in double.</summary>
    public abstract double Sum(float* x, long count, bool squares);

    /// <summary>sum [dim] += rows of x [rows, dim].</summary>
    public abstract void AddRows(float* x, float* sum, long rows, int dim);
}

internal sealed unsafe partial class KernelSet<V, S>
{
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override double Sum(float* x, long count, bool squares)
    {
        double total = 0;
        for (long block = 0; block < count; block += 1024)
        {
            var rest = (int)Math.Min(1024, count - block);
            V a = default, b = default;
            for (var i = 0; i < rest; i += 2 * S.Lanes)
            {
                var v = LoadUpTo(x + block + i, rest - i);
                var w = rest - i > S.Lanes ? LoadUpTo(x + block + i + S.Lanes, rest - i - S.Lanes) : default;
                a = squares ? S.Fma(v, v, a) : S.Add(a, v);
                b = squares ? S.Fma(w, w, b) : S.Add(b, w);
            }
            total += S.Sum(S.Add(a, b));
        }
        return total;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void AddRows(float* x, float* sum, long rows, int dim)
    {
        for (long r = 0; r < rows; r++)
            Binary<AddOp, Near<V, S>>(sum, x + r * dim, sum, dim);
    }
}
