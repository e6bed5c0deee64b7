namespace Aim.Tensors.Tests.Ops;

/// <summary>Every operation held to torch's results and gradients (Fixtures/ops/README.md states the rules).</summary>
public sealed class OpFixtureTests
{
    /// <summary>
    /// Operations that the engine does not have yet. An operation may stand here or in <see cref="OpTable"/>, not in both.
    /// </summary>
    private static readonly HashSet<string> TierB =
    [
        "F.adaptive_avg_pool1d", "F.avg_pool1d", "F.binary_cross_entropy_with_logits", "F.conv1d", "F.conv3d",
            "F.cosine_similarity", "F.dropout",
        "F.elu", "F.group_norm", "F.hardswish", "F.hardtanh", "F.kl_div", "F.leaky_relu", "F.logsigmoid", "F.max_pool2d",
            "F.mish",
        "F.pixel_shuffle", "F.pixel_unshuffle", "F.relu6", "F.smooth_l1_loss", "F.softplus", "torch.bincount", "torch.cdist",

        "torch.einsum", "torch.linalg.vector_norm", "torch.meshgrid", "torch.quantile", "torch.rot90", "torch.searchsorted",
        "torch.tril_indices", "torch.triu_indices", "torch.unique", "torch.unique_consecutive",
        "optim.Adam", "optim.SGD", "lr_scheduler.CosineAnnealingLR", "lr_scheduler.LinearLR", "lr_scheduler.StepLR",
            "lr_scheduler.WarmupCosine",
    ];

    /// <summary>Operations with tests of their own, in Optim.</summary>
    private static readonly HashSet<string> Elsewhere = ["optim.AdamW", "torch.nn.utils.clip_grad_norm_"];

    public static IEnumerable<OpCase> Supported =>
        OpFixture.Instance.Cases.Where(c => OpTable.Ops.ContainsKey(c.Op) && Reason(c) is null);

    [Test]
    public void EveryCaseIsRunOrNamedAsUnsupported()
    {
        var cases = OpFixture.Instance.Cases;
        var unsupported = cases.Where(c => TierB.Contains(c.Op) || Reason(c) is not null).ToArray();
        var run = Supported.Count();
        foreach (var group in unsupported.GroupBy(c => TierB.Contains(c.Op) ? c.Op : $"{c.Op} ({Reason(c)})").OrderBy(g => g.Key))
            TestContext.Out.WriteLine($"not supported yet: {group.Key}: {group.Count()}");
        TestContext.Out.WriteLine($"{run} cases run here, {cases.Count(c => Elsewhere.Contains(c.Op) && Reason(c) is null)} in Optim, "
            + $"{unsupported.Length} not supported yet");
        Assert.Multiple(() =>
        {
            Assert.That(TierB.Where(OpTable.Ops.ContainsKey), Is.Empty, "operations that are implemented may not be skipped");
            Assert.That(cases.Select(c => c.Op).Distinct().Where(o => !TierB.Contains(o) && !Elsewhere.Contains(o) && !OpTable.Ops.ContainsKey(o)), Is.Empty,
                "operations that are neither implemented nor named as unsupported");
            Assert.That(run, Is.GreaterThan(1150));
        });
    }

    [TestCaseSource(nameof(Supported))]
    public void MatchesTorch(OpCase c)
    {
        using var scope = NewDisposeScope();
        var wanted = c.Names("grads");
        var names = c.Names("inputs");
        var stored = names.Select(c.Stored).ToArray();
        for (var i = 0; i < stored.Length; i++)
        {
            if (i < wanted.Length && wanted[i] != "")
                stored[i].requires_grad_();
        }

        var results = OpTable.Ops[c.Op](c, [.. stored.Select((t, i) => Viewed(c, names[i], t))]);
        var expected = c.Names("expected");
        var valuesOnly = c.Json.TryGetProperty("check", out var check) && check.GetString() == "values_only";
        for (var i = 0; i < (valuesOnly ? 1 : expected.Length); i++)
            Compare(c, expected[i], results[i], c.Stored(expected[i]));
        var upstream = c.Names("upstream");
        if (!wanted.Any(g => g != ""))
            return;
        var roots = results.Select((r, i) => (r, i)).Where(p => p.i < upstream.Length && upstream[p.i] != "").ToArray();
        autograd.backward([.. roots.Select(p => p.r)], [.. roots.Select(p => c.Stored(upstream[p.i]))]);
        for (var i = 0; i < wanted.Length; i++)
        {
            if (wanted[i] != "")
                Compare(c, wanted[i], stored[i].grad ?? zeros_like(stored[i]), c.Stored(wanted[i]));
        }
    }

