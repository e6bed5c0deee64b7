using Aim.Models;

namespace Aim.Experiments.Training;

/// <summary>
/// How deep the model still reads its visual tokens: the answer when all of them are removed before decoder layer l,
/// for every l. A pruning schedule can only work behind the layer where this reaches the unreduced accuracy.
/// </summary>
internal static class Horizon
{
    public static void Score(LabHost model, EvaluationItem item, Tensor features, EvaluationScores scores)
    {
        var (embeds, layout) = model.Pack(item.PromptIds, features, item.Sample.Medium);
        for (var layer = 1; layer <= model.Language.Config.NumHiddenLayers; layer++)
        {
            using var scope = torch.NewDisposeScope();
            using var prefill = model.Language.Prefill(embeds, [layout], new VisionCut(layer));
            var best = prefill.Logits.argmax(-1).data<long>()[0];
            scores.AtLayer(layer).Add(item.Kind, best == item.AnswerIds[0]);
        }
    }

    /// <summary>Drops every visual token before layer <paramref name="before"/>.</summary>
    private sealed class VisionCut(int before) : ITokenPruner
    {
        public int Kept(int layer, int visual, int text) => layer + 1 >= before ? 0 : visual;

        public int[][] Select(LayerContext context, int[] keep) => [.. keep.Select(_ => Array.Empty<int>())];
    }
}
