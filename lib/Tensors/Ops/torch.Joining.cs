namespace Aim.Tensors;

public static partial class torch
{
    /// <summary>Joins tensors along an existing dimension; empty vectors are skipped.</summary>
    public static Tensor cat(IList<Tensor> tensors, long dim = 0)
    {
        if (tensors.Count == 0)
            throw new TensorException("torch.cat(): expected a non-empty list of Tensors");
        for (var i = 0; i < tensors.Count; i++)
        {
            if (tensors[i].Rank == 0)
                throw new TensorException($"zero-dimensional tensor (at position {i}) cannot be concatenated");
        }

        var parts = tensors.Where(t => t.Rank != 1 || t._shape[0] != 0).ToArray();
        if (parts.Length == 0)
            parts = [tensors[0]];
        var first = parts[0];
        var d = Shapes.Dim(dim, first.Rank);
        var shape = (long[])first._shape.Clone();
        shape[d] = 0;
        var type = first.dtype;
        for (var i = 0; i < parts.Length; i++)
        {
            if (parts[i].Rank != first.Rank)
                throw new TensorException($"Tensors must have same number of dimensions: got {first.Rank} and {parts[i].Rank}");
            for (var k = 0; k < first.Rank; k++)
            {
                if (k != d && parts[i]._shape[k] != first._shape[k])
                {
                    throw new TensorException($"Sizes of tensors must match except in dimension {d}. Expected size "
                        + $"{first._shape[k]} but "
                        + $"got size {parts[i]._shape[k]} for tensor number {i} in the list.");
                }
            }

            shape[d] = Shapes.Size((Int128)shape[d] + parts[i]._shape[d], "cat");
            type = Dtypes.Promote(type, parts[i].dtype);
        }

        var y = Tensor.Empty(shape, type);
        long at = 0;
        foreach (var part in parts)
        {
            var offset = at * y._strides[d];
            using (var target = y.Restride(part._shape, y._strides, offset))
                Copy.Run(part, target);
            at += part._shape[d];
        }

        return Autograd.Recording(parts)
            ? y.Record("Cat", parts, [], (n, g) =>
            {
                long start = 0;
                for (var i = 0; i < n.Next.Length; i++)
                {
                    var length = parts[i]._shape[d];
                    if (n.Needs(i))
                        n.Add(i, g.narrow(d, start, length));
                    start += length;
                }
            })
            : y;
    }

    public static Tensor cat(Tensor[] tensors, long dim = 0) => cat((IList<Tensor>)tensors, dim);

    public static Tensor cat(ReadOnlySpan<Tensor> tensors, long dim = 0) => cat((IList<Tensor>)tensors.ToArray(), dim);

    public static Tensor concat(IList<Tensor> tensors, long dim = 0) => cat(tensors, dim);

    /// <summary>Joins tensors of one shape along a new dimension.</summary>
    public static Tensor stack(IEnumerable<Tensor> tensors, long dim = 0)
    {
        var list = tensors.ToArray();
        if (list.Length == 0)
            throw new TensorException("stack expects a non-empty TensorList");
        for (var i = 1; i < list.Length; i++)
        {
            if (!Shapes.Same(list[i]._shape, list[0]._shape))
            {
                throw new TensorException($"stack expects each tensor to be equal size, but got "
                    + $"{Describe.Shape(list[0]._shape)} at entry 0 "
                    + $"and {Describe.Shape(list[i]._shape)} at entry {i}");
            }
        }

        var d = Shapes.Dim(dim, list[0].Rank + 1);
        return cat([.. list.Select(t => t.unsqueeze(d))], d);
    }

    public static Tensor vstack(IList<Tensor> tensors) => cat([.. tensors.Select(t => t.Rank < 2 ? t.view(1, -1) : t)], 0);

    public static Tensor hstack(IList<Tensor> tensors) => cat(tensors, tensors.Count > 0 && tensors[0].Rank > 1 ? 1 : 0);

    /// <summary>
    /// Values of <paramref name="x"/> where the condition holds, else of <paramref name="y"/>; all three broadcast.
    /// </summary>
    public static Tensor where(Tensor condition, Tensor x, Tensor y)
    {
        if (condition.dtype != ScalarType.Bool)
            throw new TensorException($"where expected condition to be a boolean tensor, but got a tensor with dtype "
                + $"{Describe.Dtype(condition.dtype)}");
        var type = Dtypes.Result(x, y);
        var shape = Shapes.Broadcast(condition._shape, Shapes.Broadcast(x._shape, y._shape));
        var result = Choose(condition.expand(shape), x.detach().to(type).expand(shape), y.detach().to(type).expand(shape));
        if (!Autograd.Recording(x, y))
            return result;
        var saved = new Saved(condition);
        return result.Record("Where", [x, y], [saved], (n, g) =>
        {
            var zero = zeros([], g.dtype);
            if (n.Needs(0))
                n.Add(0, Reduce.To(where(saved.Value, g, zero), n.Next[0]));
            if (n.Needs(1))
                n.Add(1, Reduce.To(where(saved.Value, zero, g), n.Next[1]));
        });
    }

    private static unsafe Tensor Choose(Tensor condition, Tensor x, Tensor y)
    {
        var result = Tensor.Empty(x._shape, x.dtype);
        var c = condition.contiguous();
        Copy.Run(y, result);
        var loop = new Loop(result._shape, result._strides, x._strides, c._strides);
        switch (x.element_size())
        {
            case 1: Pick(loop, result.Data, x.Data, c.Data); break;
            case 2: Pick(loop, (ushort*)result.Data, (ushort*)x.Data, c.Data); break;
            case 4: Pick(loop, (uint*)result.Data, (uint*)x.Data, c.Data); break;
            default: Pick(loop, (ulong*)result.Data, (ulong*)x.Data, c.Data); break;
        }

        return result;
    }

    private static unsafe void Pick<T>(Loop loop, T* y, T* x, byte* condition)
        where T : unmanaged
    {
        var (sx, sc) = (loop.InnerStride(1), loop.InnerStride(2));
        loop.Run((oy, ox, oc, begin, end) =>
        {
            for (var i = begin; i < end; i++)
            {
                if (condition[oc + (i * sc)] != 0)
                    y[oy + i] = x[ox + (i * sx)];
            }
        });
    }
}
