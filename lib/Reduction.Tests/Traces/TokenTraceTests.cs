using Aim.Models;
using Aim.Models.Tests;
using Aim.Parity;
using FsCheck;
using FsCheck.Fluent;
using TensorValues = Aim.Models.Tests.TensorValues;

namespace Aim.Reduction.Tests;

public class TokenTraceTests
{
    private static readonly string s_merges = Path.Combine(AppContext.BaseDirectory, "Fixtures", "merge");

    [FsCheck.NUnit.Property(MaxTest = 40)]
    public Property EveryPatchIsInOneTokenAndMeansWeighOne()
    {
        var cases =
            from retention in Gen.Elements("1", "1/2", "1/4", "1/9", "0.3")
            from frames in Gen.Choose(1, 3)
            from side in Gen.Choose(1, 5)
            from l1 in Gen.Choose(0, 2)
            from width in Gen.Choose(1, 4)
            from weighted in Gen.Elements("true", "false")
            from seed in Gen.Choose(1, 1_000_000)
            select (retention, frames, side, l1, width, weighted, seed);
        return Prop.ForAll(cases.ToArbitrary(), c =>
        {
            using var scope = NewDisposeScope();
            using var decoder = new RandomDecoder(RandomDecoder.Qwen2(), 3);
            var method = Hosts.Make(
                "aim", Hosts.Small(), ("retention", c.retention), ("schedule", $"{c.l1},{c.l1 + c.width}"),
                ("size-weighted", c.weighted));
            using var run = new MethodRun(decoder, method, new PromptShape(c.frames, c.side * c.side, 1, 4, 4), c.seed);
            var trace = Trace(run, c.frames, c.side, c.side);
            var entering = trace.Entering(0);
            int[] patches = [.. Enumerable.Range(0, entering.Outputs).SelectMany(entering.From)];
            Assert.That(patches.Order(), Is.EqualTo(Enumerable.Range(0, c.frames * c.side * c.side)), "each patch once");
            for (int l = 0; l < 4; l++)
            {
                var at = trace.PatchesEntering(l);
                Assert.That(at, Has.Count.EqualTo(Math.Max(0, Merged(run, l))), $"layer {l}");
                Assert.That(at.Select(t => t.Sum(p => p.Weight)), Is.All.EqualTo(1).Within(1e-5));
                Assert.That(at.Select(t => t.Select(p => p.Frame).Distinct().Count()), Is.All.EqualTo(1), "frames do not mix");
            }

            var groups = trace.Groups();
            Assert.That(groups.Groups.SelectMany(g => g), Is.All.InRange(0, entering.Outputs - 1));
            for (int l = 0; l < 4; l++)
                Assert.That(groups.Last.Count(last => last >= l), Is.EqualTo(trace.Entering(l).Outputs), $"layer {l}");
        });
    }

    /// <summary>The merged tokens of a run that enter a layer, counted by slots.</summary>
    private static int Merged(MethodRun run, int layer)
    {
        int[] merged = [.. run.Layout.VisualSlots.Take(run.Merged.Origin.Outputs)];
        return layer == 0 ? merged.Length : run.Prefill.Alive[layer - 1][0].Count(merged.Contains);
    }

    /// <summary>
    /// Step by step: features through each iteration, survivors by their slots; at once: through the composed weights.
    /// </summary>
    [Test]
    public void TheCompositionIsTheStepsOneByOne([Values("1/4", "1/3")] string retention, [Values] bool weighted)
    {
        using var scope = NewDisposeScope();
        using var decoder = new RandomDecoder(RandomDecoder.Qwen2(), 3);
        var features = tensor(decoder.Values(2 * 36 * 16, 1), [2, 36, 16]);
        var merger = new AimMerger(Retention.Parse(retention), new AimOptions { SizeWeighted = weighted });
        var merged = merger.Merge(features, null);
        var x = features;
        int[][] sizes = [.. Enumerable.Range(0, 2).Select(_ => Enumerable.Repeat(1, 36).ToArray())];
        foreach (var step in merged.Steps)
        {
            x = weighted ? step.Apply(x, sizes) : step.Apply(x);
            sizes = [.. sizes.Select((s, f) => step.Grow(f, s))];
        }

        int kept = (int)x.shape[1];
        int[] slots = [.. Enumerable.Range(3, 2 * kept + 1)];
        int[][] alive = [slots, [.. slots.Where(s => s % 3 > 0)], [.. slots.Where(s => s % 6 == 1)], []];
        var trace = new TokenTrace(merged.Origin(), new PatchGrid(2, 6, 6), slots, alive);
        var all = features.reshape(72, 16);
        Assert.That(TensorValues.Difference(trace.Entering(0).Apply(all), x.reshape(-1, 16)), Is.LessThan(1e-5));
        for (int l = 1; l < 4; l++)
        {
            long[] rows = [.. alive[l - 1].Select(s => (long)s - 3).Where(r => r < 2 * kept)];
            Assert.That(
                TensorValues.Difference(trace.Entering(l).Apply(all), x.reshape(-1, 16).index_select(0, tensor(rows))),
                Is.LessThan(1e-5));
        }
    }

