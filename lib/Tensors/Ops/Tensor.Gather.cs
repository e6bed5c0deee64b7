namespace Aim.Tensors;

public static partial class torch
{
    public partial class Tensor
    {
        /// <summary>Slices of a dimension by a 1-d index: <c>[.., n, ..]</c> -> <c>[.., index.numel, ..]</c>.</summary>
        public Tensor index_select(long dim, Tensor index)
        {
            if (Rank == 0)
                return reshape(1).index_select(0, index).view([]);
            var d = Shapes.Dim(dim, Rank);
            if (index.Rank > 1)
                throw new TensorException($"index_select(): Index is supposed to be a vector, got shape "
                    + $"{Describe.Shape(index._shape)}");
            var packed = Indexing.Checked(index, _shape[d], "index_select", d);
            var y = Indexing.Select(this, d, packed);
            if (!Autograd.Recording(this))
                return y;
            var saved = new Saved(packed);
            return y.Record("IndexSelect", [this], [saved], (n, g) =>
            {
                var whole = n.Into(0, out var beta);
                if (beta == 0)
                    whole.zero_();
                Indexing.SelectAdd(whole, d, saved.Value, g);
            });
        }

        /// <summary><c>y[i][j] = this[index[i][j]][j]</c> for dim 0, and so on.</summary>
        public Tensor gather(long dim, Tensor index)
        {
            var d = Shapes.Dim(dim, Rank);
            CheckIndex(d, index, "gather");
            var packed = Indexing.Checked(index, Rank == 0 ? 1 : _shape[d], "gather", d);
            var y = Indexing.Gather(this, d, packed);
            if (!Autograd.Recording(this))
                return y;
            var saved = new Saved(packed);
            return y.Record("Gather", [this], [saved], (n, g) =>
            {
                var whole = n.Into(0, out var beta);
                if (beta == 0)
                    whole.zero_();
                Indexing.Scatter(whole, d, saved.Value, g.contiguous(), add: true);
            });
        }

        public Tensor take_along_dim(Tensor indices, long dim)
        {
            var d = Shapes.Dim(dim, Rank);
            if (indices.Rank != Rank)
                throw new TensorException($"take_along_dim(): input and indices should have the same number of dimensions, but "
                    + $"got {Rank} and {indices.Rank}");
            var shape = Shapes.Broadcast([.. _shape[..d], 1, .. _shape[(d + 1)..]],
                [.. indices._shape[..d], 1, .. indices._shape[(d + 1)..]]);
            var (own, theirs) = ((long[])shape.Clone(), (long[])shape.Clone());
            (own[d], theirs[d]) = (_shape[d], indices._shape[d]);
            return expand(own).gather(d, indices.expand(theirs));
        }

        public Tensor take_along_dim(Tensor indices) => reshape(-1).gather(0, indices.reshape(-1));

        /// <summary>
        /// A copy with <c>y[index[i][j]][j] = src[i][j]</c> for dim 0, and so on. The gradient of overwritten elements is 0.
        /// </summary>
        public Tensor scatter(long dim, Tensor index, Tensor src) => Scatter("scatter", dim, index, src, add: false);

        /// <summary>A copy with <c>y[index[i][j]][j] += src[i][j]</c> for dim 0, in row-major order of the index.</summary>
        public Tensor scatter_add(long dim, Tensor index, Tensor src) => Scatter("scatter_add", dim, index, src, add: true);

        /// <summary>A copy with <c>y[.., index[i], ..] += alpha * source[.., i, ..]</c>.</summary>
        public Tensor index_add(long dim, Tensor index, Tensor source, Scalar alpha)
        {
            var d = Shapes.Dim(dim, Rank);
            long[] expected = [.. _shape[..d], index.numel(), .. _shape[(d + 1)..]];
            if (!Shapes.Same(source._shape, expected))
                throw new TensorException($"index_add(): source of shape {Describe.Shape(source._shape)} should have the shape "
                    + $"{Describe.Shape(expected)}");
            if (LowPrecision.Is(dtype))
                return Wide().index_add(dim, index, source.Wide(), alpha).to(dtype);
            var packed = Indexing.Checked(index, _shape[d], "index_add", d);
            var scaled = alpha.ToDouble() == 1 ? source : source.mul(alpha);
            var y = detach().clone();
            Indexing.SelectAdd(y, d, packed, scaled);
            if (!Autograd.Recording(this, scaled))
                return y;
            var saved = new Saved(packed);
            return y.Record("IndexAdd", [this, scaled], [saved], (n, g) =>
            {
                n.Add(0, g);
                if (n.Needs(1))
                    n.Add(1, g.index_select(d, saved.Value));
            });
        }

        public Tensor index_copy(long dim, Tensor index, Tensor source)
        {
            var d = Shapes.Dim(dim, Rank);
            var shape = Enumerable.Repeat(1L, Rank).ToArray();
            shape[d] = index.numel();
            return scatter(d, index.view(shape).expand(source._shape).contiguous(), source);
        }

        public Tensor index_fill(long dim, Tensor index, Scalar value)
        {
            var d = Shapes.Dim(dim, Rank);
            using var scope = NewDisposeScope();
            var hit = zeros(_shape[d], ScalarType.Int64).index_add(0, index, ones(index.numel(), ScalarType.Int64), 1).gt(0);
            var shape = Enumerable.Repeat(1L, Rank).ToArray();
            shape[d] = _shape[d];
            return masked_fill(hit.view(shape), value).MoveToOuterDisposeScope();
        }

