using System.Diagnostics;
using Aim.Experiments.Planning;
using Aim.Models;
using Aim.Reduction;

namespace Aim.Experiments.Running;

/// <summary>
/// A sample's way, with any family and any method: frames, vision features, merge, pack, prefill with pruning, greedy decoding.
/// Samples are computed one by one, so an answer depends neither on its neighbours nor on the number of threads.
/// </summary>
internal sealed class SampleComputation
{
    private readonly MultimodalModel _model;
    private readonly int[] _ends;
    private readonly int _answerTokens;

    /// <param name="model">The model, loaded.</param>
    /// <param name="directory">Its checkpoint directory, whose generation_config.json says what ends an answer.</param>
    /// <param name="answerTokens">Tokens decoded at most.</param>
    public SampleComputation(MultimodalModel model, string directory, int answerTokens)
    {
        (_model, _answerTokens) = (model, answerTokens);
        // The checkpoint's own; the chat's end of turn, where it has one; a base model may end its text instead.
        _ends =
        [
            .. GenerationConfig.Load(directory).EndIds.Concat(new[] { "<|im_end|>", "<|endoftext|>" }
                .Where(t => model.Tokenizer.TryGetTokenId(t, out _)).Select(model.Tokenizer.TokenId)).Distinct(),
        ];
    }

    /// <summary>What every method starts from: the prompt, and what the tower makes of what is shown.</summary>
    /// <param name="set">The sample's set.</param>
    /// <param name="index">Its place there.</param>
    /// <param name="cancel">Ends the reading of a video, and the tower before its next layer.</param>
    /// <exception cref="DefinitionException">A file has changed since it was planned for.</exception>
    public SampleViews Look(TestSet set, int index, CancellationToken cancel)
    {
        var sample = set.Samples[index];
        using var inference = no_grad();
        var pictures = sample.Read(set.Name, cancel);
        var visual = set.Name.IsPicture ? _model.Pictures(pictures)[0] : _model.Video(pictures);
        try
        {
            return visual.Shape.Equals(set.Prompts[index].Visual)
                ? new SampleViews(set, sample, set.Ids[index], visual, cancel)
                : throw new DefinitionException(
                    $"sample '{sample.Id}': what it shows has other sides than when it was planned for; "
                        + "leave files alone while a run lasts");
        }
        catch
        {
            visual.Dispose();
            throw;
        }
    }

    /// <summary>Answers with a method.</summary>
    /// <param name="cell">The method.</param>
    /// <param name="views"><see cref="Look"/>; left as it is.</param>
    /// <param name="record">What to record on the way.</param>
    /// <param name="cancel">Ends it before the decoder's next layer.</param>
    public (Computed Answer, IReadOnlyList<Recorded> Recorded) Answer(PlannedCell cell, SampleViews views,
        Recordings record = Recordings.None, CancellationToken cancel = default)
    {
        cell = cell.For(views.Prompted);
        var method = cell.Method;
        using var scope = NewDisposeScope();
        using var inference = no_grad();
        // Shared by all methods of a sample, and no method's own work.
        var seen = views.Seen(method.BeforeProjector);
        var clock = Stopwatch.StartNew();
        using var counted = FlopCounter.MeasureThread();
        var reduced = PromptReduction.Merge(seen, method, views.Sample.Id, PromptReduction.Text(_model, views.Ids, method));
        var mergeTime = clock.Elapsed;

        clock.Restart();
        var prompt = PromptReduction.Pack(_model, views.Ids, [reduced], method, views.Sample.Id);
        // What merging multiplies serves a decision, like the ranking within the prefill. A look into the tower is shared, too,
        // and projecting what was merged before the projector is no decision.
        var needs = method.Definition.Needs;
        bool looks = (needs & (MethodNeeds.ClassAttention | MethodNeeds.PatchAttention | MethodNeeds.TowerKeys)) != 0;
        long before = counted.Matmul, merging = looks || method.BeforeProjector ? 0 : before;
        using var prefill = PromptReduction.Prefill(_model, [prompt], method, Recorder.FlagsOf(record), cancel);
        long flops = counted.Matmul - before, overhead = counted.Overhead + merging;
        var prefillTime = clock.Elapsed;

        clock.Restart();
        int[] ids = Generation.Greedy(_model.Language, prefill, _ends, _answerTokens, method.DecodePruner())[0];
        string answer = _model.Tokenizer.Decode(ids, skipSpecial: true).Trim();
        var computed = new Computed(answer, prefill.TokensPerLayer[0], flops, overhead, mergeTime, prefillTime, prefill.PruneTime,
            clock.Elapsed);
        return (computed, [.. new Recorder(cell, views, Prompted.Of(prompt, reduced), prefill).Of(record)]);
    }
}

/// <summary>A prompt behind merging, as recordings look at it.</summary>
/// <param name="Layout">Which slots are visual.</param>
/// <param name="Origin">What the merged tokens of all views were made of.</param>
/// <param name="TokenAt">For every slot the merged token in it; -1 for text and newlines.</param>
internal sealed record Prompted(PromptLayout Layout, Provenance Origin, int[] TokenAt)
{
    public static Prompted Of(ReducedPrompt prompt, ReducedVisual reduced)
    {
        var tokenAt = new int[prompt.Layout.Length];
        Array.Fill(tokenAt, -1);
        for (int i = 0; i < reduced.Order.Count; i++)
            tokenAt[prompt.Layout.VisualSlots[i]] = reduced.Order[i];
        return new Prompted(prompt.Layout, Provenance.Concat([.. reduced.Views.Select(v => v.Origin)]), tokenAt);
    }
}

/// <summary>One answer and what it took.</summary>
/// <param name="Answer">Decoded, without special tokens and surrounding space.</param>
/// <param name="TokensPerLayer">Tokens that each layer computed in the prefill.</param>
/// <param name="Flops">Counted in the kernels during the prefill.</param>
/// <param name="Overhead">Counted while merging and ranking decided.</param>
/// <param name="Merge">Merging before the language model.</param>
/// <param name="Prefill">Packing and prefill, pruning included.</param>
/// <param name="Prune">Of the prefill: importance, selection, gathering.</param>
/// <param name="Decode">The answer's tokens after the first.</param>
internal sealed record Computed(
    string Answer, int[] TokensPerLayer, long Flops, long Overhead, TimeSpan Merge, TimeSpan Prefill, TimeSpan Prune,
        TimeSpan Decode);
