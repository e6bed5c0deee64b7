namespace Aim.Parity.Ops;

internal static partial class OperationTable
{
    private static void AddActivations()
    {
        void Activation(string name, Func<Tensor, Tensor> f)
        {
            WithInPlace(name, ("Tensor input", a => f(a["input"])));
            Add("F." + name, ("Tensor input", a => f(a["input"])));
        }

        Activation("sigmoid", sigmoid);
        Activation("tanh", tanh);
        WithInPlace("relu", ("Tensor input", a => relu(a["input"])));
        Add("Tensor.relu_ torch.relu_ F.relu_", ("Tensor input", a => a["input"].relu_()));
        Add("F.relu", ("Tensor input, bool inplace=False", a => nn.functional.relu(a["input"], a.Flag("inplace"))));
        Add("F.silu", ("Tensor input, bool inplace=False", a => a.Flag("inplace")
            ? Operation.Assign(a["input"], nn.functional.silu(a["input"]))
            : nn.functional.silu(a["input"])));
        Add("F.gelu", ("Tensor input, *, str approximate='none'", a => a.Text("approximate") switch
        {
            "none" => nn.functional.gelu(a["input"]),
            "tanh" => nn.functional.gelu(a["input"], Modules.GELU.Approximate.tanh),
            _ => throw new TorchException("approximate argument must be either none or tanh."),
        }));
        void Softmax(string name, Func<Tensor, long, ScalarType?, Tensor> f)
        {
            Both(name, ("Tensor input, int dim, dtype dtype=None", a => f(a["input"], a.Int("dim"), a.Dtype("dtype"))));
            Add("F." + name, ("Tensor input, int dim=None, int _stacklevel=3, dtype dtype=None", a =>
                f(a["input"], a.IntOrNull("dim") ?? (a["input"].dim() is 0 or 1 or 3 ? 0 : 1), a.Dtype("dtype"))));
        }

        Softmax("softmax", (x, dim, type) => x.softmax(dim, type));
        Softmax("log_softmax", (x, dim, type) => x.log_softmax(dim, type));
    }

    private static void AddLayers()
    {
        Add("F.linear", ("Tensor input, Tensor weight, Tensor bias=None", a =>
            nn.functional.linear(a["input"], a["weight"], a.Maybe("bias"))));
        Add("F.embedding", (
            "Tensor input, Tensor weight, int padding_idx=None, float max_norm=None, float norm_type=2.0, "
            + "bool scale_grad_by_freq=False, bool sparse=False", Embedding));
        Add("F.layer_norm torch.layer_norm", (
            "Tensor input, list normalized_shape, Tensor weight=None, Tensor bias=None, float eps=1e-05, bool cudnn_enable=True",
            a => nn.functional.layer_norm(a["input"], a.Ints("normalized_shape"), a.Maybe("weight"), a.Maybe("bias"),
                a.Float("eps"))));
        Add("F.rms_norm torch.rms_norm", ("Tensor input, list normalized_shape, Tensor weight=None, float eps=None", a =>
            RmsNorm(a["input"], a.Ints("normalized_shape"), a.Maybe("weight"), a.FloatOrNull("eps"))));
        Add("F.normalize", ("Tensor input, float p=2.0, int dim=1, float eps=1e-12", a =>
            nn.functional.normalize(a["input"], a.Float("p"), a.Int("dim"), a.Float("eps"))));
        Add("F.one_hot", ("Tensor tensor|input, int num_classes=-1", a =>
            nn.functional.one_hot(a["tensor"], a.Int("num_classes"))));
        Add("F.scaled_dot_product_attention", (
            "Tensor query, Tensor key, Tensor value, Tensor attn_mask=None, float dropout_p=0.0, bool is_causal=False, *, "
            + "float scale=None, bool enable_gqa=False", a =>
            {
                a.Only("dropout_p", 0.0);
                return DotProductAttention.Run(a["query"], a["key"], a["value"], a.Maybe("attn_mask"), a.Flag("is_causal"),
                    a.FloatOrNull("scale"), a.Flag("enable_gqa"));
            }
        ));
    }

