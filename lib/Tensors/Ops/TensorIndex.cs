namespace Aim.Tensors;

public static partial class torch
{
    /// <summary>One place in <c>x[...]</c>: a number, a slice, an index or mask tensor, <c>None</c> or <c>...</c>.</summary>
    public readonly struct TensorIndex
    {
        internal enum Kind
        {
            Slice,
            Single,
            Tensor,
            None,
            Ellipsis,
            Bool,
        }

        internal Kind What { get; private init; }

        internal long? Start { get; private init; }

        internal long? Stop { get; private init; }

        internal long? Step { get; private init; }

        internal Tensor? Of { get; private init; }

        /// <summary>A new dimension of size 1.</summary>
        public static TensorIndex None => new() { What = Kind.None };

        public static TensorIndex Null => None;

        /// <summary>As many full dimensions as are left.</summary>
        public static TensorIndex Ellipsis => new() { What = Kind.Ellipsis };

        /// <summary>A whole dimension.</summary>
        public static TensorIndex Colon => Slice();

        public static TensorIndex Slice(long? start = null, long? stop = null, long? step = null) =>
            new() { What = Kind.Slice, Start = start, Stop = stop, Step = step };

        public static TensorIndex Slice(Range range) => range;

        public static TensorIndex Single(long? index) => new() { What = Kind.Single, Start = index };

        public static TensorIndex Bool(bool value) => new() { What = Kind.Bool, Start = value ? 1 : 0 };

        /// <summary>Int64 positions or a boolean mask.</summary>
        public static TensorIndex Tensor(Tensor tensor) => new() { What = Kind.Tensor, Of = tensor };

        public static implicit operator TensorIndex(long value) => Single(value);

        public static implicit operator TensorIndex((int? start, int? end) range) => Slice(range.start, range.end);

        public static implicit operator TensorIndex(Index index) => Single(index.IsFromEnd ? -index.Value : index.Value);

        public static implicit operator TensorIndex(Range range) => Slice(
            range.Start.IsFromEnd ? -range.Start.Value : range.Start.Value,
            range.End is { IsFromEnd: true, Value: 0 } ? null : range.End.IsFromEnd ? -range.End.Value : range.End.Value);
    }

    public partial class Tensor
    {
        public Tensor this[params TensorIndex[] indices]
        {
            get => index(indices);
            set => index_put_(value, indices);
        }

        public Tensor this[params Tensor[] indices]
        {
            get => index(indices);
            set => index_put_(value, indices);
        }

        public Tensor this[long i1]
        {
            get => index(TensorIndex.Single(i1));
            set => index_put_(value, TensorIndex.Single(i1));
        }

        public Tensor this[long i1, long i2]
        {
            get => index(TensorIndex.Single(i1), TensorIndex.Single(i2));
            set => index_put_(value, TensorIndex.Single(i1), TensorIndex.Single(i2));
        }

        public Tensor this[long i1, long i2, long i3]
        {
            get => index(TensorIndex.Single(i1), TensorIndex.Single(i2), TensorIndex.Single(i3));
            set => index_put_(value, TensorIndex.Single(i1), TensorIndex.Single(i2), TensorIndex.Single(i3));
        }

        public Tensor this[long i1, long i2, long i3, long i4]
        {
            get => index(TensorIndex.Single(i1), TensorIndex.Single(i2), TensorIndex.Single(i3), TensorIndex.Single(i4));
            set => index_put_(value, TensorIndex.Single(i1), TensorIndex.Single(i2), TensorIndex.Single(i3),
                TensorIndex.Single(i4));
        }

        public Tensor index(params Tensor[] indices) => index(indices.Select(TensorIndex.Tensor).ToArray());

        /// <summary>Python's indexing: numbers, slices, None and ... give a view; index and mask tensors a copy.</summary>
        public Tensor index(params TensorIndex[] indices)
        {
            var (view, lists) = Basic(indices);
            return lists.Any(l => l is not null) ? view.Advanced(lists) : view;
        }

        public Tensor index_put_(Tensor value, params Tensor[] indices) =>
            index_put_(value, indices.Select(TensorIndex.Tensor).ToArray());

        public Tensor index_put_(Scalar value, params TensorIndex[] indices) => index_put_(full([], value, dtype), indices);

        public Tensor index_put_(Tensor value, params TensorIndex[] indices) => index_put_(value, indices, accumulate: false);

        /// <summary>Writes (or adds) values where <see cref="index(TensorIndex[])"/> would read.</summary>
        public Tensor index_put_(Tensor value, TensorIndex[] indices, bool accumulate = false)
        {
            if (Autograd.Recording(this, value, _viewBase))
                return InPlace(() => Put(value, indices, accumulate));
            BeforeInPlace();
            Storage.Version--;
            using var scope = NewDisposeScope();
            var (view, lists) = detach().Basic(indices);
            if (lists.All(l => l is null))
            {
                Storage.Version++;
                var source = accumulate ? view.add(value) : value;
                while (source.Rank > view.Rank && source._shape[0] == 1)
                    source = source.squeeze(0);
                Copy.Run(source.expand(view._shape).to(dtype), view);
                return this;
            }

            return InPlace(() => Put(value, indices, accumulate));
        }

        /// <summary>The out-of-place form: every position is read as a flat index, then written by scatter.</summary>
        private Tensor Put(Tensor value, TensorIndex[] indices, bool accumulate)
        {
            var positions = arange(numel()).view(_shape).index(indices);
            var source = Fitted(value.to(dtype), positions._shape).reshape(-1);
            var flat = positions.reshape(-1);
            var y = accumulate ? reshape(-1).scatter_add(0, flat, source) : reshape(-1).scatter(0, flat, source);
            return y.view(_shape);
        }

