namespace Aim.Tensors;

public static partial class torch
{
    public partial class Tensor
    {
        /// <summary>The same memory under another shape (one size may be -1).</summary>
        /// <exception cref="TensorException">The count differs, or the strides do not allow it (use <see
        /// cref="reshape"/>).</exception>
        public Tensor view(params long[] shape)
        {
            var target = Shapes.Infer(shape, numel());
            var strides = Shapes.ViewStrides(_shape, _strides, target)
                ?? throw new TensorException("view size is not compatible with input tensor's size and stride (at least one "
                    + "dimension spans "
                    + $"across two contiguous subspaces): shape {Describe.Shape(_shape)}, strides {Describe.Shape(_strides)}, "
                    + $"wanted {Describe.Shape(target)}. Use .reshape(...) instead.");
            return Viewed("View", target, strides, 0, Reshaped);
        }

        public Tensor view_as(Tensor other) => view(other._shape);

        /// <summary>Another shape, as a view where the strides allow it, else as a copy.</summary>
        public Tensor reshape(params long[] shape)
        {
            var target = Shapes.Infer(shape, numel());
            var strides = Shapes.ViewStrides(_shape, _strides, target);
            return strides is null
                ? contiguous().view(target)
                : Viewed("View", target, strides, 0, Reshaped);
        }

        public Tensor permute(params long[] permutation)
        {
            if (permutation.Length != Rank)
            {
                throw new TensorException("permute: number of dimensions in the tensor input does not match the length of the "
                    + "desired "
                    + $"ordering of dimensions i.e. input.dim() = {Rank} is not equal to len(dims) = {permutation.Length}");
            }

            var (shape, strides) = (new long[Rank], new long[Rank]);
            var inverse = new long[Rank];
            var seen = new bool[Rank];
            for (var i = 0; i < Rank; i++)
            {
                var d = Shapes.Dim(permutation[i], Rank);
                if (seen[d])
                    throw new TensorException($"permute(): duplicate dims are not allowed, got {Describe.Shape(permutation)}");
                seen[d] = true;
                (shape[i], strides[i], inverse[d]) = (_shape[d], _strides[d], i);
            }

            return Viewed("Permute", shape, strides, 0, (n, g) => n.Add(0, g.permute(inverse)));
        }

        public Tensor permute(IEnumerable<long> permutation) => permute([.. permutation]);

        public Tensor transpose(long dim0, long dim1)
        {
            var (a, b) = (Shapes.Dim(dim0, Rank), Shapes.Dim(dim1, Rank));
            if (Rank == 0)
                return alias();
            var (shape, strides) = ((long[])_shape.Clone(), (long[])_strides.Clone());
            (shape[a], shape[b]) = (shape[b], shape[a]);
            (strides[a], strides[b]) = (strides[b], strides[a]);
            var y = Viewed(shape, strides, 0);
            return Autograd.Recording(this) ? RecordTranspose(y, a, b) : y;
        }

        private Tensor RecordTranspose(Tensor y, int a, int b) =>
            y.Record("Transpose", [this], [], (n, g) => n.Add(0, g.transpose(a, b)));

        public Tensor t() => Rank switch
        {
            > 2 => throw new TensorException($"t() expects a tensor with <= 2 dimensions, but self is {Rank}D"),
            2 => transpose(0, 1),
            _ => alias(),
        };

        public Tensor mT => transpose(-2, -1);

        public Tensor movedim(long source, long destination) => movedim([source], [destination]);

        public Tensor movedim(long[] source, long[] destination)
        {
            var from = source.Select(d => Shapes.Dim(d, Rank)).ToArray();
            var to = destination.Select(d => Shapes.Dim(d, Rank)).ToArray();
            if (from.Length != to.Length)
            {
                throw new TensorException($"movedim: Invalid source or destination dims: source ({Describe.Shape(source)} dims) "
                    + $"should contain the same number of dims as destination ({Describe.Shape(destination)} dims)");
            }

            foreach (var (name, dims, given) in new[] { ("source", from, source), ("destination", to, destination) })
            {
                if (dims.Distinct().Count() < dims.Length)
                    throw new TensorException($"movedim: repeated dim in `{name}` ({Describe.Shape(given)})");
            }

            var rest = new Queue<int>(Enumerable.Range(0, Rank).Where(d => !from.Contains(d)));
            var order = new long[Rank];
            for (var i = 0; i < Rank; i++)
                order[i] = Array.IndexOf(to, i) is var at && at >= 0 ? from[at] : rest.Dequeue();
            return permute(order);
        }

