namespace Aim.Parity.Ops;

internal static partial class OperationTable
{
    private static void AddImages()
    {
        Add("F.conv2d torch.conv2d",
            ("Tensor input, Tensor weight, Tensor bias=None, ints stride=1, ints padding=0, ints dilation=1, int groups=1", a =>
                Convolve(a, a["input"], a.Ints("padding"))),
            ("Tensor input, Tensor weight, Tensor bias=None, ints stride=1, str padding='valid', ints dilation=1, int groups=1",
                NamedPadding));
        Add("F.unfold", ("Tensor input, ints kernel_size, ints dilation=1, ints padding=0, ints stride=1", a =>
            nn.functional.unfold(a["input"], Pair(a, "kernel_size"), Pair(a, "dilation"), Pair(a, "padding"),
                Pair(a, "stride"))));
        Add("F.avg_pool2d", (
            "Tensor input, ints kernel_size, ints stride=None, ints padding=0, bool ceil_mode=False, "
            + "bool count_include_pad=True, int divisor_override=None", a => nn.functional.avg_pool2d(a["input"],
                a.Ints("kernel_size"), a.IntsOrNull("stride") is { Length: > 0 } s ? s : null, a.Ints("padding"),
                a.Flag("ceil_mode"), a.Flag("count_include_pad"), a.IntOrNull("divisor_override"))));
        Add("F.adaptive_avg_pool2d", ("Tensor input, sizes output_size", a =>
        {
            var sizes = (long?[])a.Value("output_size")!;
            var full = sizes.Length == 1 ? [sizes[0], sizes[0]] : sizes;
            var x = a["input"];
            return nn.functional.adaptive_avg_pool2d(x,
                [.. full.Select((s, i) => s ?? x.shape[(int)x.dim() - full.Length + i])]);
        }
        ));
        Add("F.pad", ("Tensor input, ints pad, str mode='constant', float value=None", a =>
        {
            if (a.Text("mode") != "constant" && a.FloatOrNull("value") is not (null or 0))
                throw new TorchException($"Padding mode \"{a.Text("mode")}\" doesn't take in value argument");
            return nn.functional.pad(a["input"], a.Ints("pad"), a.Text("mode") switch
            {
                "constant" => PaddingModes.Constant,
                "reflect" => PaddingModes.Reflect,
                "replicate" => PaddingModes.Replicate,
                "circular" => PaddingModes.Circular,
                var mode => throw new TorchException($"Unrecognised padding mode {mode}"),
            }, a.FloatOrNull("value") ?? 0);
        }
        ));
        Add("F.interpolate", (
            "Tensor input, ints size=None, floats scale_factor=None, str mode='nearest', bool align_corners=None, "
            + "bool recompute_scale_factor=None, bool antialias=False", Interpolate));
    }

    private static Tensor Convolve(Arguments a, Tensor input, long[] padding) => nn.functional.conv2d(input, a["weight"],
        a.Maybe("bias"), a.Ints("stride"), padding, a.Ints("dilation"), a.Int("groups"));

    /// <summary>Padding by name: <c>same</c> puts the odd row or column at the end.</summary>
    private static object NamedPadding(Arguments a)
    {
        var (x, stride) = (a["input"], a.Ints("stride"));
        switch (a.Text("padding"))
        {
            case "valid":
                return Convolve(a, x, [0]);
            case "same" when stride.Any(s => s != 1):
                throw new TorchException("padding='same' is not supported for strided convolutions");
            case "same":
                var dilation = Pair(a, "dilation");
                var (high, wide) = (dilation.Item1 * (a["weight"].shape[^2] - 1), dilation.Item2 * (a["weight"].shape[^1] - 1));
                return Convolve(a, nn.functional.pad(x, [wide / 2, wide - (wide / 2), high / 2, high - (high / 2)]), [0]);
            case var other:
                throw new TorchException($"Invalid padding string: '{other}'");
        }
    }

    /// <summary>Two numbers, or one for both.</summary>
    private static (long, long) Pair(Arguments a, string name) => a.Ints(name) switch
    {
        [var both] => (both, both),
        [var first, var second] => (first, second),
        var other => throw new TorchException($"{name} must be one or two numbers, got {Values.Shape(other)}"),
    };

    private static object Interpolate(Arguments a)
    {
        var (x, size, factors) = (a["input"], a.IntsOrNull("size"), a.FloatsOrNull("scale_factor"));
        var spatial = x.dim() - 2;
        var sizes = size?.Select(s => (double)s).ToArray();
        foreach (var (name, given) in new[] { ("output size", sizes), ("scale_factor", factors) })
        {
            if (given is { Length: not 1 } && given.Length != spatial)
            {
                throw new TorchException($"Input and {name} must have the same number of spatial dimensions, but got input with "
                    + $"spatial dimensions of {Values.Shape(x.shape.Skip(2))} and {name} of ({string.Join(", ", given)}). "
                    + "Please provide input tensor in (N, C, d1, d2, ...,dK) format and output size in (o1, o2, ...,oK) format.");
            }
        }

        var recompute = a.FlagOrNull("recompute_scale_factor") ?? false;
        if (recompute && size is not null)
            throw new TorchException("recompute_scale_factor is not meaningful with an explicit size.");
        if (a.Text("mode") == "nearest-exact")
            return NearestExact(a, x, size, factors, recompute);
        return nn.functional.interpolate(x, size, factors, a.Text("mode") switch
        {
            "nearest" => InterpolationMode.Nearest,
            "linear" => InterpolationMode.Linear,
            "bilinear" => InterpolationMode.Bilinear,
            "bicubic" => InterpolationMode.Bicubic,
            "trilinear" => InterpolationMode.Trilinear,
            "area" => InterpolationMode.Area,
            var mode => throw new TorchException($"Input Error: Only 3D, 4D and 5D input Tensors supported (got {x.dim()}D) for "
                + "the modes: nearest | linear | bilinear | bicubic | trilinear | area | nearest-exact | lanczos (got "
                + $"{mode})"),
        }, a.FlagOrNull("align_corners"), recompute, a.Flag("antialias"));
    }

    /// <summary>The input cell under each output cell's middle, one dimension after the other.</summary>
    private static Tensor NearestExact(Arguments a, Tensor x, long[]? size, double[]? factors, bool recompute)
    {
        // The engine's own mode makes every check that the two share.
        _ = nn.functional.interpolate(x.detach(), size, factors, InterpolationMode.Nearest, a.FlagOrNull("align_corners"),
            recompute, a.Flag("antialias"));
        for (var d = 2; d < x.dim(); d++)
        {
            var inputs = x.shape[d];
            var factor = factors?[Math.Min(d - 2, factors.Length - 1)];
            var outputs = size?[Math.Min(d - 2, size.Length - 1)] ?? (long)Math.Floor(inputs * factor!.Value);
            var scale = factor is { } f && !recompute ? (float)(1 / f) : (float)inputs / outputs;
            var from = new long[outputs];
            for (var i = 0; i < outputs; i++)
                from[i] = Math.Min((long)MathF.Floor((i + 0.5f) * scale), inputs - 1);
            x = x.index_select(d, torch.tensor(from));
        }

        return x;
    }
}
