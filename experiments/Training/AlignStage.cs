using Aim.Datasets;

namespace Aim.Experiments.Training;

/// <summary>
/// Between text and joint training: the projector alone learns to put a visual token where the embedding of its object's (or
/// glyph's) word lies (mean squared distance over the tokens that show one of them), as LLaVA aligns its projector before
/// anything else. Text skills of stage 1 then meet tokens that they can read.
/// </summary>
internal sealed class AlignStage : TrainingStage<DenseBatch>
{
    private readonly LabHost model;
    private readonly LabRecipe recipe;
    private readonly TrainingData data;
    private readonly long[] words;

    // Made at the first step: a resumed training restores the weights after the stage is constructed.
    private readonly Lazy<(float[] Table, float Scale)> targets;

    public AlignStage(LabHost model, LabRecipe recipe, TrainingData data)
    {
        (this.model, this.recipe, this.data) = (model, recipe, data);
        words = [.. LabDense.Words.Select(word => (long)model.Tokenizer.Encode(" " + word).Single())];
        targets = new(Targets);
        Parameters = StageWeights.Of(model.Weights, name => name.Contains("multi_modal_projector", StringComparison.Ordinal));
    }

    public override string Name => "align";

    public override StageRecipe Recipe => recipe.Align;

    public override IReadOnlyList<(string Name, Modules.Parameter Parameter)> Parameters { get; }

    public override DenseBatch Prepare(int step) => data.Dense(recipe.Tower.Steps + step, recipe.TowerBatch);

    public override Tensor Loss(DenseBatch batch, Tally tally, out int samples)
    {
        samples = batch.Pictures;
        Tensor features;
        using (torch.no_grad())
        {
            features = model.Features(batch.Rgb, batch.Pictures);
        }

        var (table, scale) = targets.Value;
        var tokens = model.Aligned(features, out var side);
        var (rows, classes) = TokenClasses(batch, side);
        var visual = tokens.index_select(0, torch.tensor(rows, [rows.Length]));
        var wanted = torch.tensor(table, [words.Length, tokens.shape[1]]).index_select(0,
            torch.tensor(classes, [classes.Length]));
        Score(visual, classes, table, tally);
        return torch.nn.functional.mse_loss(visual, wanted) * scale;
    }

    /// <summary>The words' embeddings <c>[words, dim]</c>, and what brings their mean square to one.</summary>
    private (float[] Table, float Scale) Targets()
    {
        using var scope = torch.NewDisposeScope();
        using var noGrad = torch.no_grad();
        var table = model.Language.Embed(torch.tensor(words, [words.Length])).data<float>().ToArray();
        return (table, (float)(1 / table.Average(v => (double)v * v)));
    }

    /// <summary>The tokens half of whose patches or more show one object and no other.</summary>
    private static (long[] Rows, long[] Classes) TokenClasses(DenseBatch batch, int side)
    {
        int grid = (int)Math.Sqrt(batch.Classes.Length / batch.Pictures), cell = grid / side;
        List<long> rows = [];
        List<long> classes = [];
        for (var token = 0; token < batch.Pictures * side * side; token++)
        {
            var (picture, y, x) = (token / (side * side), token / side % side, token % side);
            var patches = Enumerable.Range(0, cell * cell)
                .Select(i => batch.Classes[(picture * grid * grid) + (((y * cell) + (i / cell)) * grid) + (x * cell)
                    + (i % cell)]);
            var shown = patches.Where(c => c >= 0 && c != LabDense.Background).ToArray();
            if (shown.Length * 2 >= cell * cell && shown.All(c => c == shown[0]))
            {
                rows.Add(token);
                classes.Add(shown[0]);
            }
        }

        return ([.. rows], [.. classes]);
    }

    /// <summary>A token is right if the nearest of all words' embeddings is its own.</summary>
    private void Score(Tensor visual, long[] classes, float[] table, Tally tally)
    {
        var dim = table.Length / words.Length;
        var values = visual.detach().data<float>().ToArray();
        for (var i = 0; i < classes.Length; i++)
        {
            var best = 0;
            var nearest = float.PositiveInfinity;
            for (var w = 0; w < words.Length; w++)
            {
                var distance = System.Numerics.Tensors.TensorPrimitives.Distance<float>(values.AsSpan(i * dim, dim),
                    table.AsSpan(w * dim, dim));
                if (distance < nearest)
                {
                    (best, nearest) = (w, distance);
                }
            }

            tally.Add("nearest word", best == classes[i]);
        }
    }
}
