using Aim.Models;
using Aim.Models.Tests;

namespace Aim.Reduction.Tests;

/// <summary>
/// Pruning inside whole (tiny, random) decoders against upstream: keep sets, importance, hidden states, logits and greedy decoding, for
/// Qwen2, Llama and Qwen2-VL (fixtures/reduction/prune-forward). Mask mode must match `keep`, Remove mode `removal.keep`.
/// </summary>
public class PruneForwardFixtureTests
{
    private static IEnumerable<string> Cases => FixtureCase.Names("prune-forward");

    private static IEnumerable<string> RemovalCases
        => Cases.Where(name =>
        {
            using var fixture = new FixtureCase("prune-forward", name);
            return fixture.Has("removal.keep");
        });

    [TestCaseSource(nameof(Cases))]
    public void MaskingMatchesTheReference(string name)
    {
        using var run = new Run(name);
        using var prefill = run.Prefill(PruneMode.Mask);
        run.CheckKept(prefill, "keep");
        Assert.That(prefill.Alive.Select(a => a[0].Length), Is.EqualTo(run.Fixture.Ints("keep_counts")));
        Assert.That(prefill.TokensPerLayer[0], Is.All.EqualTo(run.N), "masking computes every row");
        if (run.Fixture.Has("importance"))
            run.CheckImportance(prefill, "importance", Range(0, run.Layers));
        if (run.Fixture.Has("hidden"))
            Close.To(cat(prefill.Hidden!.ToArray(), 0).Values(), run.Fixture.Floats("out.hidden"), run.Fixture.Tolerance("hidden"), "hidden");
        if (run.Fixture.Has("hidden_after_layer_last"))
        {
            var expected = FusedOps.rms_norm(run.Fixture.Tensor("out.hidden_after_layer_last"), run.Weights.Get("model.norm.weight"), 1e-6);
            Close.To(prefill.Hidden![^1].Values(), expected.Values(), run.Fixture.Tolerance("hidden"), "hidden_after_layer_last, normed");
        }

        Close.To(prefill.Logits.Values(), run.Fixture.Floats("out.logits.last"), run.Fixture.Tolerance("logits"), "logits.last");
        if (run.Fixture.Has("decode.ids"))
            run.CheckDecoding(prefill, "decode");
    }

    [TestCaseSource(nameof(RemovalCases))]
    public void RemovalMatchesTheReference(string name)
    {
        using var run = new Run(name);
        using var prefill = run.Prefill(PruneMode.Remove);
        run.CheckKept(prefill, "removal.keep");
        run.CheckImportance(prefill, "removal.importance", Range(0, run.Layers));
        int[] counts = [run.N, .. run.Fixture.Ints("keep_counts")[..^1]];
        Assert.That(prefill.TokensPerLayer[0], Is.EqualTo(counts), "removal computes survivors only");
        Assert.That(Range(0, run.Layers).Select(l => prefill.Cache.Count(l, 0)), Is.EqualTo(counts), "and caches them only");
        run.CheckDecoding(prefill, "removal");
    }

    // `choosing freely, masking matches its own keep sets`; removing from edge cases must at least keep the counts.
    [TestCase("edge-all-text")]
    [TestCase("edge-one-visual")]
    [TestCase("edge-no-prefix-text")]
    [TestCase("aim-llava-ov-video-3f")]
    [TestCase("qwen2vl-28-2x12x16")]
    public void RemovalKeepsTheReferencesCounts(string name)
    {
        using var run = new Run(name);
        using var prefill = run.Prefill(PruneMode.Remove);
        Assert.That(prefill.Alive.Select(a => a[0].Length), Is.EqualTo(run.Fixture.Ints("keep_counts")));
        Assert.That(prefill.Logits.Values(), Is.All.Matches<float>(float.IsFinite));
    }

    [Test]
    public void ALastTokenThatWouldBeRemovedIsRefused()
    {
        using var run = new Run("edge-visual-at-end");
        Assert.That(() => run.Prefill(PruneMode.Remove), Throws.ArgumentException.With.Message.Contains("last token"));
    }

    private static IEnumerable<int> Range(int from, int count) => Enumerable.Range(from, count);

    /// <summary>A case with its model and its embeddings, which it derives from features where the case begins there.</summary>
    private sealed class Run : IDisposable
    {
        private readonly DisposeScope _scope = NewDisposeScope();
        private readonly Tensor _embeds;
        private readonly Tensor? _positions;
        private readonly PruneSchedule _schedule;

