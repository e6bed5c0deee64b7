namespace Aim.Parity.Ops;

/// <summary>torch.scatter_reduce from the engine's scatter operations; <c>mean</c> with its own values is FusedOps'.</summary>
internal static class ScatterReduction
{
    /// <summary>input [..], index and src of as many dimensions -> input's shape.</summary>
    /// <exception cref="TorchException">No such reduction.</exception>
    public static Tensor Run(Tensor input, long dim, Tensor index, Tensor src, string reduce, bool includeSelf)
    {
        switch (reduce)
        {
            case "sum":
                return Own(input, dim, index, includeSelf, 0).scatter_add(dim, index, src);
            case "mean" when includeSelf && Values.IsFloat(input.dtype):
                return FusedOps.scatter_mean(input, dim, index, src);
            case "mean":
                var count = Own(ones_like(input), dim, index, includeSelf, 0).scatter_add(dim, index, ones_like(src));
                return Own(input, dim, index, includeSelf, 0).scatter_add(dim, index, src).div(count,
                    Values.IsFloat(input.dtype) ? RoundingMode.None : RoundingMode.floor);
            case "prod":
                return Combine(Own(input, dim, index, includeSelf, 1), dim, index, src, (a, b) => a.mul(b));
            case "amax":
                return Extremum(input, dim, index, src, includeSelf, maximum, largest: true);
            case "amin":
                return Extremum(input, dim, index, src, includeSelf, minimum, largest: false);
            default:
                throw new TorchException($"reduce argument must be either sum, prod, mean, amax or amin, got {reduce}.");
        }
    }

    /// <summary>The values already there, or the neutral one wherever something arrives.</summary>
    private static Tensor Own(Tensor input, long dim, Tensor index, bool includeSelf, Scalar neutral) =>
        includeSelf ? input : input.scatter(dim, index, full(index.shape, neutral, input.dtype));

    /// <summary>
    /// One position along the dimension after the other: these send to distinct places, so that each is a plain scatter.
    /// </summary>
    private static Tensor Combine(Tensor y, long dim, Tensor index, Tensor src, Func<Tensor, Tensor, Tensor> combine)
    {
        if (index.dim() == 0 || index.numel() == 0)
            return index.numel() == 0 ? y.scatter(dim, index, src) : combine(y, src);
        for (long i = 0; i < index.size((int)dim); i++)
        {
            var at = index.narrow(dim, i, 1);
            var arriving = src[[.. Corner(at, dim, i)]];
            y = y.scatter(dim, at, combine(y.gather(dim, at), arriving));
        }

        return y;
    }

    /// <summary>The part of src that an index of this shape reads.</summary>
    private static IEnumerable<TensorIndex> Corner(Tensor index, long dim, long from)
    {
        var along = dim < 0 ? dim + index.dim() : dim;
        for (var d = 0; d < index.dim(); d++)
            yield return d == along ? TensorIndex.Slice(from, from + 1) : TensorIndex.Slice(0, index.size(d));
    }

    /// <summary>The gradient of a result goes in equal shares to all that equal it.</summary>
    private static Tensor Extremum(Tensor input, long dim, Tensor index, Tensor src, bool includeSelf,
        Func<Tensor, Tensor, Tensor> combine, bool largest)
    {
        Tensor result;
        Tensor own;
        using (no_grad())
        {
            var worst = Values.IsFloat(input.dtype) ? largest ? double.NegativeInfinity : double.PositiveInfinity
                : (Scalar)(largest ? Lowest(input.dtype) : Highest(input.dtype));
            own = Own(input, dim, index, includeSelf, worst);
            result = Combine(own, dim, index, src, combine);
        }

        if (!is_grad_enabled() || !(input.requires_grad || src.requires_grad))
            return result;
        Tensor toOwn, toSrc;
        using (no_grad())
        {
            var part = src[[.. Enumerable.Range(0, (int)index.dim()).Select(d => TensorIndex.Slice(0, index.size(d)))]];
            var arriving = part.eq(result.gather(dim, index)).to(input.dtype);
            var staying = own.eq(result).to(input.dtype);
            if (!includeSelf)
                staying = staying.scatter(dim, index, zeros(index.shape, input.dtype));
            var share = staying.scatter_add(dim, index, arriving).clamp_min(1).reciprocal();
            (toOwn, toSrc) = (staying.mul(share), arriving.mul(share.gather(dim, index)));
        }

        var read = src[[.. Enumerable.Range(0, (int)index.dim()).Select(d => TensorIndex.Slice(0, index.size(d)))]];
        return result.add(Flow(input).mul(toOwn)).add(zeros_like(input).scatter_add(dim, index, Flow(read).mul(toSrc)));
    }

    /// <summary>Zeros whose gradient is x's; where x is not finite there is no such zero and no gradient.</summary>
    private static Tensor Flow(Tensor x) => x.sub(x.detach()).masked_fill(x.detach().isfinite().logical_not(), 0);

    private static long Lowest(ScalarType type) => type switch
    {
        ScalarType.Int64 => long.MinValue,
        ScalarType.Int32 => int.MinValue,
        _ => 0,
    };

    private static long Highest(ScalarType type) => type switch
    {
        ScalarType.Int64 => long.MaxValue,
        ScalarType.Int32 => int.MaxValue,
        _ => 255,
    };
}
