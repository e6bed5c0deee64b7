using Aim.Models;

namespace Aim.Experiments.Training;

/// <summary>
/// Stage 2: projector, language model and image_newline on pictures, clips and some text; the tower is frozen, so it
/// runs without gradients. Several questions on one picture or clip, loss on the answers only.
/// </summary>
internal sealed class JointStage(LlavaOnevision model, LabRecipe recipe, TrainingData data) : TrainingStage<PackedBatch>
{
    public override string Name => "joint";

    public override StageRecipe Recipe => recipe.Joint;

    public override IReadOnlyList<(string, Modules.Parameter)> Parameters { get; } =
        StageWeights.Of(model.Weights, name => !name.Contains("vision_tower", StringComparison.Ordinal));

    public override PackedBatch Prepare(int step) => PackedBatch.Pack(data.Joint(step), model.Config.TokensPerFrame);

    public override Tensor Loss(PackedBatch batch, Tally tally, out int samples)
    {
        samples = batch.Batch;
        Tensor? visual = null;
        if (batch.Frames > 0)
        {
            Tensor features;
            using (torch.no_grad())
            {
                features = model.VisionFeatures(LabModel.Pixels(model, batch.Rgb, batch.Frames));
            }

            visual = model.ProjectAndPool(features);
        }

        return AnswerLoss.FromLogits(AnswerLoss.Logits(model, batch, visual), batch, tally);
    }
}