    /// <summary>The row of the padding index gets no gradient.</summary>
    private static object Embedding(Arguments a)
    {
        a.Only("max_norm", null);
        a.Only("scale_grad_by_freq", false);
        a.Only("sparse", false);
        var weight = a["weight"];
        if (a.IntOrNull("padding_idx") is { } padding)
        {
            var rows = weight.shape[0];
            if (padding < -rows || padding >= rows)
                throw new TorchException($"Padding_idx must be within num_embeddings ({rows}), got {padding}");
            var keep = arange(rows).ne(padding < 0 ? padding + rows : padding).unsqueeze(1);
            weight = where(keep, weight, weight.detach());
        }

        return nn.functional.embedding(a["input"], weight);
    }

    /// <summary>Over several dimensions at once by way of one; without eps, with that of the type.</summary>
    private static Tensor RmsNorm(Tensor x, long[] shape, Tensor? weight, double? eps)
    {
        if (shape.Length == 0)
        {
            throw new TorchException("Expected normalized_shape to be at least 1-dimensional, i.e., containing at least one "
                + "element, but got normalized_shape = []");
        }

        if (x.dim() < shape.Length || !x.shape[^shape.Length..].SequenceEqual(shape))
        {
            throw new TorchException($"Given normalized_shape={Values.Shape(shape)}, expected input with shape "
                + $"[*, {string.Join(", ", shape)}], but got input of size {Values.Shape(x.shape)}");
        }

        if (weight is not null && !weight.shape.SequenceEqual(shape))
        {
            throw new TorchException("Expected weight to be of same shape as normalized_shape, but got weight of shape "
                + $"{Values.Shape(weight.shape)} and normalized_shape = {Values.Shape(shape)}");
        }

        var flat = x.flatten(-shape.Length);
        var scale = weight?.reshape(-1) ?? ones(flat.shape[^1], x.dtype);
        return FusedOps.rms_norm(flat, scale, eps ?? Epsilon(x.dtype)).view(x.shape);
    }

    private static double Epsilon(ScalarType type) => type switch
    {
        ScalarType.Float64 => double.BitIncrement(1) - 1,
        ScalarType.Float16 => 1.0 / 1024,
        ScalarType.BFloat16 => 1.0 / 128,
        _ => MathF.BitIncrement(1) - 1,
    };

    private static void AddLosses()
    {
        Add("F.cross_entropy", (
            "Tensor input, Tensor target, Tensor weight=None, bool size_average=None, int ignore_index=-100, bool reduce=None, "
            + "str reduction='mean', float label_smoothing=0.0", a => nn.functional.cross_entropy(a["input"], a["target"],
                a.Maybe("weight"), a.Int("ignore_index"), Reduction(a), a.Float("label_smoothing"))));
        Add("F.nll_loss", (
            "Tensor input, Tensor target, Tensor weight=None, bool size_average=None, int ignore_index=-100, bool reduce=None, "
            + "str reduction='mean'", a => nn.functional.nll_loss(a["input"], Ignoring(a["target"], a.Int("ignore_index")),
                a.Maybe("weight"), Reduction(a))));
        const string Distance = "Tensor input, Tensor target, bool size_average=None, bool reduce=None, str reduction='mean', "
            + "Tensor weight=None";
        Add("F.mse_loss", (Distance, a =>
        {
            a.Only("weight", null);
            return nn.functional.mse_loss(a["input"], a["target"], Reduction(a));
        }
        ));
        Add("F.l1_loss", (Distance, a =>
        {
            a.Only("weight", null);
            return nn.functional.l1_loss(a["input"], a["target"], Reduction(a));
        }
        ));
    }

    /// <summary>Targets in which the engine's own mark, -100, stands for the one that is ignored.</summary>
    private static Tensor Ignoring(Tensor target, long ignored)
    {
        if (ignored == -100)
            return target;
        if (target.eq(-100).any().item<bool>())
            throw new TorchException("Target -100 is out of bounds.");
        return target.masked_fill(target.eq(ignored), -100);
    }

    /// <summary>torch's reduction, or what its two deprecated flags say.</summary>
    private static nn.Reduction Reduction(Arguments a)
    {
        var text = a.Text("reduction");
        if (a.Has("size_average") || a.Has("reduce"))
            text = !(a.FlagOrNull("reduce") ?? true) ? "none" : a.FlagOrNull("size_average") ?? true ? "mean" : "sum";
        return text switch
        {
            "none" => nn.Reduction.None,
            "mean" => nn.Reduction.Mean,
            "sum" => nn.Reduction.Sum,
            _ => throw new TorchException($"{text} is not a valid value for reduction"),
        };
    }
}
