using Aim.Cost;
using Aim.Experiments;
using Aim.Experiments.Planning;

namespace Aim.Notebook;

/// <summary>What a prefill costs, of any model and on any hardware, without weights: the cost model in a call.</summary>
public static class Costs
{
    /// <summary>The tables of the paper that are priced anew.</summary>
    public static IReadOnlyList<string> Tables => CostTables.Ids;

    /// <summary>The models that are known by name.</summary>
    public static IReadOnlyList<string> Models => [.. ModelShape.Presets.Select(m => m.Name)];

    /// <summary>The hardware that is known by name; <c>this</c> is this machine, measured when it is asked for.</summary>
    public static IReadOnlyList<Hardware> Machines => Hardware.Presets;

    /// <summary>A model's sizes.</summary>
    /// <param name="model">One of <see cref="Models"/>, a Hugging Face config.json, or the directory that holds it.</param>
    /// <exception cref="DefinitionException">It is none of them.</exception>
    public static ModelShape Model(string model)
    {
        ArgumentNullException.ThrowIfNull(model);
        if (PublishedModels.Find(model) is { } preset)
            return preset;
        string? path = File.Exists(model) || Directory.Exists(model) ? model
            : Path.Combine(Places.Root(), model) is var there && (File.Exists(there) || Directory.Exists(there)) ? there : null;
        return path is not null ? HubConfig.Load(path).Shape : throw new DefinitionException(
            $"'{model}' is neither a model that is known by name ({string.Join(", ", Models)}) "
                + "nor a config.json or its directory");
    }

    /// <summary>The cost of a prefill.</summary>
    /// <param name="model">See <see cref="Model"/>.</param>
    /// <param name="visual">Visual tokens that enter the decoder.</param>
    /// <param name="text">Text tokens.</param>
    /// <param name="schedule">Layers (l1, l2) between which AIM prunes; null: nothing is pruned.</param>
    /// <param name="hardware">One of <see cref="Machines"/>, or <c>this</c>.</param>
    /// <param name="asScript">
    /// Whether it is priced as the paper's script does, its quirks included (<c>lib/Cost/README.md</c> lists them); else for the
    /// tokens that the layers really process.
    /// </param>
    /// <exception cref="DefinitionException">The model, the hardware or the schedule is not known.</exception>
    public static PricedPrefill Price(
        string model, int visual, int text = 100, (int L1, int L2)? schedule = null,
        string hardware = "A100-40GB", bool asScript = false)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(visual);
        ArgumentOutOfRangeException.ThrowIfLessThan(text, 1);
        var shape = Model(model);
        if (schedule is (var first, var last) && (first < 0 || last <= first))
            throw new DefinitionException(
                $"({first}, {last}) is no schedule; pruning runs from l1 down to l2, for example (14, 22)");
        int[] tokens = schedule is (var l1, var l2)
            ? asScript
                ? TokenSchedule.AimAsScript(shape.Layers, visual, text, l1, l2)
                : TokenSchedule.Aim(shape.Layers, visual, text, l1, l2)
            : TokenSchedule.Flat(shape.Layers, visual + text);
        string setting = schedule is (var a, var b) ? $"{visual} visual, pruned ({a}, {b})" : $"{visual} visual";
        return Price(shape, tokens, setting, hardware, asScript);
    }

    /// <summary>The cost of a prefill with any number of tokens in each layer.</summary>
    /// <param name="model">See <see cref="Model"/>.</param>
    /// <param name="tokensByLayer">Tokens, text among them, of each layer.</param>
    /// <param name="hardware">One of <see cref="Machines"/>, or <c>this</c>.</param>
    /// <exception cref="DefinitionException">The model or the hardware is not known.</exception>
    /// <exception cref="ArgumentException">The model has another number of layers.</exception>
    public static PricedPrefill Price(string model, IReadOnlyList<int> tokensByLayer, string hardware = "A100-40GB")
    {
        ArgumentNullException.ThrowIfNull(tokensByLayer);
        var shape = Model(model);
        return Price(shape, [.. tokensByLayer], $"{tokensByLayer[0]} to {tokensByLayer[^1]} tokens", hardware, asScript: false);
    }

    /// <summary>A table of the paper, each row as it is printed, as the script's rules price it, and honestly.</summary>
    /// <param name="table">One of <see cref="Tables"/>.</param>
    /// <param name="hardware">One of <see cref="Machines"/>; on another than the paper's, times are not compared.</param>
    /// <exception cref="ArgumentException">There is no such table.</exception>
    public static IReadOnlyList<PaperCost> Table(string table, string hardware = "A100-40GB") =>
    [
        .. CostTables.Get(table, new TablePricing { Hardware = Machine(hardware) }).Rows.Select(r => new PaperCost(
            r.Setting, r.Flops.Printed, r.Computed?.Flops, r.Flops.Status == FigureStatus.Exact, r.Honest?.Flops,
            r.Milliseconds?.Printed, r.Computed?.Milliseconds, r.Milliseconds?.Status == FigureStatus.Exact,
            r.Honest?.Milliseconds, r.Streamed?.Milliseconds, string.Join(", ", Quirks.Names(r.Quirks)),
            r.Flops.Reason ?? r.Milliseconds?.Reason ?? r.Note)),
    ];

    /// <summary>Hardware by name.</summary>
    /// <param name="name">One of <see cref="Machines"/>, or <c>this</c>, which measures the machine for about a second.</param>
    /// <exception cref="DefinitionException">It is not known.</exception>
    public static Hardware Machine(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        if (MeasuredMachine.IsMeant(name))
            return MeasuredMachine.Measure(torch.get_num_threads());
        try
        {
            return Hardware.Parse(name);
        }
        catch (ArgumentException)
        {
            throw new DefinitionException(
                $"hardware '{name}' is not known; there are {string.Join(", ", Machines.Select(m => m.Name))}, "
                    + $"and '{Hardware.ThisName}'");
        }
    }

    private static PricedPrefill Price(ModelShape shape, int[] tokens, string setting, string hardware, bool asScript)
    {
        var machine = Machine(hardware);
        var script = Quirks.OfScript(shape);
        var quirks = asScript ? script | Quirk.OneLayerEarly : script & Quirks.KeptInHonest;
        int bytes = MeasuredMachine.IsMeant(hardware) ? MeasuredMachine.ActivationBytes : new CostOptions().ActivationBytes;
        PrefillCost Of(AttentionKind attention) => CostModel.Prefill(
            Quirks.Apply(quirks, shape), tokens, machine,
            Quirks.Apply(quirks, new CostOptions { Attention = attention, ActivationBytes = bytes }));
        var (cost, streamed) = (Of(AttentionKind.Materialised), Of(AttentionKind.Flash));
        return new PricedPrefill(
            shape.Name, setting, machine.Name, cost.Teraflops, cost.Milliseconds, streamed.Milliseconds,
            cost.MemoryBytes / 1e9, tokens,
            [.. cost.Operations.Select(o => new PricedOperation(o.Name, o.Flops / 1e9, o.Bytes / 1e6, o.Seconds * 1e3))]);
    }
}

