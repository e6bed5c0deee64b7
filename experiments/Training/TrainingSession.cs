namespace Aim.Experiments.Training;

/// <summary>What the stages of one training share.</summary>
internal sealed class TrainingSession(LabTrainingOptions options, LabHost model, TextWriter log, CancellationToken cancel)
{
    private int stepsDone;

    public TextWriter Log => log;

    public string StatePath { get; } = Path.Combine(options.Output, "state.safetensors");

    public TimeSpan CheckpointEvery => options.CheckpointEvery;

    /// <summary>State file that the next stage starts from; null once it was read.</summary>
    public string? RestoreFrom { get; set; }

    /// <summary>The model's weights and those that only the stage has (a head that is thrown away).</summary>
    public IReadOnlyList<(string Name,
        Tensor Tensor)> StateWeights(IReadOnlyList<(string Name, Modules.Parameter Parameter)> stage) =>
    [
        .. model.Weights.Names.Order(StringComparer.Ordinal).Select(n => (n, model.Weights[n].Tensor)),
        .. stage.Where(p => !model.Weights.TryGet(p.Name, out _)).Select(p => (p.Name, (Tensor)p.Parameter)),
    ];

    /// <summary>Counts a step; true when the training was asked to stop after it.</summary>
    public bool StopNow() => ++stepsDone == options.StopAfter || cancel.IsCancellationRequested;
}
