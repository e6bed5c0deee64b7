using Aim.Tensors.Kernels;

namespace Aim.Tensors;

public static partial class torch
{
    public static partial class nn
    {
        public static class utils
        {
            /// <summary>Scales all gradients so that their common p-norm is at most <paramref name="max_norm"/>.</summary>
            /// <returns>The norm before.</returns>
            public static unsafe double clip_grad_norm_(IEnumerable<Modules.Parameter> tensors, double max_norm,
                double norm_type = 2.0)
            {
                var gradients = tensors.Select(t => t.GradientBuffer).OfType<Tensor>().ToArray();
                double norm = 0;
                using (no_grad())
                using (NewDisposeScope())
                {
                    if (norm_type == 2.0 && gradients.All(g => g.IsContiguousFloat))
                    {
                        foreach (var g in gradients)
                            norm += Kernels.Reduce.SumSquares(g.Floats, g.numel());
                        norm = Math.Sqrt(norm);
                    }
                    else
                    {
                        var norms = gradients.Select(g => g.to(ScalarType.Float64).Norm([], false, norm_type)).ToArray();
                        norm = norms.Length == 0 ? 0 : stack(norms).Norm([], false, norm_type).ToDouble();
                    }

                    var scale = max_norm / (norm + 1e-6);
                    if (scale < 1 || double.IsNaN(scale))
                    {
                        foreach (var g in gradients)
                        {
                            if (g.IsContiguousFloat)
                                Kernels.Elementwise.Scale((float)scale, g.Floats, g.Floats, g.numel());
                            else
                                g.mul_(scale);
                        }
                    }
                }

                return norm;
            }
        }
    }
}
