using Aim.Models;

namespace Aim.Experiments.Training;

/// <summary>
/// Cross-entropy on the answers of a packed batch, shared by the text and the joint stage and by the evaluation.
/// </summary>
internal static class AnswerLoss
{
    /// <summary>Logits of the positions that predict a target: `[targets, vocabulary]`.</summary>
    /// <param name="language">The decoder.</param>
    /// <param name="batch">The documents.</param>
    /// <param name="visual">Their visual table (<see cref="LabHost.Visual"/>); null for a batch of text.</param>
    public static Tensor Logits(LanguageModel language, PackedBatch batch, Tensor? visual)
    {
        var table = language.Embed(torch.tensor(batch.TextIds, [batch.TextIds.Length]));
        var dim = table.shape[^1];
        if (visual is not null)
        {
            table = torch.cat([table, visual], 0);
        }

        var embeds = table.index_select(0, torch.tensor(batch.Rows, [batch.Rows.Length])).reshape(batch.Batch, batch.Length, dim);
        var hidden = language.Forward(embeds).reshape(-1, dim);
        return language.Logits(hidden.index_select(0, torch.tensor(batch.TargetRows, [batch.TargetRows.Length])));
    }

    /// <summary>Mean cross-entropy over all targets; an answer is right if all its tokens have the largest logit.</summary>
    public static Tensor FromLogits(Tensor logits, PackedBatch batch, Tally tally)
    {
        Score(logits, batch, tally);
        return torch.nn.functional.cross_entropy(logits, torch.tensor(batch.TargetIds, [batch.TargetIds.Length]));
    }

    /// <summary>Counts the answers whose every token has the largest logit (teacher forced).</summary>
    public static void Score(Tensor logits, PackedBatch batch, Tally tally)
    {
        var classes = (int)logits.shape[1];
        var values = logits.detach().data<float>().ToArray();
        foreach (var (kind, first, count) in batch.Answers)
        {
            var right = true;
            for (var i = first; right && i < first + count; i++)
            {
                var row = values.AsSpan(i * classes, classes);
                right = System.Numerics.Tensors.TensorPrimitives.IndexOfMax<float>(row) == batch.TargetIds[i];
            }

            tally.Add(kind, right);
        }
    }
}
