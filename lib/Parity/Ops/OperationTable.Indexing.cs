namespace Aim.Parity.Ops;

internal static partial class OperationTable
{
    private static void AddIndexing()
    {
        Both("gather", ("Tensor input, int dim, Tensor index, *, bool sparse_grad=False", a =>
        {
            a.Only("sparse_grad", false);
            return gather(a["input"], a.Int("dim"), a["index"]);
        }
        ));
        Both("take_along_dim", ("Tensor input, Tensor indices, int dim=None", a => a.IntOrNull("dim") is { } dim
            ? take_along_dim(a["input"], a["indices"], dim)
            : a["input"].take_along_dim(a["indices"])));
        Both("index_select", ("Tensor input, int dim, Tensor index", a =>
            index_select(a["input"], a.Int("dim"), a["index"])));
        const string Added = "Tensor input, int dim, Tensor index, Tensor source, *, Scalar alpha=1";
        Both("index_add", (Added, a => index_add(a["input"], a.Int("dim"), a["index"], a["source"], a.Scalar("alpha"))));
        Add("Tensor.index_add_", (Added, a =>
            a["input"].index_add_(a.Int("dim"), a["index"], a["source"], a.Scalar("alpha"))));
        Both("index_copy", ("Tensor input, int dim, Tensor index, Tensor source|tensor", a =>
            index_copy(a["input"], a.Int("dim"), a["index"], a["source"])));
        Add("Tensor.index_copy_", ("Tensor input, int dim, Tensor index, Tensor source|tensor", a =>
            a["input"].index_copy_(a.Int("dim"), a["index"], a["source"])));
        Both("index_fill", ("Tensor input, int dim, Tensor index, Scalar value", a =>
            index_fill(a["input"], a.Int("dim"), a["index"], a.Scalar("value"))));
        Add("Tensor.index_fill_", ("Tensor input, int dim, Tensor index, Scalar value", a =>
            a["input"].index_fill_(a.Int("dim"), a["index"], a.Scalar("value"))));
        Both("masked_select", ("Tensor input, Tensor mask", a => masked_select(a["input"], a["mask"])));
        Both("masked_fill", ("Tensor input, Tensor mask, Scalar value", a =>
            a["input"].masked_fill(a["mask"], a.Scalar("value"))));
        Add("Tensor.masked_fill_", ("Tensor input, Tensor mask, Scalar value", a =>
            a["input"].masked_fill_(a["mask"], a.Scalar("value"))));
        WithInPlace("masked_scatter", ("Tensor input, Tensor mask, Tensor source", a =>
            a["input"].masked_scatter(a["mask"], a["source"])));
        Both("nonzero", ("Tensor input, *, bool as_tuple=False", a => a.Flag("as_tuple")
            ? Tuple(nonzero(a["input"]).unbind(1))
            : nonzero(a["input"])));
        Both("argwhere", ("Tensor input", a => nonzero(a["input"])));
        Both("index_put", ("Tensor input, any indices, Tensor values, bool accumulate=False", a => a["input"].clone()
            .index_put_(a["values"], Indexes(a.Value("indices")), a.Flag("accumulate"))));
        Add("Tensor.index_put_", ("Tensor input, any indices, Tensor values, bool accumulate=False", a =>
            a["input"].index_put_(a["values"], Indexes(a.Value("indices")), a.Flag("accumulate"))));
        Add("Tensor.index Tensor.__getitem__", ("Tensor input, any index", a => a["input"].index(Indexes(a.Value("index")))));
        Add("Tensor.__setitem__", ("Tensor input, any index, Operand value", a =>
            a.Operand("value", t => a["input"].index_put_(t, Indexes(a.Value("index"))),
                s => a["input"].index_put_(s, Indexes(a.Value("index"))))));
    }

    /// <summary>What stands between the brackets of <c>x[...]</c>.</summary>
    private static TensorIndex[] Indexes(object? index) => index is object?[] tuple ? [.. tuple.Select(Index)] : [Index(index)];

    private static TensorIndex Index(object? index) => index switch
    {
        null => TensorIndex.None,
        PythonEllipsis => TensorIndex.Ellipsis,
        bool b => TensorIndex.Bool(b),
        long n => TensorIndex.Single(n),
        PythonSlice s => TensorIndex.Slice(s.Start, s.Stop, s.Step),
        Tensor t => TensorIndex.Tensor(t),
        PythonList list => TensorIndex.Tensor(TensorData.Build(list, null)),
        _ => throw new TorchException("only integers, slices (`:`), ellipsis (`...`), None and long or byte Variables are valid "
            + $"indices (got {Values.TypeName(index)})"),
    };

    private static void AddScattering()
    {
        (string, Func<Arguments, object?>)[] Scattered(bool inPlace) =>
        [
            ("Tensor input, int dim, Tensor index, Tensor src, *, str reduce=None", a => Scatter(a, a["src"], inPlace)),
            ("Tensor input, int dim, Tensor index, Scalar value, *, str reduce=None", a =>
                Scatter(a, full(a["index"].shape, a.Scalar("value"), a["input"].dtype), inPlace)),
        ];
        Both("scatter", Scattered(false));
        Add("Tensor.scatter_", Scattered(true));
        Both("scatter_add", ("Tensor input, int dim, Tensor index, Tensor src", a =>
            scatter_add(a["input"], a.Int("dim"), a["index"], a["src"])));
        Add("Tensor.scatter_add_", ("Tensor input, int dim, Tensor index, Tensor src", a =>
            a["input"].scatter_add_(a.Int("dim"), a["index"], a["src"])));
        WithInPlace("scatter_reduce", (
            "Tensor input, int dim, Tensor index, Tensor src, str reduce, *, bool include_self=True", a =>
                ScatterReduction.Run(a["input"], a.Int("dim"), a["index"], a["src"], a.Text("reduce"), a.Flag("include_self"))));
    }

    private static Tensor Scatter(Arguments a, Tensor src, bool inPlace)
    {
        var (x, dim, index) = (a["input"], a.Int("dim"), a["index"]);
        switch (a.TextOrNull("reduce"))
        {
            case null:
                return inPlace ? x.scatter_(dim, index, src) : scatter(x, dim, index, src);
            case "add":
                return inPlace ? x.scatter_add_(dim, index, src) : scatter_add(x, dim, index, src);
            case "multiply":
                var y = ScatterReduction.Run(x, dim, index, src, "prod", true);
                return inPlace ? Operation.Assign(x, y) : y;
            case var other:
                throw new TorchException($"reduce argument must be either add or multiply, got {other}");
        }
    }
}
