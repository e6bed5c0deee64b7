using Aim.Datasets;

namespace Aim.Experiments.Training;

/// <summary>A step's documents and how they are shown.</summary>
internal sealed record JointBatch(PackedBatch Packed, LabMedium Medium);

/// <summary>
/// Stage 2, and the practice after it: projector, language model and newline on pictures, clips and some text; the tower is
/// frozen, so it runs without gradients. Several questions on one picture or clip, loss on the answers only.
/// </summary>
/// <param name="model">What is trained.</param>
/// <param name="name">The stage's name.</param>
/// <param name="recipe">Its optimiser's settings.</param>
/// <param name="draw">The documents of a step.</param>
internal sealed class JointStage(
    LabHost model,
    string name,
    StageRecipe recipe,
    Func<int, (List<TrainingDocument> Documents, LabMedium Medium)> draw) : TrainingStage<JointBatch>
{
    public override string Name => name;

    public override StageRecipe Recipe => recipe;

    public override IReadOnlyList<(string, Modules.Parameter)> Parameters { get; } =
        StageWeights.Of(model.Weights, name => !name.Contains("vision_tower", StringComparison.Ordinal));

    public override JointBatch Prepare(int step)
    {
        var (documents, medium) = draw(step);
        var rows = documents.Any(d => d.Shown.Count > 0) ? model.Rows(medium) : default;
        return new JointBatch(PackedBatch.Pack(documents, rows), medium);
    }

    public override Tensor Loss(JointBatch batch, Tally tally, out int samples)
    {
        var packed = batch.Packed;
        samples = packed.Batch;
        Tensor? visual = null;
        if (packed.Frames > 0)
        {
            Tensor features;
            using (torch.no_grad())
            {
                features = model.Features(packed.Rgb, packed.Frames);
            }

            visual = model.Visual(features, batch.Medium);
        }

        return AnswerLoss.FromLogits(AnswerLoss.Logits(model.Language, packed, visual), packed, tally);
    }
}
