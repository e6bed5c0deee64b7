using System.Diagnostics;
using Aim.Datasets;
using Aim.Experiments.Planning;
using Aim.Models;

namespace Aim.Experiments.Running;

/// <summary>
/// A sample's way: frames, vision features, merge, pack, prefill with pruning, greedy decoding. Samples are computed one by one,
/// each on one thread, so an answer depends neither on its neighbours nor on the number of threads; several samples run at once
/// instead.
/// </summary>
internal sealed class SampleComputation
{
    private readonly LlavaOnevision _model;
    private readonly int[] _ends;
    private readonly int _answerTokens;

    public SampleComputation(LlavaOnevision model, int answerTokens)
    {
        (_model, _answerTokens) = (model, answerTokens);
        // The chat's end of turn; a base model may end its text instead.
        _ends = [.. new[] { "<|im_end|>", "<|endoftext|>" }.Where(t => model.Tokenizer.TryGetTokenId(t, out _))
            .Select(model.Tokenizer.TokenId)];
    }

    /// <summary>Visual tokens of the sample's frames before merging, <c>[frames, tokens, dim]</c>, owned by the caller.</summary>
    public Tensor Features(LabSample sample)
    {
        using var scope = NewDisposeScope();
        using var inference = no_grad();
        var pixels = _model.VideoProcessor.ToPixelValues(
            sample.Frames(), sample.FrameIndices.Length, LabWorld.Canvas, LabWorld.Canvas);
        return _model.VideoFeatures(pixels).DetachFromDisposeScope();
    }

    /// <summary>The sample's prompt, with one placeholder for the frames.</summary>
    public int[] Prompt(LabSample sample) => _model.BuildVideoPrompt([("user", sample.Question)]);

    /// <summary>Answers with a method.</summary>
    /// <param name="sampleId">Part of the random methods' seed.</param>
    /// <param name="prompt"><see cref="Prompt"/>.</param>
    /// <param name="features"><see cref="Features"/>; left as it is.</param>
    public Computed Answer(PlannedCell cell, string sampleId, int[] prompt, Tensor features)
    {
        using var scope = NewDisposeScope();
        using var inference = no_grad();
        var clock = Stopwatch.StartNew();
        var merged = cell.Method.Merger.Merge(new() { Features = features, SampleId = sampleId });
        var mergeTime = clock.Elapsed;

        clock.Restart();
        var (embeds, layout) = _model.Pack(prompt, merged.Tokens);
        using var counted = FlopCounter.MeasureThread();
        using var prefill = _model.Language.Prefill(embeds, [cell.Method.Arrange(layout, merged)], cell.Method.Pruner([sampleId]));
        long flops = counted.Matmul;
        var prefillTime = clock.Elapsed;

        clock.Restart();
        int[] ids = Generation.Greedy(_model.Language, prefill, _ends, _answerTokens)[0];
        string answer = _model.Tokenizer.Decode(ids, skipSpecial: true).Trim();
        return new Computed(answer, prefill.TokensPerLayer[0], flops, mergeTime, prefillTime, prefill.PruneTime, clock.Elapsed);
    }
}

/// <summary>One answer and what it took.</summary>
/// <param name="Answer">Decoded, without special tokens and surrounding space.</param>
/// <param name="TokensPerLayer">Tokens that each layer computed in the prefill.</param>
/// <param name="Flops">Counted in the kernels during the prefill.</param>
/// <param name="Merge">Merging before the language model.</param>
/// <param name="Prefill">Packing and prefill, pruning included.</param>
/// <param name="Prune">Of the prefill: importance, selection, gathering.</param>
/// <param name="Decode">The answer's tokens after the first.</param>
internal sealed record Computed(
    string Answer, int[] TokensPerLayer, long Flops, TimeSpan Merge, TimeSpan Prefill, TimeSpan Prune, TimeSpan Decode);
