namespace Aim.Tensors;

public static partial class torch
{
    public partial class Tensor
    {
        /// <summary>Part of a dimension, with Python's rules for negative and too large bounds.</summary>
        public Tensor slice(long dim, long start, long finish, long step)
        {
            var d = Shapes.Dim(dim, Rank);
            if (step <= 0)
                throw new TensorException($"slice: step must be greater than zero, got {step}");
            var n = _shape[d];
            start = Math.Clamp(start < 0 ? start + n : start, 0, n);
            finish = Math.Clamp(finish < 0 ? finish + n : finish, start, n);
            var shape = (long[])_shape.Clone();
            var strides = step == 1 ? _strides : (long[])_strides.Clone();
            shape[d] = ((finish - start) / step) + ((finish - start) % step > 0 ? 1 : 0);
            if (step != 1)
                strides[d] *= step;
            var y = Viewed(shape, strides, start * _strides[d]);
            return Autograd.Recording(this) ? RecordSlice(y, d, start, finish, step) : y;
        }

        private Tensor RecordSlice(Tensor y, int dim, long start, long finish, long step) =>
            y.Record("Slice", [this], [], (node, g) => Scattered(node, g, t => t.slice(dim, start, finish, step)));

        public Tensor narrow(long dim, long start, long length)
        {
            var d = Shapes.Dim(dim, Rank);
            if (length < 0)
                throw new TensorException($"narrow(): length must be non-negative, got {length}.");
            if (start < -_shape[d] || start > _shape[d])
            {
                throw new TensorException($"start out of range (expected to be in range of [{-_shape[d]}, {_shape[d]}], but got "
                    + $"{start})");
            }

            start = start < 0 ? start + _shape[d] : start;
            if (length > _shape[d] - start)
                throw new TensorException($"start ({start}) + length ({length}) exceeds dimension size ({_shape[d]}).");
            return slice(d, start, start + length, 1);
        }

        /// <summary>One index of a dimension, which disappears.</summary>
        public Tensor select(long dim, long index)
        {
            if (Rank == 0)
                throw new TensorException("select() cannot be applied to a 0-dim tensor.");
            var d = Shapes.Dim(dim, Rank);
            if (index < -_shape[d] || index >= _shape[d])
            {
                throw new TensorException($"select(): index {index} out of range for tensor of size {Describe.Shape(_shape)} "
                    + $"at dimension {d}");
            }

            var i = index < 0 ? index + _shape[d] : index;
            return Viewed("Select", [.. _shape[..d], .. _shape[(d + 1)..]], [.. _strides[..d], .. _strides[(d + 1)..]],
                i * _strides[d],
                (node, g) => Scattered(node, g, t => t.select(d, i)));
        }

        public Tensor[] unbind(long dimension = 0L)
        {
            var d = Shapes.Dim(dimension, Rank);
            return Several("Unbind", [.. Enumerable.Range(0, Shapes.Int(_shape[d], "unbind")).Select(i => select(d, i))]);
        }

        /// <summary>Pieces of <paramref name="size"/> along a dimension, the last one shorter if need be.</summary>
        public Tensor[] split(long size, int dim = 0)
        {
            var d = Shapes.Dim(dim, Rank);
            if (size < 0 || (size == 0 && _shape[d] != 0))
                throw new TensorException($"split expects split_size be non-negative and, for a dimension of size {_shape[d]}, "
                    + $"positive; got {size}");
            var pieces = size == 0 ? 1 : Math.Max(1, (_shape[d] / size) + (_shape[d] % size > 0 ? 1 : 0));
            return Several("Split", [.. Enumerable.Range(0, Shapes.Int(pieces, "split"))
                .Select(i => slice(d, i * size, i == pieces - 1 ? _shape[d] : (i + 1) * size, 1))]);
        }

        public Tensor[] split(long[] sizes, long dim = 0)
        {
            var d = Shapes.Dim(dim, Rank);
            if (sizes.Any(s => s < 0) || sizes.Sum() != _shape[d])
            {
                throw new TensorException($"split_with_sizes expects split_sizes to sum exactly to {_shape[d]} (input tensor's "
                    + $"size at "
                    + $"dimension {d}), but got split_sizes={Describe.Shape(sizes)}");
            }

            long at = 0;
            var result = new List<Tensor>();
            foreach (var s in sizes)
            {
                result.Add(slice(d, at, at + s, 1));
                at += s;
            }

            return Several("SplitWithSizes", [.. result]);
        }

        /// <summary>At most <paramref name="chunks"/> pieces of equal size (the last may be shorter).</summary>
        public Tensor[] chunk(long chunks, long dim = 0L)
        {
            if (chunks <= 0)
                throw new TensorException($"chunk expects `chunks` to be greater than 0, got: {chunks}");
            var d = Shapes.Dim(dim, Rank);
            return split(Math.Max(1, (_shape[d] / chunks) + (_shape[d] % chunks > 0 ? 1 : 0)), d);
        }

        /// <summary>A view of the diagonal of two dimensions, as a new last dimension.</summary>
        public Tensor diagonal(long offset = 0L, long dim1 = 0L, long dim2 = 1L)
        {
            var (a, b) = (Shapes.Dim(dim1, Rank), Shapes.Dim(dim2, Rank));
            if (a == b)
                throw new TensorException($"diagonal dimensions cannot be identical {dim1}, {dim2}");
            var n = Math.Max(0, offset >= 0 ? Math.Min(_shape[a], _shape[b] - offset) : Math.Min(_shape[a] + offset, _shape[b]));
            var kept = Enumerable.Range(0, Rank).Where(d => d != a && d != b).ToArray();
            var start = n == 0 ? 0 : offset >= 0 ? offset * _strides[b] : -offset * _strides[a];
            return Viewed("Diagonal", [.. kept.Select(d => _shape[d]), n],
                [.. kept.Select(d => _strides[d]), _strides[a] + _strides[b]],
                start, (node, g) => Scattered(node, g, t => t.diagonal(offset, a, b)));
        }

        /// <summary>Sliding windows along a dimension, as a new last dimension (a view).</summary>
        public Tensor unfold(long dimension, long size, long step)
        {
            var d = Shapes.Dim(dimension, Rank);
            if (size < 0 || size > _shape[d] || step <= 0)
            {
                throw new TensorException($"unfold: size {size} and step {step} do not fit dimension {d} of size {_shape[d]} "
                    + "(size must be at most the dimension's, step positive)");
            }

            var (shape, strides) = (_shape.ToList(), _strides.ToList());
            shape[d] = ((_shape[d] - size) / step) + 1;
            strides[d] *= step;
            shape.Add(size);
            strides.Add(_strides[d]);
            return Viewed("Unfold", [.. shape], [.. strides], 0, (n, g) =>
            {
                var back = zeros(n.Next[0]!.Shape, g.dtype);
                for (long i = 0; i < size; i++)
                    back.slice(d, i, i + ((g._shape[d] - 1) * step) + 1, step).add_(g.select(-1, i));
                n.Add(0, back);
            });
        }
    }
}
