using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Aim.Experiments.Planning;

/// <summary>
/// The one way to write a definition down: every field present, in a fixed order, values normalised (1/4 for 0.25). Two files
/// that mean the same have the same form, and its sha256 names the run.
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
        Line($"model: {Quote(d.Model)}");
        Line($"data: {{set: {d.Data}, split: {d.Split}}}");
        Line($"frames: {d.Frames}");
        Line($"samples: {d.Samples}");
        Line($"batch: {d.Batch}");
        Line($"seed: {d.Seed}");
        Line($"answer-tokens: {d.AnswerTokens}");
        Line($"margin: {Normal(d.Margin)}");
        Line($"cells:");
        foreach (var g in d.Groups)
        {
            Line($"  - method: {g.Method}");
            if (g.At is not null)
                Line($"    at: {g.At}");
            if (g.Retentions.Count > 0)
            {
                Line($"    retention: [{string.Join(", ", g.Retentions)}]");
                Line($"    schedule: [{string.Join(", ", g.Schedules.Select(s => s.Name == "layers" ? $"{{l1: {s.First}, l2: {s.Last}}}" : s.Name))}]");
            }
            Line($"    samples: {g.Samples}");
            if (g.Headline)
                Line($"    headline: true");
        }
        return text.ToString();
    }

    /// <summary>sha256 of <see cref="Write"/>, in lower-case hex.</summary>
    public static string Hash(Definition definition) => Sha256(Write(definition));

    internal static string Sha256(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));

    private static string Quote(string text) =>
        "\"" + text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal)
        .ReplaceLineEndings(" ") + "\"";

    private static decimal Normal(decimal value) => value / 1.0000000000000000000000000000m;
}
