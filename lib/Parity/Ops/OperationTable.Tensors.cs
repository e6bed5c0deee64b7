namespace Aim.Parity.Ops;

internal static partial class OperationTable
{
    private const string Created = "*, dtype dtype=None, any layout=None, any device=None, bool pin_memory=False, "
        + "bool requires_grad=False";

    private static void AddFactories()
    {
        void Sized(string name, Func<long[], ScalarType?, Tensor> f) => Add("torch." + name,
            ($"*ints size, {Created}, any generator=None", a => Finished(a, f(a.Ints("size"), a.Dtype("dtype")))));
        Sized("zeros", (size, type) => zeros(size, type));
        Sized("ones", (size, type) => ones(size, type));
        Sized("empty", (size, type) => empty(size, type));
        Sized("rand", (size, type) => rand(size, type));
        Sized("randn", (size, type) => randn(size, type));
        Add("torch.full", ($"ints size, Scalar fill_value, {Created}", a =>
            Finished(a, full(a.Ints("size"), a.Scalar("fill_value"), a.Dtype("dtype")))));
        void Like(string name, Func<Tensor, ScalarType?, Tensor> f) => Add("torch." + name,
            ($"Tensor input, {Created}, any memory_format=None", a => Finished(a, f(a["input"], a.Dtype("dtype")))));
        Like("zeros_like", (x, type) => zeros_like(x, type));
        Like("ones_like", (x, type) => ones_like(x, type));
        Like("empty_like", (x, type) => empty_like(x, type));
        Add("torch.full_like", ($"Tensor input, Scalar fill_value, {Created}", a =>
            Finished(a, full_like(a["input"], a.Scalar("fill_value"), a.Dtype("dtype")))));
        Add("torch.arange",
            ($"Scalar end, {Created}", a => Finished(a, arange(a.Scalar("end"), a.Dtype("dtype")))),
            ($"Scalar start, Scalar end, Scalar step=1, {Created}", a =>
                Finished(a, arange(a.Scalar("start"), a.Scalar("end"), a.Scalar("step"), a.Dtype("dtype")))));
        Add("torch.linspace", ($"float start, float end, int steps, {Created}", a =>
            Finished(a, linspace(a.Float("start"), a.Float("end"), a.Int("steps"), a.Dtype("dtype")))));
        Add("torch.eye", ($"int n, int m=None, {Created}", a =>
        {
            if (a.IntOrNull("m") is < 0)
                throw new TorchException($"m must be greater or equal to 0, got {a.Int("m")}");
            return Finished(a, eye(a.Int("n"), a.IntOrNull("m") ?? -1, a.Dtype("dtype")));
        }
        ));
        Add("torch.randint",
            ($"int high, ints size, {Created}, any generator=None", a =>
                Finished(a, randint(a.Int("high"), a.Ints("size"), a.Dtype("dtype")))),
            ($"int low, int high, ints size, {Created}, any generator=None", a =>
                Finished(a, randint(a.Int("low"), a.Int("high"), a.Ints("size"), a.Dtype("dtype")))));
        Add("torch.randperm", ($"int n, {Created}, any generator=None", a =>
            Finished(a, randperm(a.Int("n"), a.Dtype("dtype")))));
        Add("torch.tensor", ($"any data, {Created}", a => Finished(a, TensorData.Build(a.Value("data"), a.Dtype("dtype")))));
        Add("torch.manual_seed", ("int seed", a =>
        {
            manual_seed(a.Int("seed"));
            return null;
        }
        ));
    }

    private static Tensor Finished(Arguments a, Tensor y)
    {
        OnThisDevice(a.Value("device"));
        return a.Flag("requires_grad") ? y.requires_grad_() : y;
    }

    private static void OnThisDevice(object? device)
    {
        if (device is not (null or "cpu" or FixtureText { Text: "cpu" }))
            throw new NotExpressibleException($"device {device}");
    }

