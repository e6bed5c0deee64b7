using System.Globalization;

namespace Aim.Fusion;

/// <summary>How a projection is trained: AdamW, warm-up and cosine, the loss on what follows fused demonstrations.</summary>
public sealed record ProjectionRecipe
{
    /// <summary>Updates.</summary>
    public int Steps { get; init; } = 1500;

    /// <summary>Documents of a step.</summary>
    public int Documents { get; init; } = 4;

    /// <summary>The highest learning rate.</summary>
    public double LearningRate { get; init; } = 2e-3;

    /// <summary>Steps until it is reached.</summary>
    public int WarmUp { get; init; } = 50;

    /// <summary>Share of it that is left at the end of the cosine.</summary>
    public double FinalShare { get; init; } = 0.05;

    /// <summary>AdamW's decay.</summary>
    public double WeightDecay { get; init; } = 0.01;

    /// <summary>Largest norm of the gradient.</summary>
    public double ClipNorm { get; init; } = 1;

    /// <summary>Steps between savings of the state.</summary>
    public int SaveEvery { get; init; } = 200;

    /// <summary>The learning rate of a step, counted from 0.</summary>
    public double RateAt(int step)
    {
        if (step < WarmUp)
            return LearningRate * (step + 1) / WarmUp;
        double through = (step - WarmUp) / (double)Math.Max(1, Steps - WarmUp);
        return LearningRate * (FinalShare + (1 - FinalShare) * 0.5 * (1 + Math.Cos(Math.PI * through)));
    }

    /// <summary>A text that differs when the training would.</summary>
    public string Canonical => string.Create(CultureInfo.InvariantCulture,
        $"steps {Steps} documents {Documents} rate {LearningRate} warm-up {WarmUp} final {FinalShare} decay {WeightDecay} "
            + $"clip {ClipNorm}");
}

/// <summary>Where a training stands.</summary>
/// <param name="Step">Steps done.</param>
/// <param name="Steps">Of so many.</param>
/// <param name="Loss">Mean loss of the last step.</param>
/// <param name="Targets">Tokens that the last step learnt.</param>
public readonly record struct ProjectionProgress(int Step, int Steps, double Loss, int Targets);
