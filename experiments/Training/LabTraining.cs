namespace Aim.Experiments.Training;

/// <summary>`aim lab train`: all stages of the lab model's training, from scratch, resumable.</summary>
public static class LabTraining
{
    /// <summary>Trains (or goes on training) and writes the checkpoint. Returns the process's exit code.</summary>
    /// <exception cref="ArgumentException">An option is out of range.</exception>
    public static int Run(LabTrainingOptions options, TextWriter log, CancellationToken cancel = default)
    {
        throw new NotSupportedException($"lab train --model {options.Model}: being built");
    }
}
