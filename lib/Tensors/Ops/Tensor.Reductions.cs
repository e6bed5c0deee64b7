namespace Aim.Tensors;

public static partial class torch
{
    public partial class Tensor
    {
        /// <summary>
        /// The sum of all elements. Beware of C#: <c>sum(0)</c> means this overload, 0 being an enum value too.
        /// </summary>
        /// <exception cref="TensorException">The call was <c>sum(0)</c>: write <c>sum(0L)</c> for the dimension.</exception>
        public Tensor sum(ScalarType? type = null) => type == ScalarType.Byte && Dtypes.IsFloat(dtype)
            ? throw new TensorException("sum(0) reads as sum(type: uint8) in C#: write sum(0L) for dimension 0")
            : sum(ReadOnlySpan<long>.Empty, false, type);

        public Tensor sum(long dim, bool keepdim = false, ScalarType? type = null) => sum([dim], keepdim, type);

        public Tensor sum(long dim0, long dim1, bool keepdim = false, ScalarType? type = null) =>
            sum([dim0, dim1], keepdim, type);

        public Tensor sum(long[] dim, bool keepdim = false, ScalarType? type = null) => sum(dim.AsSpan(), keepdim, type);

        public Tensor sum(ReadOnlySpan<long> dim, bool keepdim = false, ScalarType? type = null)
        {
            var dims = Dims(dim);
            var y = Kept(Reduce.Sum(this, dims, type), dims, keepdim);
            return Autograd.Recording(this)
                ? y.Record("Sum", [this], [], (n, g) => n.Add(0, Spread(g, n.Next[0]!.Shape, dims, keepdim)))
                : y;
        }

        public Tensor mean() => mean([], false);

        public Tensor mean(long[] dimensions, bool keepdim = false, ScalarType? type = null)
        {
            var to = type ?? dtype;
            if (!Dtypes.IsFloat(to))
                throw new TensorException($"mean(): could not infer output dtype. Input dtype must be either a floating point "
                    + $"or complex dtype. Got: {Describe.Dtype(to)}");
            if (LowPrecision.Is(to))
                return this.to(to).Wide().mean(dimensions, keepdim).to(to);
            return sum(dimensions, keepdim, to).div((double)Reduced(dimensions));
        }

        public Tensor var(bool unbiased = true) => var([], unbiased);

        public Tensor var(long dim, bool unbiased = true, bool keepdim = false, ScalarType? type = null) =>
            var([dim], unbiased, keepdim, type);

        public Tensor var(long[] dimensions, bool unbiased = true, bool keepdim = false, ScalarType? type = null)
        {
            if (!Dtypes.IsFloat(type ?? dtype))
                throw new TensorException($"std and var only support floating point and complex dtypes, got "
                    + $"{Describe.Dtype(type ?? dtype)}");
            var x = type is { } t ? to(t) : this;
            if (LowPrecision.Is(x.dtype))
                return x.Wide().var(dimensions, unbiased, keepdim).to(x.dtype);
            var centered = x.sub(x.mean(dimensions, keepdim: true));
            return centered.square().sum(dimensions, keepdim).div((double)Math.Max(0, Reduced(dimensions) - (unbiased ? 1 : 0)));
        }

        public Tensor std(bool unbiased = true) => std([], unbiased);

        public Tensor std(long dim, bool unbiased = true, bool keepdim = false, ScalarType? type = null) =>
            std([dim], unbiased, keepdim, type);

        public Tensor std(long[] dimensions, bool unbiased = true, bool keepdim = false, ScalarType? type = null)
        {
            if (LowPrecision.Is(type ?? dtype))
                return to(type ?? dtype).Wide().std(dimensions, unbiased, keepdim).to(type ?? dtype);
            var y = var(dimensions, unbiased, keepdim, type);
            if (!Autograd.Recording(y))
                return y.sqrt();

            // The derivative at a deviation of zero is 0, where sqrt's alone would be infinite.
            var root = y.detach().sqrt();
            var saved = new Saved(root);
            return root.Record("Std", [y], [saved], (n, g) =>
                n.Add(0, g.div(saved.Value.mul(2)).masked_fill(saved.Value.eq(0), 0)));
        }

