namespace Aim.Parity.Ops;

internal static partial class OperationTable
{
    private static void AddOptimizers()
    {
        Add("torch.optim.AdamW optim.AdamW", (
            "any params, float lr=0.001, floats betas=None, float eps=1e-08, float weight_decay=0.01, bool amsgrad=False, *, "
            + "bool maximize=False, any foreach=None, bool capturable=False, bool differentiable=False, any fused=None", a =>
            {
                a.Only("differentiable", false);
                return PythonOptimizer.AdamW(a);
            }
        ));
        Add("torch.nn.utils.clip_grad_norm_", (
            "any parameters, float max_norm, float norm_type=2.0, bool error_if_nonfinite=False, any foreach=None", a =>
            {
                var tensors = OneOrMore(a, "parameters")!.Where(t => t.grad is not null).ToArray();
                var norm = ClipGradients(tensors, a.Float("max_norm"), a.Float("norm_type"), a.Flag("error_if_nonfinite"));
                return full([], norm, float32);
            }
        ));
    }

    private static double ClipGradients(Tensor[] tensors, double maxNorm, double order, bool refuse)
    {
        var parameters = tensors.Select(t =>
        {
            var parameter = nn.Parameter(t.detach());
            parameter.grad = refuse ? t.grad!.clone() : t.grad;
            return parameter;
        }).ToArray();
        var norm = nn.utils.clip_grad_norm_(parameters, maxNorm, order);
        if (refuse && !double.IsFinite(norm))
        {
            throw new TorchException($"The total norm of order {order} for gradients from `parameters` is non-finite, so it "
                + "cannot be clipped. To disable this error and scale the gradients by the non-finite norm anyway, set "
                + "`error_if_nonfinite=False`");
        }

        foreach (var (tensor, parameter) in tensors.Zip(parameters))
            tensor.grad = parameter.grad;
        return norm;
    }
}