        /// <summary>A copy with <paramref name="value"/> where the mask (broadcast) is true.</summary>
        public Tensor masked_fill(Tensor mask, Scalar value)
        {
            if (mask.dtype != ScalarType.Bool)
                throw new TensorException($"masked_fill only supports boolean masks, but got mask with dtype "
                    + $"{Describe.Dtype(mask.dtype)}");
            using var off = no_grad();
            var filler = full([], value, dtype);
            var y = torch.where(mask, filler, detach());
            off.Dispose();
            if (!Autograd.Recording(this))
                return y;
            var saved = new Saved(mask);
            return y.Record("MaskedFill", [this], [saved],
                (n, g) => n.Add(0, Reduce.To(g.masked_fill(saved.Value, 0), n.Next[0])));
        }

        /// <summary>The elements where the mask (broadcast) is true, as a vector.</summary>
        public Tensor masked_select(Tensor mask)
        {
            if (mask.dtype != ScalarType.Bool)
                throw new TensorException($"masked_select: expected BoolTensor for mask, got {Describe.Dtype(mask.dtype)}");
            var shape = Shapes.Broadcast(_shape, mask._shape);
            using var scope = NewDisposeScope();
            var where = mask.expand(shape).reshape(-1).nonzero().view(-1);
            return expand(shape).reshape(-1).index_select(0, where).MoveToOuterDisposeScope();
        }

        /// <summary>A copy whose masked elements are taken from <paramref name="value"/>, in order.</summary>
        public Tensor masked_scatter(Tensor mask, Tensor value)
        {
            if (mask.dtype != ScalarType.Bool)
                throw new TensorException($"masked_scatter_ only supports boolean masks, but got {Describe.Dtype(mask.dtype)}");
            var shape = Shapes.Broadcast(_shape, mask._shape);
            var where = mask.expand(shape).reshape(-1).nonzero().view(-1);
            if (value.numel() < where.numel())
                throw new TensorException($"masked_scatter: expected self and source to have same dtypes and enough values: "
                    + $"{where.numel()} are masked, {value.numel()} given");
            return expand(shape).reshape(-1).scatter(0, where, value.reshape(-1).slice(0, 0, where.numel(), 1)).view(shape);
        }

        /// <summary>Coordinates of the elements that are not zero, <c>[count, ndim]</c>, in row-major order.</summary>
        public unsafe Tensor nonzero()
        {
            using var scope = NewDisposeScope();
            var truth = Truth().contiguous();
            var found = new List<long>();
            var n = truth.numel();
            var at = new long[Rank];
            long count = 0;
            for (long i = 0; i < n; i++)
            {
                if (truth.Data[i] != 0)
                {
                    found.AddRange(at);
                    count++;
                }

                for (var d = Rank - 1; d >= 0 && ++at[d] == _shape[d]; d--)
                    at[d] = 0;
            }

            return Filled<long>(found.ToArray(), [count, Rank], null, false).MoveToOuterDisposeScope();
        }

        private Tensor Scatter(string name, long dim, Tensor index, Tensor src, bool add)
        {
            var d = Shapes.Dim(dim, Rank);
            CheckIndex(d, index, name);
            if (src.dtype != dtype)
                throw new TensorException($"{name}(): Expected self.dtype to be equal to src.dtype, got "
                    + $"{Describe.Dtype(dtype)} and {Describe.Dtype(src.dtype)}");
            for (var i = 0; i < index.Rank; i++)
            {
                if (src.Rank != index.Rank || index._shape[i] > src._shape[i])
                {
                    throw new TensorException($"{name}: Expected index {Describe.Shape(index._shape)} to be no larger than self "
                        + $"{Describe.Shape(_shape)} apart from dimension {d} and to be no larger size than src "
                            + $"{Describe.Shape(src._shape)}");
                }
            }

            var packed = Indexing.Checked(index, Rank == 0 ? 1 : _shape[d], name, d);
            var part = src;
            for (var i = 0; i < index.Rank; i++)
                part = part.narrow(i, 0, index._shape[i]);
            var y = Copy.Contiguous(this);
            Indexing.Scatter(y, d, packed, part.detach().contiguous(), add);
            if (!Autograd.Recording(this, part))
                return y;
            var saved = new Saved(packed);
            return y.Record(name, [this, part], [saved], (n, g) =>
            {
                if (n.Needs(0))
                    n.Add(0, add ? g : g.scatter(d, saved.Value, zeros(saved.Value._shape, g.dtype)));
                if (n.Needs(1))
                    n.Add(1, g.gather(d, saved.Value));
            });
        }

        private void CheckIndex(int d, Tensor index, string name)
        {
            if (Math.Max(1, index.Rank) != Math.Max(1, Rank))
            {
                throw new TensorException($"{name}: Index tensor must have the same number of dimensions as input tensor: index "
                    + $"{Describe.Shape(index._shape)}, input {Describe.Shape(_shape)}");
            }

            for (var i = 0; i < Math.Min(Rank, index.Rank); i++)
            {
                if (i != d && index._shape[i] > _shape[i])
                {
                    throw new TensorException($"{name}: Size does not match at dimension {i} expected index "
                        + $"{Describe.Shape(index._shape)} "
                        + $"to be no larger than self {Describe.Shape(_shape)} apart from dimension {d}");
                }
            }
        }
    }
}
