using System.Diagnostics;
using Aim.Datasets;
using Aim.Experiments.Planning;
using Aim.Models;
using Aim.Reduction;

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

    /// <summary>What every method starts from: the prompt, and the visual tokens before merging.</summary>
    public SampleViews Look(TestSet set, int index)
    {
        var sample = set.Samples[index];
        using var scope = NewDisposeScope();
        using var inference = no_grad();
        int[] prompt = _model.Tokenizer.Encode(sample.Prompt);
        if (set.Name.IsPicture)
        {
            Tensor Tile() => _model.Prepare([new RgbImage(LabWorld.Canvas, LabWorld.Canvas, sample.Frames())])[0].PixelValues;
            var projected = _model.Project(_model.VisionFeatures(Tile()));
            return new SampleViews(set, sample, prompt, PictureViews.Of(projected).DetachFromDisposeScope(),
                new TowerSignals(_model, () => PictureViews.Of(Tile()), poolsFrames: false));
        }
        Tensor Pixels() => _model.VideoProcessor.ToPixelValues(
            sample.Frames(), sample.FrameIndices.Length, LabWorld.Canvas, LabWorld.Canvas);
        return new SampleViews(set, sample, prompt, _model.VideoFeatures(Pixels()).DetachFromDisposeScope(),
            new TowerSignals(_model, Pixels, poolsFrames: true));
    }

    /// <summary>Answers with a method.</summary>
    /// <param name="cell">The method.</param>
    /// <param name="views"><see cref="Look"/>; left as it is.</param>
    /// <param name="record">What to record on the way.</param>
    public (Computed Answer, IReadOnlyList<Recorded> Recorded) Answer(PlannedCell cell, SampleViews views,
        Recordings record = Recordings.None)
    {
        cell = cell.For(views.Prompt.Length - 1);
        using var scope = NewDisposeScope();
        using var inference = no_grad();
        var clock = Stopwatch.StartNew();
        using var counted = FlopCounter.MeasureThread();
        var needs = cell.Method.Definition.Needs;
        var merged = cell.Method.Merger.Merge(new MergeInput
        {
            Features = views.Features,
            SampleId = views.Sample.Id,
            Tower = views.Tower,
            Text = needs.HasFlag(MethodNeeds.TextEmbeddings) ? Text(views.Prompt) : null,
        });
        var mergeTime = clock.Elapsed;

        clock.Restart();
        var prompted = Pack(views, merged, cell.Method);
        // What merging multiplies serves a decision, like the ranking within the prefill. A look into the tower is shared by all
        // methods of a sample and is no method's own.
        bool looks = (needs & (MethodNeeds.ClassAttention | MethodNeeds.PatchAttention | MethodNeeds.TowerKeys)) != 0;
        long before = counted.Matmul, merging = looks ? 0 : before;
        using var prefill = _model.Language.Prefill(
            prompted.Embeds, [prompted.Layout], cell.Method.Pruner([views.Sample.Id]), record: Recorder.FlagsOf(record));
        long flops = counted.Matmul - before, overhead = counted.Overhead + merging;
        var prefillTime = clock.Elapsed;

        clock.Restart();
        int[] ids = Generation.Greedy(_model.Language, prefill, _ends, _answerTokens, cell.Method.DecodePruner())[0];
        string answer = _model.Tokenizer.Decode(ids, skipSpecial: true).Trim();
        var computed = new Computed(answer, prefill.TokensPerLayer[0], flops, overhead, mergeTime, prefillTime, prefill.PruneTime,
            clock.Elapsed);
        return (computed, [.. new Recorder(cell, views, prompted, prefill).Of(record)]);
    }

    // Embeddings of the prompt's text tokens, [text, dim].
    private Tensor Text(int[] prompt)
    {
        long[] ids = [.. prompt.Where(id => id != _model.Config.VideoTokenId
            && id != _model.Config.ImageTokenId).Select(id => (long)id)];
        return _model.Language.Embed(tensor(ids, [ids.Length]));
    }

    private Prompted Pack(SampleViews views, MergedTokens merged, ReductionMethod method)
    {
        int tokens = merged.Origin.Outputs;
        var (geometry, picture) = (views.Set.Geometry, views.Set.Name.IsPicture);
        int[] order = picture
            ? PictureViews.Order(merged.Origin, geometry.TokensPerFrame, geometry.ExtraVisual)
                : [.. Enumerable.Range(0, tokens), -1];
        var (embeds, layout) = picture
            ? _model.PackPictures(views.Prompt, [PictureViews.Pack(merged.Tokens, order, _model.ImageNewline)])
            : _model.Pack(views.Prompt, merged.Tokens);
        var tokenAt = new int[layout.Length];
        Array.Fill(tokenAt, -1);
        for (int i = 0; i < order.Length; i++)
            tokenAt[layout.VisualSlots[i]] = order[i];
        return new Prompted(embeds, Arranged(layout, merged.Origin, tokenAt, method), merged.Origin, tokenAt);
    }

    // As ReductionMethod.Arrange, for any order of tokens and newlines.
    private static PromptLayout Arranged(PromptLayout layout, Provenance origin, int[] tokenAt, ReductionMethod method) =>
        method.ProportionalAttention
            ? layout with { Sizes = [.. tokenAt.Select(t => t < 0 ? 1 : Math.Max(1, origin.From(t).Count))] }
            : layout;
}

/// <summary>A prompt ready for the decoder.</summary>
/// <param name="Embeds"><c>[1, n, dim]</c>.</param>
/// <param name="Layout">Which slots are visual.</param>
/// <param name="Origin">What the merged tokens were made of.</param>
/// <param name="TokenAt">For every slot the merged token in it; -1 for text and newlines.</param>
internal sealed record Prompted(Tensor Embeds, PromptLayout Layout, Provenance Origin, int[] TokenAt);

/// <summary>A sample as every method meets it.</summary>
/// <param name="Set">Its test set.</param>
/// <param name="Sample">The sample.</param>
/// <param name="Prompt">Its prompt's ids, with one placeholder for frames or picture.</param>
/// <param name="Features">Visual tokens before merging, <c>[frames or views, tokens, dim]</c>.</param>
/// <param name="Tower">What the tower computed on the way, on demand; one method asks at a time.</param>
internal sealed record SampleViews(TestSet Set, LabSample Sample, int[] Prompt, Tensor Features, TowerSignals Tower) : IDisposable
{
    public void Dispose()
    {
        Features.Dispose();
        Tower.Dispose();
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
