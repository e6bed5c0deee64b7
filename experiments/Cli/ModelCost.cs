using System.Globalization;
using Aim.Cost;

namespace Aim.Experiments.Cli;

/// <summary>The prefill of one model at a number of tokens: as the paper's script prices it, and honestly.</summary>
internal static class ModelCost
{
    /// <param name="Model">The model.</param>
    /// <param name="Visual">Visual tokens.</param>
    /// <param name="Text">Text tokens.</param>
    /// <param name="Schedule">l1 and l2, or null to prune nothing.</param>
    /// <param name="Pricing">Hardware, bytes, quirks to leave out.</param>
    /// <param name="Operations">Whether to list every operation.</param>
    /// <param name="Json">Whether to print JSON.</param>
    public sealed record Request(
        HubConfig Model, int Visual, int Text, (int First, int Last)? Schedule, TablePricing Pricing, bool Operations, bool Json);

    private sealed record Priced(string Name, Quirk Quirks, PrefillCost Cost, PrefillCost Streamed);

    public static void Print(TextWriter output, Request request)
    {
        Priced[] rows = [.. Rows(request)];
        if (request.Json)
            output.WriteLine(CostJson.Serialize(Json(request, rows)));
        else
            Write(output, request, rows);
    }

    private static IEnumerable<Priced> Rows(Request request)
    {
        var shape = request.Model.Shape;
        var script = Quirks.OfScript(shape) & ~request.Pricing.Without;
        int[] all = TokenSchedule.Flat(shape.Layers, request.Visual + request.Text);
        yield return Price("unpruned, as the paper's script", script, all);
        yield return Price("unpruned, honest", script & Quirks.KeptInHonest, all);
        if (request.Schedule is not var (first, last))
            yield break;
        bool early = !request.Pricing.Without.HasFlag(Quirk.OneLayerEarly);
        int[] Pruned(bool asScript) => asScript
            ? TokenSchedule.AimAsScript(shape.Layers, request.Visual, request.Text, first, last)
            : TokenSchedule.Aim(shape.Layers, request.Visual, request.Text, first, last);
        yield return Price(
            $"({first}, {last}), as the paper's script", early ? script | Quirk.OneLayerEarly : script, Pruned(early));
        yield return Price($"({first}, {last}), honest", script & Quirks.KeptInHonest, Pruned(false));

        Priced Price(string name, Quirk quirks, int[] tokens)
        {
            PrefillCost Cost(AttentionKind attention) => CostModel.Prefill(
                Quirks.Apply(quirks, shape),
                tokens,
                request.Pricing.Hardware,
                Quirks.Apply(quirks, new CostOptions
                {
                    Attention = attention,
                    WeightBytes = request.Pricing.WeightBytes,
                    ActivationBytes = request.Pricing.ActivationBytes,
                }));
            return new Priced(name, quirks, Cost(AttentionKind.Materialised), Cost(AttentionKind.Flash));
        }
    }

    private static void Write(TextWriter output, Request request, Priced[] rows)
    {
        var shape = request.Model.Shape;
        output.WriteLine(
            $"{shape.Name}: hidden {shape.Hidden}, {shape.Layers} layers, {shape.Heads} heads of {shape.HeadDim} "
            + $"({shape.KeyValueHeads} key-value), MLP {shape.Intermediate}, vocabulary {shape.Vocabulary}");
        if (request.Model.Assumed.Count > 0)
            output.WriteLine($"not in the file, by default: {string.Join(", ", request.Model.Assumed)}");
        output.WriteLine($"{request.Visual} visual + {request.Text} text tokens, prefill of the language model");
        output.WriteLine(CostText.HardwareLine(request.Pricing));
        output.WriteLine();

        // TB for the paper's sizes; a lab model's figures would all be 0.00
        var (unit, size) = rows.Max(r => r.Cost.Flops) >= 1e11 ? ("TB (1e12)", 1e12) : ("G (1e9)", 1e9);
        output.WriteLine($"{"",-36}{"FLOPs, " + unit,18}{"prefill, ms",13}{"streamed, ms",14}{"held, GB",11}");
        foreach (var row in rows)
        {
            output.WriteLine(
                $"{row.Name,-36}{CostText.Number(row.Cost.Flops / size),18}{CostText.Number(row.Cost.Milliseconds),13}"
                + $"{CostText.Number(row.Streamed.Milliseconds),14}{CostText.Number(row.Cost.MemoryBytes / 1e9),11}");
            if (request.Operations)
                Operations(output, row.Cost);
        }
        output.WriteLine();
        var used = rows.Aggregate(Quirk.None, (all, r) => all | r.Quirks);
        output.WriteLine($"quirks of the script: {string.Join(", ", Quirks.Names(used))}");
        output.WriteLine(
            $"honest: without them but for {string.Join(", ", Quirks.Names(Quirks.KeptInHonest))}; held: weights and caches of "
                + $"all "
            + "layers, no embedding and head");
    }

    private static void Operations(TextWriter output, PrefillCost cost)
    {
        output.WriteLine($"  {"operation",-16}{"GFLOPs",16}{"MB moved",14}{"ms",12}");
        foreach (var op in cost.Operations)
        {
            output.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"  {op.Name,-16}{op.Flops / 1e9,16:0.0000}{op.Bytes / 1e6,14:0.000}{op.Seconds * 1e3,12:0.0000}"));
        }
    }

    private static object Json(Request request, Priced[] rows) => new
    {
        Model = request.Model.Shape,
        request.Model.Assumed,
        Hardware = CostJson.Machine(request.Pricing),
        request.Visual,
        request.Text,
        Schedule = request.Schedule is var (first, last) ? new[] { first, last } : null,
        Costs = rows.Select(r => new
        {
            r.Name,
            Quirks = Quirks.Names(r.Quirks),
            r.Cost.Flops,
            r.Cost.Seconds,
            StreamedSeconds = r.Streamed.Seconds,
            r.Cost.MemoryBytes,
            BytesMoved = r.Cost.Bytes,
            Operations = request.Operations ? r.Cost.Operations : null,
        }),
    };
}