        private static Tensor Fitted(Tensor value, long[] shape)
        {
            while (value.Rank > shape.Length && value._shape[0] == 1)
                value = value.squeeze(0);
            try
            {
                return value.expand(shape);
            }
            catch (TensorException)
            {
                throw new TensorException($"shape mismatch: value tensor of shape {Describe.Shape(value._shape)} cannot be "
                    + $"broadcast to "
                    + $"indexing result of shape {Describe.Shape(shape)}");
            }
        }

        /// <summary>
        /// Does everything but index tensors; these come back one to a dimension of the view (null where there is none).
        /// </summary>
        private (Tensor View, Tensor?[] Lists) Basic(TensorIndex[] indices)
        {
            var used = indices.Sum(i => i.What switch
            {
                TensorIndex.Kind.None or TensorIndex.Kind.Ellipsis or TensorIndex.Kind.Bool => 0,
                TensorIndex.Kind.Tensor when i.Of!.dtype == ScalarType.Bool => i.Of.Rank,
                _ => 1,
            });
            if (used > Rank)
                throw new TensorException($"too many indices for tensor of dimension {Rank}: {used} in {indices.Length} places");
            if (indices.Count(i => i.What == TensorIndex.Kind.Ellipsis) > 1)
                throw new TensorException("an index can only have a single ellipsis ('...')");
            var (view, dim) = (this, 0);
            var lists = new List<Tensor?>();
            foreach (var index in indices)
            {
                switch (index.What)
                {
                    case TensorIndex.Kind.None:
                        view = view.unsqueeze(dim++);
                        lists.Add(null);
                        break;
                    case TensorIndex.Kind.Bool:
                        view = view.unsqueeze(dim++);
                        lists.Add(index.Start == 1 ? zeros(1, ScalarType.Int64) : zeros(0, ScalarType.Int64));
                        break;
                    case TensorIndex.Kind.Ellipsis:
                        for (var i = Rank - used; i > 0; i--, dim++)
                            lists.Add(null);
                        break;
                    case TensorIndex.Kind.Single:
                        var (at, size) = (index.Start!.Value, view._shape[dim]);
                        if (at < -size || at >= size)
                            throw new TensorException($"index {at} is out of bounds for dimension {dim} with size {size}");
                        view = view.select(dim, at);
                        break;
                    case TensorIndex.Kind.Slice:
                        view = view.slice(dim, index.Start ?? 0, index.Stop ?? long.MaxValue, index.Step ?? 1);
                        dim++;
                        lists.Add(null);
                        break;
                    case TensorIndex.Kind.Tensor when index.Of!.dtype is ScalarType.Bool:
                        var mask = index.Of;
                        for (var d = 0; d < mask.Rank; d++)
                        {
                            if (mask._shape[d] != view._shape[dim + d])
                            {
                                throw new TensorException($"The shape of the mask {Describe.Shape(mask._shape)} at index {d} "
                                    + $"does not match the "
                                    + $"shape of the indexed tensor {Describe.Shape(_shape)} at index {dim + d}");
                            }
                        }

                        lists.AddRange(mask.nonzero().unbind(1));
                        dim += mask.Rank;
                        break;
                    default:
                        if (index.Of!.dtype is not (ScalarType.Int64 or ScalarType.Int32))
                        {
                            throw new TensorException("tensors used as indices must be long, int, byte or bool tensors, "
                                + $"got {Describe.Dtype(index.Of.dtype)}");
                        }

                        lists.Add(index.Of);
                        dim++;
                        break;
                }
            }

            while (lists.Count < view.Rank)
                lists.Add(null);
            return (view, [.. lists]);
        }

        /// <summary>Index tensors, broadcast together: the indexed dimensions become one block of the index's shape.</summary>
        private Tensor Advanced(Tensor?[] lists)
        {
            var at = Enumerable.Range(0, lists.Length).Where(d => lists[d] is not null).ToArray();
            long[] shape = [];
            foreach (var d in at)
            {
                try
                {
                    shape = Shapes.Broadcast(shape, lists[d]!._shape);
                }
                catch (TensorException)
                {
                    throw new TensorException("shape mismatch: indexing tensors could not be broadcast together with shapes "
                        + string.Join(", ", at.Select(i => Describe.Shape(lists[i]!._shape))));
                }
            }

            // Bring the indexed dimensions to the front, read them as one, select rows of it.
            var rest = Enumerable.Range(0, Rank).Where(d => lists[d] is null).ToArray();
            Tensor? flat = null;
            foreach (var d in at)
            {
                var index = lists[d]!.to(ScalarType.Int64);
                var size = _shape[d];
                foreach (var i in index.data<long>())
                {
                    if (i < -size || i >= size)
                        throw new TensorException($"index {i} is out of bounds for dimension {d} with size {size}");
                }

                index = torch.where(index.lt(0), index.add(size), index).expand(shape);
                flat = flat is null ? index : flat.mul(size).add(index);
            }

            var kept = rest.Select(d => _shape[d]).ToArray();
            var front = permute([.. at.Concat(rest).Select(d => (long)d)]).reshape([at.Aggregate(1L, (n, d) => n * _shape[d]),
                .. kept]);
            var picked = front.index_select(0, flat!.reshape(-1)).view([.. shape, .. kept]);

            // Neighbouring indices leave the block where they stood; separated ones leave it in front.
            if (at[^1] - at[0] + 1 != at.Length || at[0] == 0)
                return picked;
            var before = at[0];
            var order = Enumerable.Range(shape.Length, before).Concat(Enumerable.Range(0, shape.Length))
                .Concat(Enumerable.Range(shape.Length + before, rest.Length - before));
            return picked.permute([.. order.Select(d => (long)d)]);
        }
    }
}