    private static void AddConversions()
    {
        const string How = "bool non_blocking=False, bool copy=False, *, any memory_format=None";
        Add("Tensor.to",
            ($"Tensor input, dtype dtype, {How}", a => a["input"].to(a.Dtype("dtype")!.Value, a.Flag("copy"))),
            ($"Tensor input, Tensor other, {How}", a => a["input"].to(a["other"].dtype, a.Flag("copy"))),
            ($"Tensor input, any device=None, dtype dtype=None, {How}", a =>
            {
                OnThisDevice(a.Value("device"));
                return a["input"].to(a.Dtype("dtype") ?? a["input"].dtype, a.Flag("copy"));
            }
        ));
        Add("Tensor.type", ("Tensor input, dtype dtype", a => a["input"].to(a.Dtype("dtype")!.Value)));
        foreach (var name in new[] { "float", "double", "half", "bfloat16", "long", "int", "short", "bool" })
            Add($"Tensor.{name}", ("Tensor input", a => a["input"].to(Values.Dtype(name)!.Value)));
        Add("Tensor.byte", ("Tensor input", a => a["input"].to(ScalarType.Byte)));
        Add("Tensor.cpu", ("Tensor input", a => a["input"]));
        Add("Tensor.item", ("Tensor input", a => TensorData.Number(a["input"])));
        Add("Tensor.tolist", ("Tensor input", a => TensorData.List(a["input"])));
        Both("numel", ("Tensor input", a => a["input"].numel()));
        Add("Tensor.nelement", ("Tensor input", a => a["input"].numel()));
        Add("Tensor.dim Tensor.ndimension", ("Tensor input", a => a["input"].dim()));
        Add("Tensor.size",
            ("Tensor input", a => a["input"].shape.Select(n => (object?)n).ToArray()),
            ("Tensor input, int dim", a => a["input"].shape[Distinct([a.Int("dim")], a["input"].dim())[0]]));
        Add("Tensor.stride",
            ("Tensor input", a => a["input"].stride().Select(n => (object?)n).ToArray()),
            ("Tensor input, int dim", a => a["input"].stride()[Distinct([a.Int("dim")], a["input"].dim())[0]]));
        Add("Tensor.is_contiguous", ("Tensor input", a => a["input"].is_contiguous()));
        Both("is_floating_point", ("Tensor input", a => a["input"].is_floating_point()));
        Add("Tensor.element_size", ("Tensor input", a => a["input"].element_size()));
        Add("Tensor.zero_", ("Tensor input", a => a["input"].zero_()));
        Add("Tensor.fill_", ("Tensor input, Scalar value", a => a["input"].fill_(a.Scalar("value"))));
        Add("Tensor.copy_", ("Tensor input, Tensor src|other, bool non_blocking=False", a => a["input"].copy_(a["src"])));
        Add("Tensor.normal_", ("Tensor input, float mean=0.0, float std=1.0, *, any generator=None", a =>
            a["input"].normal_(a.Float("mean"), a.Float("std"))));
        Add("Tensor.uniform_", ("Tensor input, float from=0.0, float to=1.0, *, any generator=None", a =>
            a["input"].uniform_(a.Float("from"), a.Float("to"))));
    }

    private static void AddAutograd()
    {
        Add("Tensor.detach torch.detach", ("Tensor input", a => a["input"].detach()));
        Add("Tensor.requires_grad_", ("Tensor input, bool requires_grad=True", a =>
            a["input"].requires_grad_(a.Flag("requires_grad"))));
        Add("Tensor.backward", (
            "Tensor input, Tensor gradient=None, bool retain_graph=None, bool create_graph=False, any inputs=None", a =>
            {
                a.Only("inputs", null);
                a["input"].backward(a.Maybe("gradient") is { } g ? [g] : null, a.FlagOrNull("retain_graph") ?? false,
                    a.Flag("create_graph"));
                return null;
            }
        ));
        Add("torch.autograd.backward", (
            "any tensors, any grad_tensors=None, bool retain_graph=None, bool create_graph=False, any inputs=None", a =>
            {
                a.Only("inputs", null);
                autograd.backward(OneOrMore(a, "tensors")!, OneOrMore(a, "grad_tensors"), a.FlagOrNull("retain_graph"),
                    a.Flag("create_graph"));
                return null;
            }
        ));
        Add("torch.autograd.grad", (
            "any outputs, any inputs, any grad_outputs=None, bool retain_graph=None, bool create_graph=False, "
            + "bool is_grads_batched=False, bool allow_unused=None, bool materialize_grads=False", a =>
            {
                a.Only("is_grads_batched", false);
                a.Only("materialize_grads", false);
                return autograd.grad(OneOrMore(a, "outputs")!, OneOrMore(a, "inputs")!, OneOrMore(a, "grad_outputs"),
                    a.FlagOrNull("retain_graph") ?? false, a.Flag("create_graph"), a.FlagOrNull("allow_unused") ?? false)
                    .Cast<object?>().ToArray();
            }
        ));
        Add("torch.no_grad", ("", _ => new GradMode(() => no_grad())));
        Add("torch.enable_grad", ("", _ => new GradMode(() => enable_grad())));
        Add("torch.inference_mode", ("bool mode=True", a => new GradMode(() => inference_mode(a.Flag("mode")))));
        Add("torch.set_grad_enabled", ("bool mode", a =>
        {
            var change = set_grad_enabled(a.Flag("mode"));
            return new GradMode(() => change);
        }
        ));
        Add("torch.is_grad_enabled", ("", _ => is_grad_enabled()));
    }

    private static Tensor[]? OneOrMore(Arguments a, string name) => a.Value(name) switch
    {
        null => null,
        Tensor t => [t],
        var other when Values.Sequence(other) is { } items && items.All(i => i is Tensor) => [.. items.Cast<Tensor>()],
        var other => throw new TorchException($"argument '{name}' must be a Tensor or a list of them, not "
            + Values.TypeName(other)),
    };
}

/// <summary>What <c>with</c> enters; leaving restores the mode that was.</summary>
internal sealed class GradMode(Func<IDisposable> enter)
{
    public IDisposable Enter() => enter();
}
