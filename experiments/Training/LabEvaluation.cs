namespace Aim.Experiments.Training;

/// <summary>`aim lab evaluate`: accuracy by kind, controls and horizon of a lab checkpoint, written as `evaluation.json` and into its card.</summary>
public static class LabEvaluation
{
    /// <summary>Evaluates a checkpoint. Returns the process's exit code.</summary>
    public static int Run(LabEvaluationOptions options, TextWriter log, CancellationToken cancel = default)
    {
        throw new NotSupportedException($"lab evaluate {options.Model}: being built");
    }
}
