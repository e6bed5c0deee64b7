using Aim.Datasets;

namespace Aim.Experiments.Training;

/// <summary>
/// Between text and joint training: the projector alone learns to put a visual token where the embedding of its object's (or
/// glyph's) word lies (mean squared distance over the tokens that show one of them), as LLaVA aligns its projector before
/// anything else. With <see cref="LabRecipe.SpotShare"/> that share of its place's word is added: a visual token then says both
/// what is there and where. Text skills of stage 1 so meet tokens that they can read.
/// </summary>
internal sealed class AlignStage : TrainingStage<DenseBatch>
{
    private readonly LabHost model;
    private readonly LabRecipe recipe;
    private readonly TrainingData data;
    private readonly long[] words;
    private readonly long[] spotWords;

    // Made at the first step: a resumed training restores the weights after the stage is constructed.
    private readonly Lazy<(float[] Table, float[] Spots, float Scale)> targets;

    public AlignStage(LabHost model, LabRecipe recipe, TrainingData data)
    {
        (this.model, this.recipe, this.data) = (model, recipe, data);
        words = Ids(LabDense.Words);
        spotWords = Ids(LabDense.SpotWords);
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

        var (table, spots, scale) = targets.Value;
        var tokens = model.Aligned(features, out var side);
        var (rows, classes, places) = TokenClasses(batch, side);
        var visual = tokens.index_select(0, torch.tensor(rows, [rows.Length]));
        var wanted = Rows(table, classes, tokens.shape[1]);
        if (recipe.SpotShare > 0)
        {
            wanted += Rows(spots, places, tokens.shape[1]) * (float)recipe.SpotShare;
        }

        Score(visual, classes, table, tally);
        return torch.nn.functional.mse_loss(visual, wanted) * scale;
    }

    private long[] Ids(IReadOnlyList<string> spelled) =>
        [.. spelled.Select(word => (long)model.Tokenizer.Encode(" " + word).Single())];

    private static Tensor Rows(float[] table, long[] rows, long dim) =>
        torch.tensor(table, [table.Length / dim, dim]).index_select(0, torch.tensor(rows, [rows.Length]));

    /// <summary>
    /// The words' and the places' embeddings <c>[words, dim]</c>, and what brings the words' mean square to one.
    /// </summary>
    private (float[] Table, float[] Spots, float Scale) Targets()
    {
        using var scope = torch.NewDisposeScope();
        using var noGrad = torch.no_grad();
        float[] Embedded(long[] ids) => model.Language.Embed(torch.tensor(ids, [ids.Length])).data<float>().ToArray();
        var table = Embedded(words);
        return (table, Embedded(spotWords), (float)(1 / table.Average(v => (double)v * v)));
    }

    /// <summary>The tokens half of whose patches or more show one object and no other, with its class and its place.</summary>
    private static (long[] Rows, long[] Classes, long[] Spots) TokenClasses(DenseBatch batch, int side)
    {
        int grid = (int)Math.Sqrt(batch.Classes.Length / batch.Pictures), cell = grid / side;
        List<long> rows = [], classes = [], spots = [];
        for (var token = 0; token < batch.Pictures * side * side; token++)
        {
            var (picture, y, x) = (token / (side * side), token / side % side, token % side);
            var shown = Enumerable.Range(0, cell * cell)
                .Select(i => (picture * grid * grid) + (((y * cell) + (i / cell)) * grid) + (x * cell) + (i % cell))
                .Where(patch => batch.Classes[patch] >= 0 && batch.Classes[patch] != LabDense.Background).ToArray();
            if (shown.Length * 2 >= cell * cell && shown.All(patch => batch.Classes[patch] == batch.Classes[shown[0]]))
            {
                rows.Add(token);
                classes.Add(batch.Classes[shown[0]]);
                spots.Add(batch.Spots[shown[0]]);
            }
        }

        return ([.. rows], [.. classes], [.. spots]);
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
