namespace Aim.Parity.Ops;

internal static partial class OperationTable
{
    private static void AddReductions()
    {
        const string Sum = "Tensor input, ints dim=None, bool keepdim=False, *, dtype dtype=None";
        Both("sum", (Sum, a => a["input"].sum(a.IntsOrNull("dim") ?? [], a.Flag("keepdim"), a.Dtype("dtype"))));
        Both("mean", (Sum, a => a["input"].mean(a.IntsOrNull("dim") ?? [], a.Flag("keepdim"), a.Dtype("dtype"))));
        AddVariances();
        void Extremum(string name, Func<Tensor, long[], bool, Tensor> f) => Both(name,
            ("Tensor input, ints dim=(), bool keepdim=False", a => f(a["input"], a.Ints("dim"), a.Flag("keepdim"))));
        Extremum("amax", amax);
        Extremum("amin", amin);
        void Truth(string name, Func<Tensor, Tensor> whole, Func<Tensor, long, bool, Tensor> along) => Both(name,
            ("Tensor input, ints dim=None, bool keepdim=False", a => a.IntsOrNull("dim") is not { Length: > 0 } dims
                ? Whole(a["input"], whole(a["input"]), a.Flag("keepdim"))
                : Along(a["input"], dims, a.Flag("keepdim"), along)));
        Truth("all", all, all);
        Truth("any", any, any);
        Both("count_nonzero", ("Tensor input, ints dim=None", a => count_nonzero(a["input"], a.IntsOrNull("dim"))));
        Both("prod",
            ("Tensor input, *, dtype dtype=None", a => a["input"].prod(a.Dtype("dtype"))),
            ("Tensor input, int dim, bool keepdim=False, *, dtype dtype=None", a =>
                prod(a["input"], a.Int("dim"), a.Flag("keepdim"), a.Dtype("dtype"))));
        Both("logsumexp", ("Tensor input, ints dim, bool keepdim=False", a => OverLast(a["input"], a.Ints("dim"),
            a.Flag("keepdim"), x => x.logsumexp(-1))));
        const string Norm = "Tensor input, any p='fro', ints dim=None, bool keepdim=False, dtype dtype=None";
        Both("norm", (Norm, a => VectorNorm(a["input"], a.Value("p"), a)));
        Add("torch.linalg.vector_norm torch.linalg.norm",
            ("Tensor input|x|A, any ord=2, ints dim=None, bool keepdim=False, *, dtype dtype=None", a =>
                VectorNorm(a["input"], a.Value("ord"), a)));
        WithInPlace("cumsum", ("Tensor input, int dim, *, dtype dtype=None", a =>
            cumsum(a["input"], a.Int("dim"), a.Dtype("dtype"))));
        WithInPlace("cumprod", ("Tensor input, int dim, *, dtype dtype=None", a =>
            cumprod(a["input"], a.Int("dim"), a.Dtype("dtype"))));
    }

    private static void AddVariances()
    {
        const string Spread = "Tensor input, ints dim=None, *, Scalar correction=1, bool keepdim=False";
        const string Unbiased = "Tensor input, ints dim, bool unbiased, bool keepdim=False";
        void Define(string name, Func<Tensor, long[], double, bool, object?> f) => Both(name,
            ("Tensor input, bool unbiased", a => f(a["input"], [], a.Flag("unbiased") ? 1 : 0, false)),
            (Unbiased, a => f(a["input"], a.Ints("dim"), a.Flag("unbiased") ? 1 : 0, a.Flag("keepdim"))),
            (Spread, a => f(a["input"], a.IntsOrNull("dim") ?? [], a.ScalarOrNull("correction")?.ToDouble() ?? 1,
                a.Flag("keepdim"))));
        Define("var", Variance);
        Define("std", Deviation);
        Define("var_mean", (x, dims, correction, keepdim) =>
            new object?[] { Variance(x, dims, correction, keepdim), x.mean(dims, keepdim) });
        Define("std_mean", (x, dims, correction, keepdim) =>
            new object?[] { Deviation(x, dims, correction, keepdim), x.mean(dims, keepdim) });
    }

