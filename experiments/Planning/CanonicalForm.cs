using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Aim.Experiments.Exhibits;

namespace Aim.Experiments.Planning;

/// <summary>
/// The one way to write a definition down: every field present, in a fixed order, values normalised (1/4 for 0.25), grids written
/// out cell by cell. Two files that mean the same have the same form, and its sha256 names the run.
/// </summary>
public static class CanonicalForm
{
    /// <summary>The definition as YAML that <see cref="DefinitionReader"/> reads back to an equal definition.</summary>
    public static string Write(Definition d)
    {
        var text = new StringBuilder();
        void Line(FormattableString line) => text.Append(line.ToString(CultureInfo.InvariantCulture)).Append('\n');
        Line($"schema: {Definition.Schema}");
        Line($"name: {d.Name}");
        Line($"version: {d.Version}");
        Line($"title: {Quote(d.Title)}");
        Line($"question: {Quote(d.Question)}");
        Line($"model: {Quote(d.Model)}");
        string data = d.DataPath is { } path ? $"path: {Quote(path)}" : $"split: {d.Split}";
        Line($"data: {{set: {d.Data}, {data}}}");
        Line($"{Set(d.Set, "\n")}");
        Line($"samples: {d.Cells.Max(c => c.Samples)}");
        if (d.Limit is { } limit)
            Line($"limit: {limit}");
        Line($"batch: {d.Batch}");
        Line($"seed: {d.Seed}");
        Line($"answer-tokens: {d.AnswerTokens}");
        Line($"margin: {Normal(d.Margin)}");
        Line($"timing: {d.Timing.ToString().ToLowerInvariant()}");
        if (d.Show.Count > 0)
            Line($"show: [{string.Join(", ", ExhibitBook.Names.Where(d.Show.Contains))}]");
        if (d.Easy is { } easy)
            Line($"hard-subset: {Quote(easy)}");
        if (d.Gallery.Count > 0)
            Line($"gallery: [{string.Join(", ", d.Gallery.Select(Quote))}]");
        Line($"cells:");
        foreach (var cell in d.Cells)
            Line($"  - {{{CellOf(cell)}}}");
        return text.ToString();
    }

    /// <summary>sha256 of <see cref="Write"/>, in lower-case hex.</summary>
    public static string Hash(Definition definition) => Sha256(Write(definition));

    internal static string Sha256(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));

    private static string CellOf(Cell cell)
    {
        var fields = new List<string> { $"method: {cell.Method}", Set(cell.Set, ", ") };
        if (cell.Target is { } target)
            fields.Add($"flops: {Quote($"{target}")}");
        if (cell.Budget is { } budget)
            fields.Add($"budget: {{{budget.Resource}: "
                + $"{budget.Amount}{(budget.Hardware is null ? "" : $", hardware: {budget.Hardware}")}}}");
        if (cell.Target is null && cell.Budget is null && MethodBook.TakesRetention(cell.Method))
            fields.Add($"retention: {cell.Retention}");
        if (!cell.Schedule.IsNone)
            fields.Add($"schedule: {cell.Schedule.ToYaml()}");
        if (cell.Settings.Count > 0)
            fields.Add($"settings: {{{string.Join(", ", cell.Settings.Select(s => $"{s.Name}: {Quote(s.Value)}"))}}}");
        fields.Add(string.Create(CultureInfo.InvariantCulture, $"samples: {cell.Samples}"));
        if (cell.Counting > 0)
            fields.Add(string.Create(CultureInfo.InvariantCulture, $"counting: {cell.Counting}"));
        if (cell.Headline)
            fields.Add("headline: true");
        if (cell.Record != Recordings.None)
            fields.Add($"record: [{cell.Record.ToString().ToLowerInvariant()}]");
        return string.Join(", ", fields);
    }

    private static string Set(TestSetName set, string separator)
    {
        var fields = new List<string> { $"source: {set.Source}" };
        if (set.Style.Length > 0)
            fields.Add($"style: {set.Style}");
        if (!set.IsPicture)
            fields.Add(string.Create(CultureInfo.InvariantCulture, $"frames: {set.Frames}"));
        if (set.Kinds.Length > 0)
            fields.Add($"kinds: [{string.Join(", ", set.KindList)}]");
        return string.Join(separator, fields);
    }

    private static string Quote(string text) =>
        "\"" + text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal)
        .ReplaceLineEndings(" ") + "\"";

    private static decimal Normal(decimal value) => value / 1.0000000000000000000000000000m;
}
