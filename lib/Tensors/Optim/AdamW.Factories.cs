namespace Aim.Tensors;

public static partial class torch
{
    public static partial class optim
    {
        /// <summary>Adam with decoupled weight decay (Loshchilov and Hutter 2019).</summary>
        /// <exception cref="TensorException">A rate is negative, a beta outside [0, 1), or there are no
        /// parameters.</exception>
        public static Modules.AdamW AdamW(IEnumerable<Modules.Parameter> parameters, double lr = 1e-3, double beta1 = 0.9,
            double beta2 = 0.999, double eps = 1e-8, double weight_decay = 0, bool amsgrad = false, bool maximize = false) =>
            new([new Modules.AdamW.ParamGroup(parameters, new Modules.AdamW.Options())], lr, beta1, beta2, eps, weight_decay,
                amsgrad, maximize);

        public static Modules.AdamW AdamW(IEnumerable<(string name, Modules.Parameter parameter)> parameters,
            double lr = 1e-3,
            double beta1 = 0.9, double beta2 = 0.999, double eps = 1e-8, double weight_decay = 0, bool amsgrad = false,
            bool maximize = false) =>
            AdamW(parameters.Select(p => p.parameter), lr, beta1, beta2, eps, weight_decay, amsgrad, maximize);

        /// <summary>Groups with settings of their own; what a group leaves out is taken from the other arguments.</summary>
        public static Modules.AdamW AdamW(IEnumerable<Modules.AdamW.ParamGroup> parameters, double lr = 1e-3,
            double beta1 = 0.9,
            double beta2 = 0.999, double eps = 1e-8, double weight_decay = 0, bool amsgrad = false, bool maximize = false) =>
            new(parameters, lr, beta1, beta2, eps, weight_decay, amsgrad, maximize);
    }
}