    private static IEnumerable<string> Composites() => Directory.GetDirectories(s_merges).Select(d => Path.GetFileName(d)!)
        .Where(name =>
        {
            using var fixture = Read(name);
            return fixture.Expects("composite.assign");
        });

    [TestCaseSource(nameof(Composites))]
    public void ItIsTheReferencesComposite(string name)
    {
        using var scope = NewDisposeScope();
        using var fixture = Read(name);
        var tokens = fixture.Expects("pooled") ? fixture.Tensor("out.pooled") : fixture.Tensor("in.tokens");
        var (frames, count) = ((int)tokens.shape[0], (int)tokens.shape[1]);
        var merger = new AimMerger(n => RetentionPlan.FromSteps(n, fixture.Args.NeedInts("r")));
        var merged = merger.Merge(tokens, fixture.Args.NeedText("metric") == "keys" ? fixture.Tensor("in.keys") : null);
        int kept = (int)merged.Tokens.shape[1];
        int[] slots = [.. Enumerable.Range(0, frames * kept)];
        var trace = new TokenTrace(merged.Origin(), new PatchGrid(frames, 1, count), slots, [slots]);
        long[] assign = fixture.Integers("out.composite.assign");
        float[] weight = fixture.Floats("out.composite.weight");
        var groups = trace.Groups();
        for (int f = 0; f < frames; f++)
        {
            Assert.That(
                groups.Groups[f].Select(g => (long)g - f * kept),
                Is.EqualTo(assign[(f * count)..((f + 1) * count)]), $"frame {f}");
            foreach (var patch in trace.PatchesEntering(0).Skip(f * kept).Take(kept).SelectMany(p => p))
            {
                Assert.That(
                    patch.Weight, Is.EqualTo(weight[f * count + patch.Column]).Within(1e-6), $"frame {f}, slot {patch.Column}");
            }
        }
    }

    [Test]
    public void TheReferencesCompositesAreThere() => Assert.That(Composites().Count(), Is.GreaterThanOrEqualTo(5));

    [Test]
    public void PatchesAreNamedByFrameRowAndColumn()
    {
        // Two frames of 2 x 3; token 0 of patches 0 and 5, token 1 of patch 9 (frame 1, row 1, column 0); the newline stands in
        // slot 3.
        var origin = new Provenance(12, [[0, 5], [9]], [[0.25f, 0.75f], [1]]);
        var trace = new TokenTrace(origin, new PatchGrid(2, 2, 3), [1, 2, 3], [[0, 1, 2, 3, 4], [0, 2, 3, 4], [0, 4]]);
        Assert.That(trace.PatchesEntering(0)[0], Is.EqualTo((PatchWeight[])[new(0, 0, 0, 0.25f), new(0, 1, 2, 0.75f)]));
        Assert.That(trace.PatchesEntering(0)[1], Is.EqualTo((PatchWeight[])[new(1, 1, 0, 1)]));
        Assert.That(trace.PatchesEntering(2), Has.Count.EqualTo(1), "token 0 left after layer 1, layer 2 is the last");
        var groups = trace.Groups();
        Assert.That(groups.Groups, Is.EqualTo((int[][])[[0, -1, -1, -1, -1, 0], [-1, -1, -1, 1, -1, -1]]));
        Assert.That(groups.Last, Is.EqualTo((int[])[1, 2]));
        Assert.That(groups.LastLayers(0), Is.EqualTo((int[])[1, -1, -1, -1, -1, 1]));
    }

    [Test]
    public void APatchInSeveralTokensIsDrawnWithTheHeaviest()
    {
        var origin = new Provenance(2, [[0, 1], [0], [1]], [[0.4f, 0.1f], [-0.6f], [0.1f]]);
        var trace = new TokenTrace(origin, new PatchGrid(1, 1, 2), [0, 1, 2], [[0, 1, 2]]);
        Assert.That(trace.Groups().Groups[0], Is.EqualTo((int[])[1, 0]));
    }

    [Test]
    public void WhatDoesNotFitIsRefused()
    {
        var origin = Provenance.Identity(6);
        var grid = new PatchGrid(1, 2, 3);
        Assert.That(
            () => new TokenTrace(origin, new PatchGrid(1, 2, 2), [0, 1, 2, 3, 4, 5], [[]]),
            Throws.ArgumentException.With.Message.Contains("6 patches"));
        Assert.That(
            () => new TokenTrace(origin, grid, [0, 1], [[]]), Throws.ArgumentException.With.Message.Contains("2 visual slots"));
        Assert.That(() => new TokenTrace(origin, grid, [0, 1, 2, 3, 4, 5], []), Throws.ArgumentException);
    }

    private static TokenTrace Trace(MethodRun run, int frames, int rows, int columns)
        => new(
            run.Merged.Origin, new PatchGrid(frames, rows, columns), run.Layout.VisualSlots,
            [.. run.Prefill.Alive.Select(a => a[0])]);

    private static CaseFile Read(string name) => CaseFile.Read(Path.Combine(s_merges, name, CaseFileKind.FileName));
}
