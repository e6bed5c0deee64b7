using Aim.Datasets;
using Aim.Reduction;
using YamlDotNet.RepresentationModel;

namespace Aim.Experiments.Planning;

/// <summary>
/// Reads a definition strictly: every error names the file, the line, the field, what is wrong and what would be right.
/// </summary>
public static class DefinitionReader
{
    private static readonly string[] _dataSets = ["lab"];
    private static readonly string[] _splits = ["test", "validation"];
    private static readonly string[] _schedules = ["none", "default", "searched"];

    /// <param name="path">The YAML file.</param>
    /// <param name="overrides"><c>key=value</c> pairs of <c>--set</c>, applied in order before validation.</param>
    /// <param name="limit">When given, no cell takes more samples than this.</param>
    /// <exception cref="DefinitionException">The file or an override is wrong.</exception>
    public static Definition Read(string path, IReadOnlyList<string>? overrides = null, int? limit = null)
    {
        string text;
        try
        {
            text = File.ReadAllText(path);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new DefinitionException(
                $"{path}: cannot be read ({error.Message.TrimEnd('.')}); name a definition file, or one that 'aim list' shows");
        }
        return Parse(path, text, overrides, limit);
    }

    /// <summary>As <see cref="Read"/>, from text; <paramref name="file"/> is what errors call it.</summary>
    public static Definition Parse(string file, string text, IReadOnlyList<string>? overrides = null, int? limit = null)
    {
        var yaml = YamlNodes.Parse(file, text);
        foreach (string assignment in overrides ?? [])
            yaml.Set(assignment);

        var root = yaml.Mapping(yaml.Root, "");
        var schema = root.Need("schema", $"this program reads 'schema: {Definition.Schema}'");
        if (yaml.Text(schema, "schema") != Definition.Schema.ToString(System.Globalization.CultureInfo.InvariantCulture))
            throw yaml.Error(schema, "schema", $"version {yaml.Text(schema, "schema")} is not known",
                $"this program reads 'schema: {Definition.Schema}'");
        var name = root.Need("name", "give the definition a short name");
        if (!yaml.Text(name, "name").All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.'))
            throw yaml.Error(
                name, "name", $"'{yaml.Text(name, "name")}' has characters other than letters, digits, '-', '_' and '.'",
                "the name becomes part of directory names");
        int version = yaml.Integer(root.Need("version", "start with 'version: 1'"), "version", 1, 1_000_000);
        string title = root.Read("title", yaml.Text(name, "name"), yaml.Text);
        string model = yaml.Text(root.Need("model", "name a checkpoint directory, for example datasets/lab/models/lab-video"),
            "model");
        int frames = yaml.Integer(root.Need("frames", "for example 'frames: 32'"), "frames", LabData.MinFrames,
            LabWorld.ClipFrames);
        int samples = yaml.Integer(root.Need("samples", "for example 'samples: 300'"), "samples", 1, 1_000_000);
        int batch = root.Read("batch", 16, (n, p) => yaml.Integer(n, p, 1, 1024));
        int seed = root.Read("seed", 1, (n, p) => yaml.Integer(n, p, 0, int.MaxValue));
        int answerTokens = root.Read("answer-tokens", 4, (n, p) => yaml.Integer(n, p, 1, 1024));
        decimal margin = yaml.Number(root.Need("margin", "for example 'margin: 2' (points), fixed before the run"), "margin", 0,
            100);

        var data = yaml.Mapping(root.Need("data", "write 'data: {set: lab, split: test}'"), "data");
        string set = OneOf(yaml, data.Need("set", "write 'set: lab'"), "data.set", _dataSets);
        string split = OneOf(yaml, data.Need("split", "write 'split: test'"), "data.split", _splits);
        data.Done();

        var cells = root.Need("cells", "list at least '- {method: none}'");
        if (cells is not YamlSequenceNode { Children.Count: > 0 } list)
            throw yaml.Error(cells, "cells", "no cells", "list at least '- {method: none}'");
        root.Done();
        var groups = list.Children.Select((node, i) =>
            ReadGroup(yaml, yaml.Mapping(node, $"cells[{i}]"), Math.Min(samples, limit ?? int.MaxValue), limit)).ToList();
        if (!groups.Any(g => g.Method == Cell.Unreduced))
            throw yaml.Error(cells, "cells", "no cell of method 'none'",
                "every difference is taken to the unreduced model: add '- {method: none}'");
        foreach (var group in groups.Where(g => g.Method != Cell.Unreduced))
            if (group.Samples > groups.Where(g => g.Method == Cell.Unreduced).Max(g => g.Samples))
                throw yaml.Error(
                    cells, "cells", $"a cell of method '{group.Method}' has {group.Samples} samples and 'none' fewer",
                    "give 'none' at least as many samples as any other cell");

        return new Definition(yaml.Text(name, "name"), version, title, model, set, split, frames,
            Math.Min(samples, limit ?? int.MaxValue), batch, seed, answerTokens, margin, groups);
    }

    private static CellGroup ReadGroup(YamlNodes yaml, YamlNodes.Fields fields, int samples, int? limit)
    {
        var methodNode = fields.Need("method", $"one of {string.Join(", ", Cell.Methods)}");
        string method = OneOf(yaml, methodNode, fields.PathOf("method"), Cell.Methods, "unknown method");
        bool headline = fields.Read("headline", false, yaml.Flag);
        int count = Math.Min(limit ?? int.MaxValue, fields.Read("samples", samples, (n, p) => yaml.Integer(n, p, 1, 1_000_000)));
        if (method == Cell.Unreduced)
        {
            fields.Done();
            return new CellGroup(method, null, [], [], count, headline);
        }

        var retentions = new List<Retention>();
        var retentionNode = fields.Need("retention", "for example 'retention: [1/2, 1/4]'");
        foreach (var item in YamlNodes.Items(retentionNode))
            retentions.Add(ReadRetention(yaml, item, fields.PathOf("retention")));
        var schedules = new List<ScheduleName>();
        if (fields.Find("schedule") is { } scheduleNode)
            schedules.AddRange(YamlNodes.Items(scheduleNode).Select(item => ReadSchedule(yaml, item, fields.PathOf("schedule"))));
        else
            schedules.Add(ScheduleName.None);
        string? at = null;
        if (method == "downsample")
            at = OneOf(yaml, fields.Need("at", "name the method whose executed FLOPs are the target: 'at: aim'"),
                fields.PathOf("at"), ["aim"]);
        fields.Done();

        if (retentions.Count == 0 || schedules.Count == 0)
            throw yaml.Error(fields.Node, fields.PathOf("retention"), "an empty list",
                "give at least one retention and one schedule");
        if (method != "downsample" && retentions.Contains(Retention.All) && schedules.Contains(ScheduleName.None))
            throw yaml.Error(retentionNode, fields.PathOf("retention"), "retention 1 with schedule 'none' reduces nothing",
                "it is the cell of method 'none': leave it out here");
        return new CellGroup(method, at, retentions, schedules, count, headline);
    }

    private static Retention ReadRetention(YamlNodes yaml, YamlNode node, string path)
    {
        string text = yaml.Text(node, path);
        try
        {
            return Retention.Parse(text);
        }
        catch (ArgumentException)
        {
            throw yaml.Error(node, path, $"'{text}' is not in (0, 1]",
                "write a fraction, number or percentage such as 1/4, 0.25 or 25%");
        }
    }

    private static ScheduleName ReadSchedule(YamlNodes yaml, YamlNode node, string path)
    {
        if (node is not YamlMappingNode)
        {
            string name = yaml.Text(node, path);
            return _schedules.Contains(name)
                ? new ScheduleName(name)
                : throw yaml.Error(node, path, $"unknown schedule '{name}'",
                    $"known: {string.Join(", ", _schedules)}, or layers as {{l1: 6, l2: 9}}");
        }
        var layers = yaml.Mapping(node, path);
        int first = yaml.Integer(layers.Need("l1", "the first pruning layer"), layers.PathOf("l1"), 0, 1000);
        int last = yaml.Integer(layers.Need("l2", "the layer from which no visual token is left"), layers.PathOf("l2"), 0, 1001);
        layers.Done();
        return first < last
            ? new ScheduleName("layers", first, last)
            : throw yaml.Error(node, path, $"l1 = {first} is not below l2 = {last}",
                $"pruning runs from l1 down to l2, for example l1: {first}, l2: {first + 1}");
    }

    private static string OneOf(
        YamlNodes yaml, YamlNode node, string path, IReadOnlyList<string> known, string wrong = "unknown value")
    {
        string text = yaml.Text(node, path);
        return known.Contains(text)
            ? text : throw yaml.Error(node, path, $"{wrong} '{text}'", $"known: {string.Join(", ", known)}");
    }
}
