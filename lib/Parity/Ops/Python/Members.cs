namespace Aim.Parity.Ops;

/// <summary>A namespace of torch, by its path.</summary>
internal sealed record PythonModule(string Path);

/// <summary>A tensor's method, ready to be called.</summary>
internal sealed record BoundMethod(Tensor Tensor, Operation Operation);

/// <summary>What a dot leads to.</summary>
internal static class Members
{
    private static readonly HashSet<string> Modules =
    [
        "torch.nn", "torch.nn.functional", "torch.nn.utils", "torch.linalg", "torch.special", "torch.autograd", "torch.optim",
        "torch.optim.lr_scheduler", "torch.nn.parameter",
    ];

    public static object? Get(object? target, string name) => target switch
    {
        PythonModule module => OfModule(module.Path, name),
        Tensor t => OfTensor(t, name),
        PythonOptimizer optimizer => name switch
        {
            "step" => Builtin.Of(name, optimizer.Step),
            "zero_grad" => Builtin.Of(name, optimizer.ZeroGrad),
            _ => throw new NotExpressibleException($"an optimiser's {name}"),
        },
        _ => throw new NotExpressibleException($"{name} of a {Values.TypeName(target)}"),
    };

    public static void Set(object? target, string name, object? value)
    {
        switch (target, name)
        {
            case (Tensor t, "requires_grad") when value is bool flag:
                t.requires_grad_(flag);
                break;
            case (Tensor t, "grad") when value is null or Tensor:
                t.grad = (Tensor?)value;
                break;
            default:
                throw new NotExpressibleException($"setting {name} of a {Values.TypeName(target)}");
        }
    }

    private static object? OfModule(string path, string name)
    {
        var full = $"{path}.{name}";
        if (path == "torch" && Values.Dtype(name) is { } dtype)
            return dtype;
        if (OperationTable.Find(full) is { } operation)
            return operation;
        if (Modules.Contains(full))
            return new PythonModule(full);
        return full switch
        {
            "torch.inf" => double.PositiveInfinity,
            "torch.nan" => double.NaN,
            "torch.pi" => Math.PI,
            "torch.e" => Math.E,
            "torch.newaxis" or "torch.strided" => null,
            "torch.Tensor" => new PythonModule("Tensor"),
            "torch.Size" => Builtin.All["tuple"],
            "torch.device" => Builtin.All["str"],
            "torch.nn.Parameter" or "torch.nn.parameter.Parameter" => Builtin.All["Parameter"],
            _ => throw new NotExpressibleException($"{full} is not an operation of this build"),
        };
    }

    private static object? OfTensor(Tensor t, string name) => name switch
    {
        "shape" => t.shape.Select(n => (object?)n).ToArray(),
        "dtype" => t.dtype,
        "ndim" => t.dim(),
        "device" => "cpu",
        "requires_grad" => t.requires_grad,
        "is_leaf" => t.is_leaf,
        "grad" => t.grad,
        "data" => t.detach(),
        "T" => t.permute([.. Enumerable.Range(1, (int)t.dim()).Select(i => t.dim() - i)]),
        "mT" when t.dim() < 2 => throw new TorchException("tensor.mT is only supported on matrices or batches of matrices. Got "
            + $"{t.dim()}-D tensor."),
        "mT" => t.transpose(-2, -1),
        _ => OperationTable.Find($"Tensor.{name}") is { } operation
            ? new BoundMethod(t, operation)
            : throw new NotExpressibleException($"Tensor.{name} is not an operation of this build"),
    };
}