    /// <summary>Why a case of an implemented operation cannot run; null if it can.</summary>
    private static string? Reason(OpCase c)
    {
        if (c.Json.TryGetProperty("dtypes", out _) && c.Names("dtypes").Any(d => d is "float16" or "bfloat16"))
            return "16-bit types";
        if (c.Names("inputs").Any(i => OpFixture.Instance.StoredType($"{c.Id}/{i}") is "F16" or "BF16"))
            return "16-bit types";
        return c.Op switch
        {
            "optim.AdamW" when c.Id == "optim.AdamW/1" => "AdamW has no amsgrad",
            "F.gelu" when c.Id == "gelu/4" => "torch's float32 kernel gives NaN at +inf, where ours gives the limit",
            "F.interpolate" when c.Text("mode", "") == "nearest-exact" => "TorchSharp has no nearest-exact",
            "F.scaled_dot_product_attention" when c.Has("scale") || c.Has("enable_gqa") =>
                "TorchSharp has no scale and no enable_gqa here",
            "torch.var" or "torch.std" when c.Has("correction") && c.Long("correction") > 1 => "TorchSharp has no correction",
            "torch.squeeze" when c.Longs("dim").Length > 1 => "TorchSharp squeezes one dimension",
            "torch.logsumexp" when c.Longs("dim").Length > 1 => "TorchSharp reduces one dimension",
            "torch.scatter" when c.Has("value") => "TorchSharp scatters tensors",
            "torch.scatter_reduce" when c.Text("reduce", "") != "mean" || !c.Flag("include_self", true) => "only scatter_mean",
            "F.embedding" when c.Has("padding_idx") => "TorchSharp's function has no padding_idx",
            "torch.median" when c.Has("dim") => "TorchSharp has no median along a dimension",
            _ => null,
        };
    }

    private static Tensor Viewed(OpCase c, string name, Tensor t)
    {
        if (!c.Json.TryGetProperty("views", out var views) || !views.TryGetProperty(name, out var steps))
            return t;
        foreach (var step in steps.EnumerateArray())
        {
            var args = step.EnumerateArray().Skip(1).Select(v => v.ValueKind == System.Text.Json.JsonValueKind.Null
                ? long.MaxValue : v.GetInt64()).ToArray();
            t = step[0].GetString() switch
            {
                "t" => t.t(),
                "transpose" => t.transpose(args[0], args[1]),
                "permute" => t.permute(args),
                "expand" => t.expand(args),
                "narrow" => t.narrow(args[0], args[1], args[2]),
                "slice" => t.slice(args[0], args[1] == long.MaxValue ? 0 : args[1], args[2], args[3]),
                var other => throw new NotSupportedException(other),
            };
        }

        return t;
    }

    internal static void Compare(OpCase c, string name, Tensor got, Tensor expected)
    {
        Assert.That(got.shape, Is.EqualTo(expected.shape), $"shape of {name}");
        Assert.That(got.dtype, Is.EqualTo(expected.dtype), $"type of {name}");
        var (abs, rel) = c.Tolerance(name);

        // Bits of float64 exponentials are the maths library's own.
        if (c.Op == "F.softmax" && got.dtype == float64)
            rel = 1e-15;
        var a = got.detach().to(float64).data<double>().ToArray();
        var b = expected.to(float64).data<double>().ToArray();
        for (var i = 0; i < a.Length; i++)
        {
            var near = double.IsNaN(b[i])
                ? double.IsNaN(a[i])
                : double.IsInfinity(b[i]) ? a[i] == b[i] : Math.Abs(a[i] - b[i]) <= abs + rel * Math.Abs(b[i]);
            if (!near)
                Assert.Fail($"{name}[{i}] of {a.Length}: got {a[i]:R}, expected {b[i]:R} within {abs} + {rel} * |expected|");
        }
    }
}
