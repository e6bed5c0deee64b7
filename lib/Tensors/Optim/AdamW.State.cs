namespace Aim.Tensors.Modules;

public sealed partial class AdamW
{
    /// <summary>A group's settings; null means the optimiser's own.</summary>
    public sealed class Options : OptimizerOptions
    {
        public double? beta1;
        public double? beta2;
        public double? eps;
        public double? weight_decay;
        public bool? amsgrad;
        public bool? maximize;

        internal void Fill(double lr, double b1, double b2, double e, double decay, bool ams, bool max)
        {
            LearningRate ??= lr;
            beta1 ??= b1;
            beta2 ??= b2;
            eps ??= e;
            weight_decay ??= decay;
            amsgrad ??= ams;
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

        internal override void Load(OptimizerOptions source)
        {
            if (source is not Options o)
                throw new TensorException("the settings loaded are not those of an AdamW");
            base.Load(source);
            (beta1, beta2, eps, weight_decay) = (o.beta1, o.beta2, o.eps, o.weight_decay);
            (amsgrad, maximize) = (o.amsgrad, o.maximize);
        }
    }

    /// <summary>Parameters with settings of their own.</summary>
    public sealed class ParamGroup : Modules.ParamGroup
    {
        public ParamGroup(IEnumerable<Parameter> parameters, Options options)
            : base(parameters, options)
        {
        }

        public ParamGroup(IEnumerable<Parameter> parameters, double lr = 1.0, double beta1 = 0.9, double beta2 = 0.999,
            double eps = 1e-8, double weight_decay = 0, bool amsgrad = false, bool maximize = false)
            : this(parameters, new Options
            {
                LearningRate = lr,
                beta1 = beta1,
                beta2 = beta2,
                eps = eps,
                weight_decay = weight_decay,
                amsgrad = amsgrad,
                maximize = maximize,
            })
        {
        }

        internal Options Settings => (Options)Options;
    }

    /// <summary>Steps made and moments gathered; the tensors have the parameter's shape and belong to the optimiser.</summary>
    public sealed class State : OptimizerState, IDisposable
    {
        public long step;
        public Tensor exp_avg;
        public Tensor exp_avg_sq;

        /// <summary>The largest second moment so far; null without amsgrad.</summary>
        public Tensor? max_exp_avg_sq;

        internal State(Parameter parameter)
        {
            exp_avg = torch.zeros_like(parameter).DetachFromDisposeScope();
            exp_avg_sq = torch.zeros_like(parameter).DetachFromDisposeScope();
        }

        public void Dispose()
        {
            exp_avg.Dispose();
            exp_avg_sq.Dispose();
            max_exp_avg_sq?.Dispose();
        }

        internal override void Load(OptimizerState source)
        {
            if (source is not State other)
                throw new TensorException("the state loaded is not that of an AdamW");
            if (!Shapes.Same(other.exp_avg._shape, exp_avg._shape))
            {
                throw new TensorException($"moments of shape {Describe.Shape(other.exp_avg._shape)} for a parameter of shape "
                    + $"{Describe.Shape(exp_avg._shape)}");
            }

            step = other.step;
            exp_avg.copy_(other.exp_avg);
            exp_avg_sq.copy_(other.exp_avg_sq);
            if (other.max_exp_avg_sq is not { } largest)
                return;
            max_exp_avg_sq ??= torch.zeros_like(exp_avg).DetachFromDisposeScope();
            max_exp_avg_sq.copy_(largest);
        }
    }
}
