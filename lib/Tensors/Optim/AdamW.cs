using Aim.Tensors.Kernels;

namespace Aim.Tensors
{
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
}

namespace Aim.Tensors.Modules
{
    /// <summary>Parameters that share settings.</summary>
    public abstract class ParamGroup(IEnumerable<Parameter> parameters)
    {
        public IList<Parameter> Parameters { get; } = [.. parameters];

        /// <summary>The rate of the next step; a schedule sets it.</summary>
        public double LearningRate { get; set; } = double.NaN;

        /// <summary>The rate that schedules start from.</summary>
        public double InitialLearningRate { get; set; } = double.NaN;
    }

    /// <summary>
    /// See <see cref="torch.optim.AdamW(IEnumerable{Parameter}, double, double, double, double, double, bool, bool)"/>.
    /// </summary>
    public sealed class AdamW : torch.optim.Optimizer
    {
        private readonly Dictionary<Parameter, State> _states = [];

        internal AdamW(IEnumerable<ParamGroup> groups, double lr, double beta1, double beta2, double eps, double weight_decay,
            bool amsgrad,
            bool maximize)
        {
            if (amsgrad)
                throw new TensorException("AdamW: amsgrad is not supported by the managed engine");
            foreach (var group in groups)
            {
                var options = group.Settings;
                options.Fill(lr, beta1, beta2, eps, weight_decay, maximize);
                options.Check();
                if (double.IsNaN(group.LearningRate))
                    group.LearningRate = options.LearningRate!.Value;
                group.InitialLearningRate = group.LearningRate;
                AddGroup(group);
            }

            CheckNotEmpty();
        }

        /// <summary>Step count and moments of a parameter; null before its first step. For checkpoints.</summary>
        public (long Step, Tensor First, Tensor Second)? Moments(Parameter parameter) =>
            _states.TryGetValue(parameter, out var s) ? (s.Step, s.First, s.Second) : null;

        /// <summary>Sets step count and moments (copied), as read from a checkpoint.</summary>
        public void SetMoments(Parameter parameter, long step, Tensor first, Tensor second)
        {
            if (!Shapes.Same(first._shape, parameter._shape) || !Shapes.Same(second._shape, parameter._shape))
                throw new TensorException($"moments of shape {Describe.Shape(first._shape)} for a parameter of shape "
                    + $"{Describe.Shape(parameter._shape)}");
            var state = StateOf(parameter);
            state.Step = step;
            using var off = torch.no_grad();
            state.First.copy_(first);
            state.Second.copy_(second);
        }

        public override unsafe Tensor? step(Func<Tensor>? closure = null)
        {
            var loss = Evaluate(closure);
            using var off = torch.no_grad();
            using var scope = torch.NewDisposeScope();
            foreach (var group in ParamGroups.Cast<ParamGroup>())
            {
                var o = group.Settings;
                foreach (var parameter in group.Parameters)
                {
                    if (parameter.GradientBuffer is not { } gradient)
                        continue;
                    var state = StateOf(parameter);
                    state.Step++;
                    if (parameter.IsContiguousFloat)
                    {
                        var packed = gradient.is_contiguous() ? gradient : Copy.Contiguous(gradient);
                        AdamWKernel.Step(parameter.Floats, packed.Floats, state.First.Floats, state.Second.Floats,
                            parameter.numel(),
                            new AdamWSettings(group.LearningRate, o.beta1!.Value, o.beta2!.Value, o.eps!.Value,
                                o.weight_decay!.Value,
                                state.Step, o.maximize!.Value ? -1 : 1));
                        parameter.Storage.Version++;
                    }
                    else
                    {
                        Composed(parameter, gradient, state, group.LearningRate, o);
                    }
                }
            }

            return loss;
        }

        protected override void Dispose(bool disposing)
        {
            foreach (var state in _states.Values)
            {
                state.First.Dispose();
                state.Second.Dispose();
            }

            _states.Clear();
        }

        private static void Composed(Parameter p, Tensor g, State s, double lr, Options o)
        {
            g = o.maximize!.Value ? g.neg() : g;
            p.mul_(1 - (lr * o.weight_decay!.Value));
            s.First.mul_(o.beta1!.Value).add_(g, 1 - o.beta1.Value);
            s.Second.mul_(o.beta2!.Value).add_(g.mul(g), 1 - o.beta2.Value);
            var denominator = s.Second.sqrt().div(Math.Sqrt(1 - Math.Pow(o.beta2.Value, s.Step))).add(o.eps!.Value);
            p.add_(s.First.div(denominator), -lr / (1 - Math.Pow(o.beta1.Value, s.Step)));
        }

        private State StateOf(Parameter parameter)
        {
            if (!_states.TryGetValue(parameter, out var state))
            {
                state = new State(Zeros(parameter), Zeros(parameter));
                _states.Add(parameter, state);
            }

            return state;
        }

        private static Tensor Zeros(Parameter parameter) =>
            torch.zeros(parameter._shape, parameter.dtype).DetachFromDisposeScope();

        /// <summary>A group's settings; null means the optimiser's own.</summary>
        public sealed class Options
        {
            public double? LearningRate;
            public double? beta1;
            public double? beta2;
            public double? eps;
            public double? weight_decay;
            public bool? maximize;

            internal void Fill(double lr, double b1, double b2, double e, double decay, bool max)
            {
                LearningRate ??= lr;
                beta1 ??= b1;
                beta2 ??= b2;
                eps ??= e;
                weight_decay ??= decay;
                maximize ??= max;
            }

            internal void Check()
            {
                if (!(LearningRate >= 0))
                    throw new TensorException($"Invalid learning rate: {LearningRate}");
                if (!(beta1 is >= 0 and < 1))
                    throw new TensorException($"Invalid beta parameter at index 0: {beta1}");
                if (!(beta2 is >= 0 and < 1))
                    throw new TensorException($"Invalid beta parameter at index 1: {beta2}");
                if (!(eps >= 0))
                    throw new TensorException($"Invalid epsilon value: {eps}");
                if (!(weight_decay >= 0))
                    throw new TensorException($"Invalid weight_decay value: {weight_decay}");
            }
        }

        /// <summary>Parameters with settings of their own.</summary>
        public sealed class ParamGroup : Modules.ParamGroup
        {
            public ParamGroup(IEnumerable<Parameter> parameters, Options options)
                : base(parameters) => Settings = options;

            public ParamGroup(IEnumerable<Parameter> parameters, double lr = 1.0, double beta1 = 0.9, double beta2 = 0.999,
                double eps = 1e-8, double weight_decay = 0, bool amsgrad = false, bool maximize = false)
                : this(parameters, new Options
                {
                    LearningRate = lr,
                    beta1 = beta1,
                    beta2 = beta2,
                    eps = eps,
                    weight_decay = weight_decay,
                    maximize = maximize,
                })
            {
            }

            internal Options Settings { get; }
        }

        private sealed class State(Tensor first, Tensor second)
        {
            internal long Step { get; set; }

            internal Tensor First { get; } = first;

            internal Tensor Second { get; } = second;
        }
    }
}
