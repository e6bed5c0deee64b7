using Aim.Models;
using Aim.Models.Tests;

namespace Aim.Reduction.Tests;

/// <summary>Hosts that have no model, and methods made for them.</summary>
internal static class Hosts
{
    /// <summary>A LLaVA-OneVision with videos: no class token, pooled frames.</summary>
    public static HostTraits Small(int layers = 4) => new()
    {
        ModelType = "llava_onevision",
        Layers = layers,
        TowerLayersUsed = 3,
        HasClassToken = false,
        PoolsTokens = true,
    };

    public static ReductionMethod Make(string name, HostTraits host, params IEnumerable<(string Key, string Value)> settings)
        => Methods.Create(name, settings.ToDictionary(s => s.Key, s => s.Value), host);
}

/// <summary>
/// One prompt, reduced by a method and run through a tiny decoder: a text token, the visual ones and a newline, then text.
/// </summary>
internal sealed class MethodRun : IDisposable
{
    public MethodRun(RandomDecoder decoder, ReductionMethod method, PromptShape shape, int seed = 1, string id = "clip")
    {
        int dim = decoder.Config.HiddenSize;
        using var scope = NewDisposeScope();
        var random = new Random(seed);
        Tensor Rows(int n)
            => tensor(Enumerable.Range(0, n * dim).Select(_ => (float)(2 * random.NextDouble() - 1)).ToArray(), [n, dim]);
        var (features, newline, text) = (Rows(shape.Frames * shape.TokensPerFrame), Rows(shape.ExtraVisual), Rows(shape.Text));
        Features = features.view(shape.Frames, shape.TokensPerFrame, dim);
        Merged = method.Merger.Merge(new MergeInput
        {
            Features = Features,
            SampleId = id,
            Tower = new RandomTower(shape.Frames, shape.TokensPerFrame, seed),
            Text = text,
        });
        Embeds = cat([text.narrow(0, 0, 1), Merged.Tokens, newline, text.narrow(0, 1, shape.Text - 1)], 0).unsqueeze(0);
        int visual = (int)Merged.Tokens.shape[0] + shape.ExtraVisual;
        Layout = PromptLayout.Span(1, 1 + visual, visual + shape.Text);
        using var counted = FlopCounter.MeasureThread();
        Prefill = decoder.Model.Prefill(Embeds, [Layout], method.Pruner([id]));
        (Matmul, Overhead) = (counted.Matmul, counted.Overhead);
        Embeds.MoveToOuterDisposeScope();
        Merged.Tokens.MoveToOuterDisposeScope();
        Features.MoveToOuterDisposeScope();
    }

    public Tensor Features { get; }

    public MergedTokens Merged { get; }

    public Tensor Embeds { get; }

    public PromptLayout Layout { get; }

    public PrefillResult Prefill { get; }

    public long Matmul { get; }

    public long Overhead { get; }

    public void Dispose() => Prefill.Dispose();
}

/// <summary>A tower of random queries and keys whose patches are the tokens.</summary>
internal sealed class RandomTower(int frames, int tokens, int seed, bool classToken = false) : ITowerSignals
{
    public int Layers => 3;

    public int Heads => 2;

    public bool HasClassToken => classToken;

    public Tensor Queries(int layer) => Values(2 * layer);

    public Tensor Keys(int layer) => Values(2 * layer + 1);

    public Tensor Pool(Tensor perPatch) => perPatch.alias();

    private Tensor Values(int place)
    {
        var random = new Random(1000 * seed + place);
        int slots = tokens + (classToken ? 1 : 0);
        return tensor(
            Enumerable.Range(0, frames * slots * 8).Select(_ => (float)(2 * random.NextDouble() - 1)).ToArray(),
            [frames, slots, 8]);
    }
}
