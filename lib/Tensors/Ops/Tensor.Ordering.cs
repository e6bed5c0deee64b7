namespace Aim.Tensors;

public static partial class torch
{
    public partial class Tensor
    {
        /// <summary>Sorted values and where they were; always stable, NaN last (first if descending).</summary>
        public (Tensor Values, Tensor Indices) sort(long dim = -1, bool descending = false, bool stable = false)
        {
            var indices = argsort(dim, descending);
            return (Rank == 0 ? clone() : gather(dim, indices), indices);
        }

        /// <summary>Stable, NaN last (first if descending).</summary>
        public Tensor argsort(long dim = -1, bool descending = false)
        {
            var d = Shapes.Dim(dim, Rank);
            var (lines, order) = Sorting.Order(this, d, descending);
            var indices = Filled<long>(order, lines._shape, null, false);
            return Rank == 0 ? indices.view([]) : indices.transpose(d, -1).contiguous();
        }

        /// <summary>The k largest (or smallest) values in order; among equals the earlier comes first.</summary>
        public (Tensor values, Tensor indexes) topk(int k, int dim = -1, bool largest = true, bool sorted = true)
        {
            var d = Shapes.Dim(dim, Rank);
            if (k < 0 || k > (Rank == 0 ? 1 : _shape[d]))
                throw new TensorException($"selected index k out of range: k = {k} for dimension {d} of the shape "
                    + $"{Describe.Shape(_shape)}");
            if (Rank == 0)
                return k == 1 ? (clone(), zeros([], ScalarType.Int64))
                    : (reshape(1).slice(0, 0, 0, 1), zeros(0, ScalarType.Int64));
            using var scope = NewDisposeScope();
            var indices = argsort(d, largest).narrow(d, 0, k).contiguous();
            return (gather(d, indices).MoveToOuterDisposeScope(), indices.MoveToOuterDisposeScope());
        }

        public (Tensor values, Tensor indexes) max(long dim, bool keepdim = false) =>
            Extreme(dim, keepdim, Sorting.Pick.Largest, "max");

        public (Tensor values, Tensor indexes) min(long dim, bool keepdim = false) =>
            Extreme(dim, keepdim, Sorting.Pick.Smallest, "min");

        /// <summary>The largest element; the gradient is shared among ties.</summary>
        public Tensor max() => numel() > 0 ? amax([], false) : throw Empty("max");

        public Tensor min() => numel() > 0 ? amin([], false) : throw Empty("min");

        public Tensor argmax() => reshape(-1).argmax(0);

        public Tensor argmax(long dim, bool keepdim = false)
        {
            var d = Shapes.Dim(dim, Rank);
            if (Rank == 0)
                return zeros([], ScalarType.Int64);
            var places = Places(d, Sorting.Pick.Largest, "argmax");
            return keepdim ? places.unsqueeze(d) : places;
        }

        public Tensor argmin() => reshape(-1).argmin(0);

        public Tensor argmin(long dim, bool keepdim = false) =>
            detach().Extreme(dim, keepdim, Sorting.Pick.Smallest, "argmin").Indices;

        /// <summary>The largest values over dimensions (all if none given); the gradient is shared among ties.</summary>
        public Tensor amax(long[] dims, bool keepdim = false, Tensor? @out = null) =>
            Into(@out, Amount(dims, keepdim, Sorting.Pick.Largest, "amax"));

        public Tensor amax(params long[] dims) => amax(dims, false);

        public Tensor amin(long[] dims, bool keepdim = false, Tensor? @out = null) =>
            Into(@out, Amount(dims, keepdim, Sorting.Pick.Smallest, "amin"));

        public Tensor amin(params long[] dims) => amin(dims, false);

        /// <summary>The lower median of all elements.</summary>
        public Tensor median()
        {
            if (detach().isnan().any().item<bool>())
                return full([], double.NaN, dtype);
            var (sorted, _) = reshape(-1).sort();
            return sorted.select(0, (numel() - 1) / 2);
        }

        private (Tensor Values, Tensor Indices) Extreme(long dim, bool keepdim, Sorting.Pick pick, string name)
        {
            var d = Shapes.Dim(dim, Rank);
            if (Rank == 0)
                return (clone(), zeros([], ScalarType.Int64));
            var indices = Places(d, pick, name).unsqueeze(d);
            var values = gather(d, indices);
            return keepdim ? (values, indices) : (values.squeeze(d), indices.squeeze(d));
        }

        /// <summary>Where the extremes along a dimension are, without that dimension.</summary>
        private Tensor Places(int d, Sorting.Pick pick, string name)
        {
            if (_shape[d] == 0)
                throw new TensorException($"{name}(): Expected reduction dim {d} to have non-zero size, shape "
                    + $"{Describe.Shape(_shape)}");
            var (packed, outer, length, inner, shape) = Reduce.Arrange(this, [d]);
            return Filled<long>(Sorting.Extreme(packed, outer, length, inner, pick), shape, null, false);
        }

        private Tensor Amount(long[] dims, bool keepdim, Sorting.Pick pick, string name)
        {
            var reduced = Dims(dims);
            var (packed, outer, length, inner, shape) = Reduce.Arrange(this, reduced);
            if (length == 0)
                throw new TensorException($"{name}(): Expected reduction dim to have non-zero size, shape "
                    + $"{Describe.Shape(_shape)}");
            var index = Filled<long>(Sorting.Extreme(packed, outer, length, inner, pick), [outer, 1, inner], null, false);
            var y = Kept(packed.view(outer, length, inner).gather(1, index).view(shape), reduced, keepdim);
            if (!Autograd.Recording(this))
                return y;
            var (x, top) = (new Saved(this), new Saved(y, name));
            return y.Record(name, [this], [x, top], (n, g) =>
            {
                var ties = x.Value.eq(Spread(top.Value, n.Next[0]!.Shape, reduced, keepdim)).to(g.dtype);
                var share = g.div(ties.sum(reduced.Select(i => (long)i).ToArray(), keepdim));
                n.Add(0, ties.mul(Spread(share, n.Next[0]!.Shape, reduced, keepdim)));
            });
        }

        private static Tensor Into(Tensor? output, Tensor result) => output is null ? result : output.copy_(result);

        private TensorException Empty(string name) =>
            new($"{name}(): Expected reduction dim to be specified for input.numel() == 0 (shape {Describe.Shape(_shape)}). "
                + $"Specify the reduction dim with the 'dim' argument.");
    }
}
