namespace Aim.Tensors.Tests.Ops;

/// <summary>How each operation of the fixtures is called here.</summary>
public static partial class OpTable
{
    public delegate Tensor[] Call(OpCase c, Tensor[] x);

    public static Dictionary<string,
        Call> Ops
    { get; } = Merge(Pointwise(), Reductions(), Shaping(), Indexing(), Functional(), Compositions(), Factories());

    private static Dictionary<string, Call> Merge(params Dictionary<string, Call>[] parts) =>
        parts.SelectMany(p => p).ToDictionary(p => p.Key, p => p.Value);

    private static Call One(Func<Tensor, Tensor> f) => (_, x) => [f(x[0])];

    private static Call Two(Func<Tensor, Tensor, Tensor> f) => (_, x) => [f(x[0], x[1])];

    private static Call OrScalar(Func<Tensor, Tensor, Tensor> f, Func<Tensor, Scalar, Tensor> g) =>
        (c, x) => [x.Length > 1 ? f(x[0], x[1]) : g(x[0], c.Value("other"))];

    private static RoundingMode Rounding(OpCase c) => c.Text("rounding_mode", "") switch
    {
        "floor" => RoundingMode.floor,
        "trunc" => RoundingMode.trunc,
        _ => RoundingMode.None,
    };

    private static Dictionary<string, Call> Pointwise()
    {
        var ops = new Dictionary<string, Call>
        {
            ["torch.add"] = (c, x) =>
                [c.Has("other") ? x[0].add(c.Value("other")) : c.Has("alpha") ? x[0].add(x[1], c.Value("alpha")) : x[0] + x[1]],
            ["torch.sub"] = (c, x) =>
                [c.Has("other") ? x[0].sub(c.Value("other")) : c.Has("alpha") ? x[0].sub(x[1], c.Value("alpha")) : x[0] - x[1]],
            ["torch.mul"] = OrScalar((a, b) => a * b, (a, s) => a.mul(s)),
            ["torch.div"] = (c, x) => [c.Has("other") ? x[0].div(c.Value("other")) : x[0].div(x[1], Rounding(c))],
            ["Tensor.rsub"] = (c, x) => [1.5 - x[0]],
            ["Tensor.rdiv"] = (c, x) => [1.5 / x[0]],
            ["torch.remainder"] = OrScalar((a, b) => a.remainder(b), (a, s) => a.remainder(s)),
            ["torch.fmod"] = Two((a, b) => a.fmod(b)),
            ["torch.floor_divide"] = Two((a, b) => a.floor_divide(b)),
            ["torch.pow"] = (c, x) => [c.Has("exponent") ? x[0].pow(c.Value("exponent")) : x[0].pow(x[1])],
            ["torch.maximum"] = Two(maximum),
            ["torch.minimum"] = Two(minimum),
            ["torch.atan2"] = Two(atan2),
            ["torch.eq"] = OrScalar((a, b) => a.eq(b), (a, s) => a.eq(s)),
            ["torch.ne"] = OrScalar((a, b) => a.ne(b), (a, s) => a.ne(s)),
            ["torch.lt"] = OrScalar((a, b) => a < b, (a, s) => a < s),
            ["torch.le"] = OrScalar((a, b) => a <= b, (a, s) => a <= s),
            ["torch.gt"] = OrScalar((a, b) => a > b, (a, s) => a > s),
            ["torch.ge"] = OrScalar((a, b) => a >= b, (a, s) => a >= s),
            ["torch.isclose"] = (c, x) => [x[0].isclose(x[1], nanEqual: c.Flag("equal_nan"))],
            ["torch.clamp"] = (c, x) =>
                [x.Length > 1 ? x[0].clamp(x[1], x[2])
                : x[0].clamp(c.Has("min") ? c.Value("min") : null, c.Has("max") ? c.Value("max") : null)],
            ["torch.nan_to_num"] = (c, x) =>
                [x[0].nan_to_num(c.Number("nan"), c.Has("posinf") ? c.Number("posinf") : null,
                c.Has("neginf") ? c.Number("neginf") : null)],
            ["torch.lerp"] = (c, x) => [x[0].lerp(x[1], full([], c.Number("weight")))],
            ["torch.addcmul"] = (c, x) => [x[0].addcmul(x[1], x[2], c.Value("value"))],
            ["torch.addcdiv"] = (c, x) => [x[0].addcdiv(x[1], x[2], c.Value("value"))],
            ["torch.where"] = (_, x) => [where(x[0], x[1], x[2])],
            ["Tensor.to"] = (c, x) => [x[0].to(c.Dtype("dtype")!.Value)],
        };
        foreach (var (name, f) in new (string, Func<Tensor, Tensor>)[]
        {
            ("abs", abs), ("neg", neg), ("exp", exp), ("exp2", exp2), ("expm1", expm1), ("log", log), ("log2", log2),
                ("log10", log10),
            ("log1p", log1p), ("sqrt", sqrt), ("rsqrt", rsqrt), ("reciprocal", reciprocal), ("square", square), ("sin", sin),
                ("cos", cos),
            ("tanh", tanh), ("atan", atan), ("erf", erf), ("sigmoid", sigmoid), ("relu", relu), ("sign", sign), ("floor", floor),
                ("ceil", ceil),
            ("trunc", trunc), ("frac", frac), ("round", x => round(x)), ("isnan", isnan), ("isinf", isinf),
                ("isfinite", isfinite),
            ("logical_not", logical_not), ("bitwise_not", bitwise_not),
        })
            ops["torch." + name] = One(f);
        foreach (var (name, f) in new (string, Func<Tensor, Tensor, Tensor>)[]
        {
            ("logical_and", logical_and), ("logical_or", logical_or), ("logical_xor", logical_xor), ("bitwise_and", bitwise_and),
            ("bitwise_or", bitwise_or), ("bitwise_xor", bitwise_xor), ("matmul", matmul), ("mm", mm), ("bmm", bmm), ("mv", mv),
                ("dot", dot),
            ("outer", outer),
        })
            ops["torch." + name] = Two(f);
        ops["torch.addmm"] = (c, x) => [addmm(x[0], x[1], x[2], (float)c.Number("beta", 1), (float)c.Number("alpha", 1))];
        ops["torch.baddbmm"] = (c, x) => [baddbmm(x[0], x[1], x[2], (float)c.Number("beta", 1), (float)c.Number("alpha", 1))];
        return ops;
    }