        public (Tensor std, Tensor mean) var_mean(long[] dimensions, bool unbiased = true, bool keepdim = false,
            ScalarType? type = null) =>
            (@var(dimensions, unbiased, keepdim, type), mean(dimensions, keepdim, type));

        public Tensor all() => Bool(all: true, []);

        public Tensor all(long dim, bool keepdim = false) => Kept(Bool(true, Dims([dim])), Dims([dim]), keepdim);

        public Tensor any() => Bool(all: false, []);

        public Tensor any(long dim, bool keepdim = false) => Kept(Bool(false, Dims([dim])), Dims([dim]), keepdim);

        public Tensor count_nonzero(long[]? dims = null) => ne(0).sum(dims ?? []);

        public Tensor prod(ScalarType? type = null) => reshape(-1).prod(0, false, type);

        public Tensor prod(long dim, bool keepdim = false, ScalarType? type = null)
        {
            var d = Shapes.Dim(dim, Rank);
            var x = to(type ?? (Dtypes.IsFloat(dtype) ? dtype : ScalarType.Int64));
            if (LowPrecision.Is(x.dtype))
                return x.Wide().prod(dim, keepdim).to(x.dtype);
            if (x.numel() == 0)
                return x.sum(d, keepdim).add(1);
            var y = ones([.. x._shape[..d], .. x._shape[Math.Min(d + 1, Rank)..]], x.dtype);
            foreach (var row in Rank == 0 ? [x] : x.unbind(d))
                y = y.mul(row);
            return keepdim && Rank > 0 ? y.unsqueeze(d) : y;
        }

        /// <summary><c>log(sum(exp(x)))</c> along a dimension, without overflow.</summary>
        public Tensor logsumexp(long dim, bool keepdim = false)
        {
            if (LowPrecision.Is(dtype))
                return Wide().logsumexp(dim, keepdim).to(dtype);
            var top = detach().amax([dim], keepdim: true);
            top = top.masked_fill(top.abs().eq(double.PositiveInfinity), 0);
            var y = sub(top).exp().sum(dim, keepdim: true).log().add(top);
            return keepdim ? y : y.squeeze(dim);
        }

        /// <summary>The p-norm of all elements.</summary>
        public Tensor norm(float p = 2.0f) => Norm([], false, p);

        public Tensor norm(int dim, bool keepdim = false, float p = 2.0f) => Norm([dim], keepdim, p);

        internal Tensor Norm(long[] dims, bool keepdim, double p)
        {
            if (!Dtypes.IsFloat(dtype))
                throw new TensorException($"linalg.vector_norm: Expected a floating point or complex tensor as input. Got "
                    + $"{Describe.Dtype(dtype)}");
            if (LowPrecision.Is(dtype))
                return Wide().Norm(dims, keepdim, p).to(dtype);
            if (double.IsPositiveInfinity(p))
                return abs().amax(dims, keepdim);
            if (double.IsNegativeInfinity(p))
                return abs().amin(dims, keepdim);
            if (p == 0)
                return ne(0).to(dtype).sum(dims, keepdim);
            if (p == 1)
                return abs().sum(dims, keepdim);
            if (p != 2)
                return abs().pow(p).sum(dims, keepdim).pow(1 / p);
            var reduced = Dims(dims);
            var y = detach().square().sum(dims, keepdim).sqrt();
            if (!Autograd.Recording(this))
                return y;
            var (x, r) = (new Saved(this), new Saved(y, "Norm"));
            return y.Record("Norm", [this], [x, r], (n, g) =>
            {
                var scale = g.div(r.Value).masked_fill(r.Value.eq(0), 0);
                n.Add(0, x.Value.mul(Spread(scale, n.Next[0]!.Shape, reduced, keepdim)));
            });
        }