/// <summary>What a prefill of the language model costs.</summary>
/// <param name="Model">The model.</param>
/// <param name="Setting">Tokens and schedule.</param>
/// <param name="Hardware">What it runs on.</param>
/// <param name="Teraflops">1e12 FLOPs.</param>
/// <param name="Milliseconds">Roofline time with attention scores that go through memory, as the paper has it.</param>
/// <param name="StreamedMilliseconds">The same with attention that streams its scores.</param>
/// <param name="Gigabytes">1e9 bytes held: weights and caches of all layers.</param>
/// <param name="TokensByLayer">Tokens of each layer.</param>
/// <param name="Operations">What it is made of.</param>
public sealed record PricedPrefill(
    string Model, string Setting, string Hardware, double Teraflops, double Milliseconds, double StreamedMilliseconds,
    double Gigabytes, IReadOnlyList<int> TokensByLayer, IReadOnlyList<PricedOperation> Operations);

/// <summary>An operation of a prefill, over all layers.</summary>
/// <param name="Name">Which.</param>
/// <param name="Gflops">1e9 FLOPs.</param>
/// <param name="Megabytes">1e6 bytes moved.</param>
/// <param name="Milliseconds">Roofline time.</param>
public sealed record PricedOperation(string Name, double Gflops, double Megabytes, double Milliseconds);

/// <summary>A row of a table of the paper, printed and computed; FLOPs are in the table's unit.</summary>
/// <param name="Setting">Model, method and setting.</param>
/// <param name="Printed">FLOPs as printed.</param>
/// <param name="Computed">FLOPs as the script's rules give them; null where no setting does.</param>
/// <param name="Exact">Whether they agree to every printed digit.</param>
/// <param name="Honest">FLOPs of the tokens that the method really keeps.</param>
/// <param name="PrintedMs">Prefill time as printed.</param>
/// <param name="ComputedMs">The same as computed.</param>
/// <param name="ExactMs">Whether they agree to every printed digit.</param>
/// <param name="HonestMs">The same of the tokens that the method really keeps.</param>
/// <param name="StreamedMs">The computed time with attention that streams its scores.</param>
/// <param name="Quirks">What the script does that the method does not, by name.</param>
/// <param name="Note">Why a figure is not reached, or what a reader should know besides.</param>
public sealed record PaperCost(
    string Setting, string Printed, double? Computed, bool Exact, double? Honest, string? PrintedMs, double? ComputedMs,
    bool ExactMs, double? HonestMs, double? StreamedMs, string Quirks, string? Note);