        public Run(string name)
        {
            Fixture = new FixtureCase("prune-forward", name);
            (Model, Weights) = FixtureModel.Load(Fixture.Model);
            var args = Fixture.Args;
            N = args.GetProperty("n").GetInt32();
            int[] boundaries = FixtureCase.Ints(args.GetProperty("boundaries"));
            Layout = PromptLayout.Span(boundaries[0], boundaries[1], N);
            var schedule = args.GetProperty("schedule");
            _schedule = new PruneSchedule((int)schedule.GetProperty("l1").GetDouble(), (int)schedule.GetProperty("l2").GetDouble(), Layers);
            Assert.That(Range(0, Layers).Select(_schedule.Rate), Is.EqualTo(args.GetProperty("retain_rate").EnumerateArray().Select(r => r.GetDouble())));
            _embeds = Fixture.Inputs.TryGetProperty("embeds", out _) ? Fixture.Tensor("in.embeds") : Assemble();
            if (Fixture.Has("position_ids"))
                _positions = tensor(Fixture.Integers("out.position_ids"), Fixture.Shape("out.position_ids"));
        }

        public FixtureCase Fixture { get; }

        public LanguageModel Model { get; }

        public WeightStore Weights { get; }

        public PromptLayout Layout { get; }

        public int N { get; }

        public int Layers => Model.Config.NumHiddenLayers;

        public PrefillResult Prefill(PruneMode mode) => Model.Prefill(
            _embeds, [Layout], new PageRankPruner(_schedule), mode, _positions, PrefillRecording.Hidden | PrefillRecording.Importance);

        // LLaVA-OneVision: pool, merge each frame, append image_newline once, replace id -200. Qwen2-VL: merge, fill the video slots in order.
        private Tensor Assemble()
        {
            long[] ids = Fixture.Integers("in.input_ids");
            int[] steps = FixtureCase.Ints(Fixture.Args.GetProperty("merge_r"));
            var merger = new AimMerger(tokens => RetentionPlan.FromSteps(tokens, steps));
            bool video = Fixture.Has("merged");
            long dim = Model.Config.HiddenSize;
            Tensor visual;
            if (video)
            {
                long frames = Fixture.Shape("out.merged")[0];
                var merged = merger.Merge(Fixture.Tensor("in.video_embeds").view(frames, -1, dim));
                Close.To(merged.Values(), Fixture.Floats("out.merged"), Fixture.Tolerance("hidden"), "merged");
                visual = merged.reshape(-1, dim);
            }
            else
            {
                var merged = merger.Merge(Pooling.Bilinear(Fixture.Tensor("in.features")));
                visual = cat([merged.reshape(-1, dim), Fixture.Tensor("in.image_newline").unsqueeze(0)], 0);
            }

            int first = Array.FindIndex(ids, id => video ? id == 58 : id == -200);
            int last = Array.FindLastIndex(ids, id => video ? id == 58 : id == -200);
            var embeds = cat([Model.Embed(tensor(ids[..first])), visual, Model.Embed(tensor(ids[(last + 1)..]))], 0);
            Close.To(embeds.Values(), Fixture.Floats("out.embeds"), (1e-5, 1e-5), "embeds");
            return embeds.unsqueeze(0);
        }

        public void CheckKept(PrefillResult prefill, string expected)
        {
            long[] keep = Fixture.Integers($"out.{expected}");
            for (int l = 0; l < Layers; l++)
                Assert.That(prefill.Alive[l][0], Is.EqualTo(Range(0, N).Where(i => keep[l * N + i] != 0)), $"{expected}[{l}]");
        }

        public void CheckImportance(PrefillResult prefill, string expected, IEnumerable<int> layers)
        {
            float[] scores = Fixture.Floats($"out.{expected}");
            foreach (int l in layers)
                Close.To(prefill.Importance![l][0], scores.AsSpan(l * N, N), Fixture.Tolerance("importance"), $"{expected}[{l}]");
        }

        public void CheckDecoding(PrefillResult prefill, string expected)
        {
            float[] logits = Fixture.Floats($"out.{expected}.logits");
            int[] ids = Fixture.Ints($"{expected}.ids");
            int vocabulary = Model.Config.VocabSize;
            var now = prefill.Logits;
            for (int step = 0; ; step++)
            {
                float[] values = now.Values();
                Close.To(values, logits.AsSpan(step * vocabulary, vocabulary), Fixture.Tolerance("logits"), $"{expected}.logits[{step}]");
                Assert.That(Array.IndexOf(values, values.Max()), Is.EqualTo(ids[step]), $"{expected}.ids[{step}]");
                if (step == ids.Length - 1)
                    break;
                if (Fixture.Has($"{expected}.positions"))
                    Assert.That(prefill.Cache.NextPosition[0], Is.EqualTo(Fixture.Ints($"{expected}.positions")[step]), $"position of step {step}");
                now = Model.Decode(tensor((long[])[ids[step]]), prefill.Cache);
            }
        }

        public void Dispose()
        {
            Model.Dispose();
            Weights.Dispose();
            Fixture.Dispose();
            _scope.Dispose();
        }
    }
}
