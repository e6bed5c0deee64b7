namespace Aim.Experiments.Training;

/// <summary>One stage of the training: which weights move, what a step's batch is, and its loss.</summary>
/// <typeparam name="T">A prepared batch: plain arrays, made on the background thread.</typeparam>
internal abstract class TrainingStage<T>
{
    public abstract string Name { get; }

    public abstract StageRecipe Recipe { get; }

    /// <summary>The weights that this stage trains, in a fixed order.</summary>
    public abstract IReadOnlyList<(string Name, Modules.Parameter Parameter)> Parameters { get; }

    /// <summary>The batch of a step: a pure function of seed and step.</summary>
    public abstract T Prepare(int step);

    /// <summary>Scalar loss of the batch.</summary>
    /// <param name="batch">What <see cref="Prepare"/> made.</param>
    /// <param name="tally">Right and wrong answers go in here.</param>
    /// <param name="samples">Documents or pictures in the batch.</param>
    public abstract Tensor Loss(T batch, Tally tally, out int samples);
}
