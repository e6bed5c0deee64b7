namespace Aim.Tensors;

public static partial class torch
{
    public partial class Tensor
    {
        /// <summary>Copies of the whole tensor side by side, <paramref name="sizes"/> times a dimension.</summary>
        public Tensor repeat(params long[] sizes)
        {
            if (sizes.Length < Rank)
            {
                throw new TensorException("Number of dimensions of repeat dims can not be smaller than number of dimensions of "
                    + "tensor: "
                    + $"{Describe.Shape(sizes)} for the shape {Describe.Shape(_shape)}");
            }

            var extra = sizes.Length - Rank;
            long[] own = [.. Enumerable.Repeat(1L, extra), .. _shape];
            long[] shape = [.. own.Select((s, i) => Shapes.Size((Int128)s * sizes[i], "repeat"))];
            Shapes.Bytes(shape, dtype);
            var (one, wide) = (new List<long>(), new List<long>());
            for (var i = 0; i < sizes.Length; i++)
            {
                one.AddRange([1, own[i]]);
                wide.AddRange([sizes[i], own[i]]);
            }

            return reshape([.. one]).expand(wide.ToArray()).contiguous().reshape(shape);
        }

        public Tensor tile(long[] reps) => repeat([.. Enumerable.Repeat(1L, Math.Max(0, Rank - reps.Length)), .. reps]);

        /// <summary>Each slice of a dimension, <paramref name="repeats"/> times in a row.</summary>
        public Tensor repeat_interleave(long repeats, long? dim = null, long? output_size = null)
        {
            if (repeats < 0)
                throw new TensorException($"repeats must be non-negative, got {repeats}");
            if (dim is not { } at)
                return flatten().repeat_interleave(repeats, 0);
            var d = Shapes.Dim(at, Rank);
            var length = Shapes.Size((Int128)_shape[d] * repeats, "repeat_interleave");
            long[] result = [.. _shape[..d], length, .. _shape[(d + 1)..]];
            Shapes.Bytes(result, dtype);
            long[] shape = [.. _shape[..(d + 1)], repeats, .. _shape[(d + 1)..]];
            return unsqueeze(d + 1).expand(shape).contiguous().reshape(result);
        }

        public Tensor repeat_interleave(Tensor repeats, long? dim = null, long? output_size = null)
        {
            if (dim is not { } at)
                return flatten().repeat_interleave(repeats, 0);
            var d = Shapes.Dim(at, Rank);
            if (repeats.numel() != 1 && repeats.numel() != _shape[d])
                throw new TensorException($"repeats must have the same size as input along dim {d}: {repeats.numel()} and "
                    + $"{_shape[d]}");
            var counts = repeats.to(ScalarType.Int64).data<long>().ToArray();
            if (counts.Length == 1)
                return repeat_interleave(counts[0], d);
            if (counts.Any(c => c < 0))
                throw new TensorException("repeats can not be negative");
            var length = Shapes.Size(counts.Aggregate((Int128)0, (n, c) => n + c), "repeat_interleave");
            Shapes.Bytes([.. _shape[..d], length, .. _shape[(d + 1)..]], dtype);
            Shapes.Bytes([length], ScalarType.Int64);
            var index = counts.SelectMany((c, i) => Enumerable.Repeat((long)i, (int)c)).ToArray();
            return index_select(d, tensor(index));
        }

        /// <summary>Reverses the order along dimensions.</summary>
        public Tensor flip(params long[] dims)
        {
            var y = this;
            foreach (var d in dims.Length == 0 ? [] : Dims(dims))
                y = y.index_select(d, arange(_shape[d]).neg().add(_shape[d] - 1));
            return dims.Length == 0 ? clone() : y;
        }

        /// <summary>
        /// Shifts along a dimension (along the flat order without one); what leaves at the end comes in at the start.
        /// </summary>
        public Tensor roll(long shifts, long? dims = null)
        {
            if (dims is not { } at)
                return flatten().roll(shifts, 0).view(_shape);
            var d = Shapes.Dim(at, Rank);
            var n = _shape[d];
            if (n == 0)
                return clone();
            var shift = ((shifts % n) + n) % n;
            return cat([narrow(d, n - shift, shift), narrow(d, 0, n - shift)], d);
        }

        public Tensor roll(long[] shifts, long[] dims)
        {
            if (shifts.Length != dims.Length && !(dims.Length == 0 && shifts.Length == 1))
                throw new TensorException($"shifts and dimensions must align. shifts: {shifts.Length}, dims:{dims.Length}");
            if (dims.Length == 0)
                return roll(shifts[0]);
            var y = this;
            for (var i = 0; i < shifts.Length; i++)
                y = y.roll(shifts[i], dims[i]);
            return y;
        }

        /// <summary>Zeroes what lies above the diagonal of the last two dimensions.</summary>
        public Tensor tril(long diagonal = 0) => Triangle(diagonal, upper: false);

        /// <summary>Zeroes what lies below the diagonal of the last two dimensions.</summary>
        public Tensor triu(long diagonal = 0) => Triangle(diagonal, upper: true);

        /// <summary>A matrix with this vector on its diagonal, or the diagonal of this matrix.</summary>
        public Tensor diag(long diagonal = 0) => Rank switch
        {
            1 => diag_embed(diagonal),
            2 => this.diagonal(diagonal),
            _ => throw new TensorException($"diag(): Supports 1D or 2D tensors. Got {Rank}D"),
        };

        /// <summary>Matrices with the last dimension on their diagonals.</summary>
        public Tensor diag_embed(long offset = 0L, long dim1 = -2L, long dim2 = -1L)
        {
            var n = Shapes.Size(_shape[^1] + Int128.Abs(offset), "diag_embed");
            Shapes.Bytes([.. _shape[..^1], n, n], dtype);
            var (row, column) = (arange(_shape[^1]).add(Math.Max(0, -offset)), arange(_shape[^1]).add(Math.Max(0, offset)));
            long[] flat = [.. _shape[..^1], n * n];
            var y = zeros(flat, dtype).scatter(-1, row.mul(n).add(column).expand(_shape).contiguous(), this);
            return y.view([.. _shape[..^1], n, n]).movedim([-2, -1], [dim1, dim2]);
        }

        private Tensor Triangle(long diagonal, bool upper)
        {
            if (Rank < 2)
                throw new TensorException($"{(upper ? "triu" : "tril")}: input tensor must have at least 2 dimensions, got "
                    + $"{Rank}");
            using var scope = NewDisposeScope();
            var rows = arange(_shape[^2]).view(-1, 1);
            var columns = arange(_shape[^1]).sub(diagonal);
            return masked_fill(upper ? columns.lt(rows) : columns.gt(rows), 0).MoveToOuterDisposeScope();
        }
    }
}
