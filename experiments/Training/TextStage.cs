namespace Aim.Experiments.Training;

/// <summary>
/// Stage 1: the language model alone. Copying from context does not form in joint training within an hour, so it is
/// taught first on repeated random sequences, then look-ups, letters and code books in text.
/// </summary>
internal sealed class TextStage(LabHost model, LabRecipe recipe, TrainingData data) : TrainingStage<PackedBatch>
{
    public override string Name => "text";

    public override StageRecipe Recipe => recipe.Text;

    public override IReadOnlyList<(string, Modules.Parameter)> Parameters { get; } =
        StageWeights.Of(model.Weights, name => name.Contains("language_model", StringComparison.Ordinal));

    public override PackedBatch Prepare(int step) => PackedBatch.Pack(data.Text(step), default);

    public override Tensor Loss(PackedBatch batch, Tally tally, out int samples)
    {
        samples = batch.Batch;
        return AnswerLoss.FromLogits(AnswerLoss.Logits(model.Language, batch, visual: null), batch, tally);
    }
}