    private static Tensor Variance(Tensor x, long[] dims, double correction, bool keepdim) => correction is 0 or 1
        ? x.var(dims, correction == 1, keepdim)
        : x.sub(x.mean(dims, keepdim: true)).square().sum(dims, keepdim).div(Math.Max(0, Count(x, dims) - correction));

    /// <summary>Through the engine's own deviation, whose derivative at 0 is torch's.</summary>
    private static Tensor Deviation(Tensor x, long[] dims, double correction, bool keepdim) => correction is 0 or 1
        ? x.std(dims, correction == 1, keepdim)
        : x.std(dims, false, keepdim).mul(Math.Sqrt(Count(x, dims) / Math.Max(0, Count(x, dims) - correction)));

    /// <summary>How many elements each result comes from.</summary>
    private static double Count(Tensor x, long[] dims) => dims.Length == 0
        ? x.numel()
        : dims.Aggregate(1.0, (n, d) => n * (x.dim() == 0 ? 1 : x.size((int)d)));

    /// <summary>A reduction of everything, as one element in as many dimensions as before if asked for.</summary>
    private static Tensor Whole(Tensor x, Tensor y, bool keepdim) =>
        keepdim ? y.reshape([.. Enumerable.Repeat(1L, (int)x.dim())]) : y;

    /// <summary>A reduction of one dimension, over several: from the last to the first.</summary>
    private static Tensor Along(Tensor x, long[] dims, bool keepdim, Func<Tensor, long, bool, Tensor> along)
    {
        foreach (var d in Distinct(dims, x.dim()).OrderDescending())
            x = along(x, d, keepdim);
        return x;
    }

    /// <summary>Puts several dimensions into one, the last, and reduces that.</summary>
    private static Tensor OverLast(Tensor x, long[] dims, bool keepdim, Func<Tensor, Tensor> reduce)
    {
        if (x.dim() == 0)
            return reduce(x.reshape(1)).reshape(Array.Empty<long>());
        var reduced = dims.Length == 0 ? [.. Enumerable.Range(0, (int)x.dim()).Select(d => (long)d)] : Distinct(dims, x.dim());
        var kept = Enumerable.Range(0, (int)x.dim()).Select(d => (long)d).Where(d => !reduced.Contains(d)).ToArray();
        var shape = kept.Select(d => x.size((int)d)).ToArray();
        var count = reduced.Aggregate(1L, (n, d) => n * x.size((int)d));
        var y = reduce(x.permute([.. kept, .. reduced]).reshape([.. shape, count]));
        return keepdim ? y.reshape([.. Enumerable.Range(0, (int)x.dim()).Select(d => reduced.Contains(d) ? 1 : x.size(d))]) : y;
    }

    /// <summary>Dimensions from the front, checked.</summary>
    /// <exception cref="TorchException">One is out of range or occurs twice.</exception>
    private static long[] Distinct(long[] dims, long rank)
    {
        var result = new List<long>();
        var bound = Math.Max(1, rank);
        foreach (var d in dims)
        {
            if (d < -bound || d >= bound)
            {
                throw new TorchException($"Dimension out of range (expected to be in range of [{-bound}, {bound - 1}], but got "
                    + $"{d})");
            }

            if (result.Contains(d < 0 ? d + bound : d))
                throw new TorchException($"dim {(d < 0 ? d + bound : d)} appears multiple times in the list of dims");
            result.Add(d < 0 ? d + bound : d);
        }

        return [.. result];
    }