        public Tensor cumsum(long dim, ScalarType? type = null)
        {
            var d = Shapes.Dim(dim, Rank);
            var to = type ?? (Dtypes.IsFloat(dtype) ? dtype : ScalarType.Int64);
            var y = Scan.Run(detach().to(to), d, product: false);
            return Autograd.Recording(this)
                ? y.Record("Cumsum", [this], [], (n, g) => n.Add(0, Scan.Run(g.flip(d), d, product: false).flip(d)))
                : y;
        }

        public Tensor cumprod(long dim, ScalarType? type = null)
        {
            var d = Shapes.Dim(dim, Rank);
            var x = to(type ?? (Dtypes.IsFloat(dtype) ? dtype : ScalarType.Int64));
            var y = Scan.Run(x, d, product: true);
            if (!Autograd.Recording(x))
                return y;
            var saved = new Saved(x);
            return y.Record("Cumprod", [x], [saved], (n, g) => n.Add(0, Scan.ProductBackward(saved.Value, g, d)));
        }

        /// <summary>Distinct, valid dimensions; empty means all.</summary>
        internal int[] Dims(ReadOnlySpan<long> dims)
        {
            var result = new int[dims.Length];
            for (var i = 0; i < dims.Length; i++)
            {
                result[i] = Shapes.Dim(dims[i], Rank);
                if (Array.IndexOf(result, result[i]) < i)
                    throw new TensorException($"dim {result[i]} appears multiple times in the list of dims "
                        + $"{Describe.Shape(dims)}");
            }

            return Rank == 0 ? [] : result;
        }

        /// <summary>Puts reduced dimensions back as ones.</summary>
        internal Tensor Kept(Tensor y, int[] dims, bool keepdim)
        {
            if (!keepdim)
                return y;
            var shape = (long[])_shape.Clone();
            foreach (var d in dims.Length == 0 ? Enumerable.Range(0, Rank) : dims)
                shape[d] = 1;
            return y.view(shape);
        }

        /// <summary>A reduced gradient, repeated over what was reduced.</summary>
        internal static Tensor Spread(Tensor gradient, long[] shape, int[] dims, bool keepdim)
        {
            if (!keepdim && dims.Length > 0)
            {
                foreach (var d in dims.Order())
                    gradient = gradient.unsqueeze(d);
            }
            else if (!keepdim || gradient.Rank != shape.Length)
            {
                gradient = gradient.reshape([.. Enumerable.Repeat(1L, shape.Length)]);
            }

            return gradient.expand(shape);
        }

        private long Reduced(ReadOnlySpan<long> dims)
        {
            long n = 1;
            foreach (var d in dims)
                n *= Rank == 0 ? 1 : _shape[Shapes.Dim(d, Rank)];
            return dims.Length == 0 ? numel() : n;
        }

        private unsafe Tensor Bool(bool all, int[] dims)
        {
            var truth = dtype == ScalarType.Byte ? ne(0).to(ScalarType.Byte) : Truth();
            var (packed, outer, reduced, inner, shape) = Reduce.Arrange(truth, dims);
            var y = Empty(shape, dtype == ScalarType.Byte ? ScalarType.Byte : ScalarType.Bool);
            var p = packed.Data;
            var q = y.Data;
            for (long o = 0; o < outer; o++)
            {
                for (long i = 0; i < inner; i++)
                {
                    var result = all;
                    for (long r = 0; r < reduced; r++)
                    {
                        if (p[(((o * reduced) + r) * inner) + i] != 0 != all)
                        {
                            result = !all;
                            break;
                        }
                    }

                    q[(o * inner) + i] = result ? (byte)1 : (byte)0;
                }
            }

            return y;
        }
    }
}
