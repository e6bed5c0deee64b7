using Aim.Datasets;

namespace Aim.Experiments.Training;

/// <summary>A picture batch of stage 0.</summary>
/// <param name="Rgb">`[pictures, height, width, 3]` bytes.</param>
/// <param name="Classes">`[pictures * patches]`: class of each patch, the last being background, -100 = ignored.</param>
/// <param name="Spots">`[pictures * patches]`: where the patch's thing stands, -100 where it shows none.</param>
internal sealed record DenseBatch(int Pictures, byte[] Rgb, long[] Classes, long[] Spots);

/// <summary>
/// Stage 0: the tower alone. Each patch that a sprite covers by half or more predicts its class through LayerNorm and
/// a linear head that is thrown away; with <see cref="LabRecipe.SpotShare"/> another head asks for the place of the patch's
/// thing, so that what leaves the tower tells it. Afterwards the tower stays frozen.
/// </summary>
internal sealed class TowerStage : TrainingStage<DenseBatch>, IDisposable
{
    private readonly LabHost model;
    private readonly LabRecipe recipe;
    private readonly TrainingData data;
    private readonly WeightStore head = new();
    private readonly float[] classWeights;

    public TowerStage(LabHost model, LabRecipe recipe, TrainingData data, ulong seed)
    {
        (this.model, this.recipe, this.data) = (model, recipe, data);
        var dim = model.VisionWidth;
        var classes = TrainingData.DenseClasses;
        head.Add("head.norm.weight", torch.ones(dim), trainable: true);
        head.Add("head.norm.bias", torch.zeros(dim), trainable: true);
        head.Add("head.linear.weight", torch.tensor(HeadStart(seed, classes * dim), [classes, dim]), trainable: true);
        head.Add("head.linear.bias", torch.zeros(classes), trainable: true);
        if (recipe.SpotShare > 0)
        {
            var spots = TrainingData.DenseSpots;
            head.Add("spot.linear.weight", torch.tensor(HeadStart(seed + 1, spots * dim), [spots, dim]), trainable: true);
            head.Add("spot.linear.bias", torch.zeros(spots), trainable: true);
        }

        classWeights = [.. Enumerable.Repeat(1f, classes - 1), (float)recipe.BackgroundWeight];
        Parameters =
        [
            .. StageWeights.Of(model.Weights, name => name.Contains("vision_tower", StringComparison.Ordinal)),
            .. StageWeights.Of(head, _ => true),
        ];
    }

    public override string Name => "tower";

    public override StageRecipe Recipe => recipe.Tower;

    public override IReadOnlyList<(string Name, Modules.Parameter Parameter)> Parameters { get; }

    public override DenseBatch Prepare(int step) => data.Dense(step, recipe.TowerBatch);

    public override Tensor Loss(DenseBatch batch, Tally tally, out int samples)
    {
        samples = batch.Pictures;
        var features = model.Features(batch.Rgb, batch.Pictures);
        var dim = features.shape[^1];
        var normed = torch.nn.functional.layer_norm(features, [dim], head.Get("head.norm.weight"), head.Get("head.norm.bias"),
            1e-6);
        var logits = FusedOps.linear(normed.reshape(-1, dim), head["head.linear.weight"], head.Get("head.linear.bias"));
        Score(logits, batch.Classes, tally, wanted => wanted == LabDense.Background ? "background" : "object");
        var targets = torch.tensor(batch.Classes, [batch.Classes.Length]);
        var loss = torch.nn.functional.cross_entropy(logits, targets, weight: torch.tensor(classWeights, [classWeights.Length]));
        return recipe.SpotShare > 0 ? loss + (SpotLoss(normed, batch, tally) * (float)recipe.SpotShare) : loss;
    }

    private Tensor SpotLoss(Tensor normed, DenseBatch batch, Tally tally)
    {
        var logits = FusedOps.linear(
            normed.reshape(-1, normed.shape[^1]), head["spot.linear.weight"], head.Get("spot.linear.bias"));
        Score(logits, batch.Spots, tally, _ => "spot");
        return torch.nn.functional.cross_entropy(logits, torch.tensor(batch.Spots, [batch.Spots.Length]));
    }

    public void Dispose() => head.Dispose();

    private static float[] HeadStart(ulong seed, int count)
    {
        var random = new LabRandom(seed, 0x68656164);
        var values = new float[count];
        for (var i = 0; i < count; i++)
        {
            values[i] = (float)(random.Unit() - 0.5) * 0.1f;
        }

        return values;
    }

    private static void Score(Tensor logits, long[] targets, Tally tally, Func<long, string> kind)
    {
        var width = (int)logits.shape[1];
        var values = logits.detach().data<float>().ToArray();
        for (var i = 0; i < targets.Length; i++)
        {
            if (targets[i] >= 0)
            {
                var best = System.Numerics.Tensors.TensorPrimitives.IndexOfMax<float>(values.AsSpan(i * width, width));
                tally.Add(kind(targets[i]), best == targets[i]);
            }
        }
    }
}