    private static Tensor VectorNorm(Tensor x, object? p, Arguments a)
    {
        var order = p switch
        {
            null or "fro" or FixtureText { Text: "fro" } => 2,
            _ => Values.ToScalar(p)?.ToDouble() ?? throw new NotExpressibleException($"a norm of order {p}"),
        };
        if (a.Dtype("dtype") is { } type)
            x = x.to(type);
        if (a.IntsOrNull("dim") is not { Length: > 0 } dims)
            return Whole(x, x.norm((float)order), a.Flag("keepdim"));
        return dims is [var one]
            ? x.norm((int)one, a.Flag("keepdim"), (float)order)
            : OverLast(x, dims, a.Flag("keepdim"), y => y.norm(-1, false, (float)order));
    }

    private static void AddOrdering()
    {
        void Extremum(string name, Func<Tensor, Tensor> whole, Func<Tensor, long, bool, (Tensor, Tensor)> along,
            Func<Tensor, Tensor, Tensor> other) => Both(name,
                ("Tensor input", a => whole(a["input"])),
                ("Tensor input, int dim, bool keepdim=False", a => Tuple(along(a["input"], a.Int("dim"), a.Flag("keepdim")))),
                ("Tensor input, Tensor other", a => other(a["input"], a["other"])));
        Extremum("max", max, max, maximum);
        Extremum("min", min, min, minimum);
        void Position(string name, Func<Tensor, Tensor> whole, Func<Tensor, long, bool, Tensor> along) => Both(name,
            ("Tensor input, int dim=None, bool keepdim=False", a => a.IntOrNull("dim") is { } dim
                ? along(a["input"], dim, a.Flag("keepdim"))
                : Whole(a["input"], whole(a["input"]), a.Flag("keepdim"))));
        Position("argmax", argmax, argmax);
        Position("argmin", argmin, argmin);
        Both("median",
            ("Tensor input", a => median(a["input"])),
            ("Tensor input, int dim, bool keepdim=False", a => Median(a["input"], a.Int("dim"), a.Flag("keepdim"))));
        Both("sort",
            ("Tensor input, int dim=-1, bool descending=False, bool stable=False", a =>
                Tuple(a["input"].sort(a.Int("dim"), a.Flag("descending"), a.Flag("stable")))),
            ("Tensor input, *, bool? stable, int dim=-1, bool descending=False", a =>
                Tuple(a["input"].sort(a.Int("dim"), a.Flag("descending"), a.FlagOrNull("stable") ?? false))));
        Both("argsort",
            ("Tensor input, int dim=-1, bool descending=False, bool stable=False", a => a.Flag("stable")
                ? a["input"].sort(a.Int("dim"), a.Flag("descending"), true).Item2
                : argsort(a["input"], a.Int("dim"), a.Flag("descending"))));
        Both("topk", ("Tensor input, int k, int dim=-1, bool largest=True, bool sorted=True", a =>
        {
            if (a.Int("k") is < 0 or > int.MaxValue)
                throw new TorchException($"selected index k out of range: {a.Int("k")}");
            return Tuple(topk(a["input"], (int)a.Int("k"), (int)Distinct([a.Int("dim")], a["input"].dim())[0], a.Flag("largest"),
                a.Flag("sorted")));
        }
        ));
    }

    /// <summary>The lower median along a dimension and where it stands; NaN wherever there is one.</summary>
    private static object?[] Median(Tensor x, long dim, bool keepdim)
    {
        var d = (int)Distinct([dim], x.dim())[0];
        if (x.dim() == 0)
            return [x.clone(), zeros([], int64)];
        if (x.size(d) == 0)
            throw new TorchException($"median(): Expected reduction dim {d} to have non-zero size.");
        var n = x.size(d);
        var order = x.detach().sort(d, false, true).Item2;
        var nans = isnan(x.detach()).sum([(long)d], keepdim: true);
        var place = where(nans.gt(0), nans.mul(-1).add(n), full([], (n - 1) / 2, int64));
        var index = order.gather(d, place);
        var values = x.gather(d, index);
        return keepdim ? [values, index] : [values.squeeze(d), index.squeeze(d)];
    }
}