        /// <summary>Repeats dimensions of size 1 without copying; -1 keeps a size.</summary>
        public Tensor expand(params long[] sizes)
        {
            var extra = sizes.Length - Rank;
            if (extra < 0)
            {
                throw new TensorException($"expand({Describe.Shape(_shape)}, size={Describe.Shape(sizes)}): the number of sizes "
                    + $"provided ({sizes.Length}) must be greater or equal to the number of dimensions in the tensor ({Rank})");
            }

            var (shape, strides) = (new long[sizes.Length], new long[sizes.Length]);
            for (var i = 0; i < sizes.Length; i++)
            {
                if (i < extra)
                {
                    shape[i] = sizes[i] >= 0
                        ? sizes[i]
                        : throw new TensorException($"The expanded size of the tensor ({sizes[i]}) isn't allowed in a leading, "
                            + $"non-existing dimension {i}");
                    continue;
                }

                var own = _shape[i - extra];
                shape[i] = sizes[i] == -1 ? own : sizes[i];
                if (own != 1 && shape[i] != own)
                {
                    throw new TensorException($"The expanded size of the tensor ({shape[i]}) must match the existing size "
                        + $"({own}) at "
                        + $"non-singleton dimension {i}.  Target sizes: {Describe.Shape(sizes)}.  Tensor sizes: "
                            + $"{Describe.Shape(_shape)}");
                }

                strides[i] = own == 1 && shape[i] != 1 ? 0 : _strides[i - extra];
            }

            return Viewed("Expand", shape, strides, 0, (n, g) => n.Add(0, Reduce.To(g, n.Next[0])));
        }

        public Tensor expand(ReadOnlySpan<long> sizes, bool isImplicit = false) => expand(sizes.ToArray());

        public Tensor expand_as(Tensor other) => expand(other._shape);

        public Tensor broadcast_to(params long[] shape) => expand(shape);

        public Tensor unsqueeze(long dim)
        {
            var d = Shapes.Dim(dim, Rank + 1);
            var (shape, strides) = (new long[Rank + 1], new long[Rank + 1]);
            for (var i = 0; i <= Rank; i++)
            {
                var own = i < d ? i : i - 1;
                (shape[i], strides[i]) = i == d
                    ? (1, d < Rank ? _shape[d] * _strides[d] : 1)
                    : (_shape[own], _strides[own]);
            }

            return Viewed("Unsqueeze", shape, strides, 0, Reshaped);
        }

        /// <summary>Drops a dimension of size 1 (any other stays), or all of them.</summary>
        public Tensor squeeze(long? dim = null)
        {
            var at = dim is { } d ? Shapes.Dim(d, Rank) : -1;
            var kept = 0;
            for (var i = 0; i < Rank; i++)
                kept += Stays(i) ? 1 : 0;
            var (shape, strides) = (new long[kept], new long[kept]);
            for (int i = 0, to = 0; i < Rank; i++)
            {
                if (Stays(i))
                    (shape[to], strides[to++]) = (_shape[i], _strides[i]);
            }

            return Viewed("Squeeze", shape, strides, 0, Reshaped);

            bool Stays(int i) => _shape[i] != 1 || (at >= 0 && i != at);
        }

        public Tensor flatten(long start_dim = 0, long end_dim = -1)
        {
            if (Rank == 0)
                return reshape(1);
            var (first, last) = (Shapes.Dim(start_dim, Rank), Shapes.Dim(end_dim, Rank));
            if (first > last)
                throw new TensorException($"flatten() has invalid args: start_dim {start_dim} cannot come after end_dim "
                    + $"{end_dim}");
            long[] shape = [.. _shape[..first], Shapes.Count(_shape.AsSpan(first, last - first + 1)), .. _shape[(last + 1)..]];
            return reshape(shape);
        }

        public Tensor unflatten(long dim, params long[] sizes)
        {
            var d = Shapes.Dim(dim, Rank);
            if (!sizes.Contains(-1) && Shapes.Count(sizes) != _shape[d])
            {
                throw new TensorException($"unflatten: Provided sizes {Describe.Shape(sizes)} don't multiply up to the size of "
                    + $"dim {d} "
                    + $"({_shape[d]}) in the input tensor");
            }

            return view([.. _shape[..d], .. Shapes.Infer(sizes, _shape[d]), .. _shape[(d + 1)..]]);
        }

        /// <summary>Itself if contiguous, else a contiguous copy.</summary>
        public Tensor contiguous()
        {
            if (is_contiguous())
                return this;
            var y = Copy.Contiguous(this);
            return Autograd.Recording(this) ? y.Record("Clone", [this], [], (n, g) => n.Add(0, g)) : y;
        }

        public Tensor clone()
        {
            var y = Copy.Contiguous(this);
            return Autograd.Recording(this) ? y.Record("Clone", [this], [], (n, g) => n.Add(0, g)) : y;
        }

        /// <summary>Another handle on this tensor (same memory, same history).</summary>
        public Tensor alias() => Viewed("Alias", _shape, _strides, 0, (n, g) => n.Add(0, g));

        private Tensor Viewed(string name, long[] shape, long[] strides, long offset, Action<Node, Tensor> backward)
        {
            var y = Viewed(shape, strides, offset);
            return Autograd.Recording(this) ? y.Record(name, [this], [], backward) : y;
        }

        private Tensor Viewed(long[] shape, long[] strides, long offset) => Restride(shape, strides, offset).ViewOf(this);

        private static void Reshaped(Node node, Tensor gradient) => node.Add(0, gradient.reshape(node.Next[0]!.Shape));

        /// <summary>
        /// Backward of a view of a part: adds into that part of the gathered gradient, without a temporary of full size.
        /// </summary>
        private static void Scattered(Node node, Tensor gradient, Func<Tensor, Tensor> part)
        {
            if (!node.Needs(0))
                return;
            var whole = node.Into(0, out var beta);
            if (beta != 0)
            {
                part(whole).add_(gradient);
                return;
            }

            whole.zero_();
            Copy.Run(gradient, part(whole));
        }
    }
}
