namespace Aim.Tensors.Modules;

/// <summary>Parameters that share settings.</summary>
public abstract class ParamGroup(IEnumerable<Parameter> parameters, OptimizerOptions options)
{
    public IList<Parameter> Parameters { get; } = [.. parameters];

    public OptimizerOptions Options { get; } = options;

    /// <summary>The rate of the next step; a schedule sets it.</summary>
    public double LearningRate
    {
        get => Options.LearningRate ?? double.NaN;
        set => Options.LearningRate = value;
    }

    /// <summary>The rate that schedules start from.</summary>
    public double InitialLearningRate
    {
        get => Options.InitialLearningRate;
        set => Options.InitialLearningRate = value;
    }
}

/// <summary>A group's settings; null means the optimiser's own.</summary>
public abstract class OptimizerOptions
{
    public double? LearningRate;
    public double InitialLearningRate;

    internal virtual void Load(OptimizerOptions source)
    {
        LearningRate = source.LearningRate;
        InitialLearningRate = source.InitialLearningRate;
    }
}

/// <summary>What an optimiser keeps of a parameter from step to step.</summary>
public abstract class OptimizerState
{
    /// <exception cref="TensorException">The state is another optimiser's, or of a parameter of another shape.</exception>
    internal abstract void Load(OptimizerState source);
}