    private static Dictionary<string, Call> Reductions()
    {
        Call Pair(Func<Tensor, Tensor> all, Func<Tensor, Tensor, Tensor> other, Func<Tensor, long, bool,
            (Tensor, Tensor)> along) => (c, x) =>
        {
            if (x.Length > 1)
                return [other(x[0], x[1])];
            if (!c.Has("dim"))
                return [all(x[0])];
            var (values, indices) = along(x[0], c.Long("dim"), c.Flag("keepdim"));
            return [values, indices];
        };
        return new()
        {
            ["torch.sum"] = (c, x) => [x[0].sum(c.Longs("dim"), c.Flag("keepdim"), c.Dtype("dtype"))],
            ["torch.mean"] = (c, x) => [x[0].mean(c.Longs("dim"), c.Flag("keepdim"), c.Dtype("dtype"))],
            ["torch.var"] = (c, x) => [x[0].var(c.Longs("dim"), c.Long("correction", 1) == 1, c.Flag("keepdim"))],
            ["torch.std"] = (c, x) => [x[0].std(c.Longs("dim"), c.Long("correction", 1) == 1, c.Flag("keepdim"))],
            ["torch.var_mean"] = (c, x) =>
            {
                var (v, m) = x[0].var_mean(c.Longs("dim"), c.Long("correction", 1) == 1);
                return [v, m];
            },
            ["torch.max"] = Pair(a => a.max(), maximum, (a, d, k) => a.max(d, k)),
            ["torch.min"] = Pair(a => a.min(), minimum, (a, d, k) => a.min(d, k)),
            ["torch.amax"] = (c, x) => [x[0].amax(c.Longs("dim"), c.Flag("keepdim"))],
            ["torch.amin"] = (c, x) => [x[0].amin(c.Longs("dim"), c.Flag("keepdim"))],
            ["torch.argmax"] = (c, x) => [c.Has("dim") ? x[0].argmax(c.Long("dim"), c.Flag("keepdim")) : x[0].argmax()],
            ["torch.argmin"] = (c, x) => [c.Has("dim") ? x[0].argmin(c.Long("dim"), c.Flag("keepdim")) : x[0].argmin()],
            ["torch.all"] = (c, x) => [c.Has("dim") ? x[0].all(c.Long("dim"), c.Flag("keepdim")) : x[0].all()],
            ["torch.any"] = (c, x) => [c.Has("dim") ? x[0].any(c.Long("dim"), c.Flag("keepdim")) : x[0].any()],
            ["torch.count_nonzero"] = (c, x) => [x[0].count_nonzero(c.Has("dim") ? c.Longs("dim") : null)],
            ["torch.prod"] = (c, x) => [c.Has("dim") ? x[0].prod(c.Long("dim"), c.Flag("keepdim")) : x[0].prod()],
            ["torch.logsumexp"] = (c, x) => [x[0].logsumexp(c.Long("dim"), c.Flag("keepdim"))],
            ["torch.norm"] = (c, x) => [c.Has("dim")
                ? x[0].norm((int)c.Long("dim"), c.Flag("keepdim"), (float)c.Number("p", 2))
                : x[0].norm((float)c.Number("p", 2))],
            ["torch.cumprod"] = (c, x) => [x[0].cumprod(c.Long("dim"))],
            ["torch.cumsum"] = (c, x) => [x[0].cumsum(c.Long("dim"))],
            ["torch.median"] = (c, x) => [x[0].median()],
            ["torch.sort"] = (c, x) =>
            {
                var (v, i) = x[0].sort(c.Long("dim", -1), c.Flag("descending"), c.Flag("stable"));
                return [v, i];
            },
            ["torch.argsort"] = (c, x) => [x[0].argsort(c.Long("dim", -1), c.Flag("descending"))],
            ["torch.topk"] = (c, x) =>
            {
                var (v, i) = x[0].topk((int)c.Long("k"), (int)c.Long("dim", -1), c.Flag("largest", true));
                return [v, i];
            },
        };
    }
}
