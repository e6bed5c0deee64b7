using System.Globalization;
using Aim.Datasets;
using Aim.Reduction;
using YamlDotNet.RepresentationModel;

namespace Aim.Experiments.Planning;

/// <summary>
/// Reads the list of grids: each names a method or several, and what they are run at; every field that may be a list is swept,
/// and the product of all lists is written out as cells.
/// </summary>
internal sealed class CellReader
{
    private static readonly (string, Recordings)[] _recordings =
        [("attention", Recordings.Attention), ("kept", Recordings.Kept), ("merges", Recordings.Merges),
            ("trace", Recordings.Trace)];

    // As many as a video may be asked for.
    private static readonly int _mostFrames = VideoLimits.Default.Frames;

    private readonly YamlNodes _yaml;
    private readonly bool _isLab;

    /// <param name="yaml">The definition.</param>
    /// <param name="isLab">Whether the lab is asked from, whose styles, frames and kinds are known; else a file.</param>
    public CellReader(YamlNodes yaml, bool isLab) => (_yaml, _isLab) = (yaml, isLab);

    /// <summary>The test sets that a mapping's fields name: frames, style, source and kinds, each of them swept.</summary>
    /// <param name="fields">The definition, or one grid of it.</param>
    /// <param name="usual">What is not said; null for the definition, which must say its frames.</param>
    public IReadOnlyList<TestSetName> Sets(YamlNodes.Fields fields, IReadOnlyList<TestSetName>? usual)
    {
        IReadOnlyList<T> Swept<T>(string name, IReadOnlyList<T> absent, Func<YamlNode, string, T> read) =>
            fields.Find(name) is { } node ? _yaml.List(node, fields.PathOf(name), read) : absent;
        IReadOnlyList<T> Usual<T>(Func<TestSetName, T> of, T absent) =>
            usual is null ? [absent] : [.. usual.Select(of).Distinct()];

        var sources = Swept("source", Usual(s => s.Source, TestSetName.Video),
            (n, p) => _yaml.OneOf(n, p, [TestSetName.Video, TestSetName.Picture]));
        var styles = Swept("style", Usual(s => s.Style, _isLab ? TestSetName.Noto : ""), (n, p) => _isLab
            ? _yaml.OneOf(n, p, [TestSetName.Noto, TestSetName.Twemoji])
            : throw _yaml.Error(n, p, "a file's pictures come in no other style", "leave the field out"));
        var frames = Swept("frames", Usual(s => s.Frames, 0), (n, p) => _isLab
            ? _yaml.Integer(n, p, LabData.MinFrames, LabWorld.ClipFrames) : _yaml.Integer(n, p, 1, _mostFrames));
        string kinds = usual?[0].Kinds ?? "";
        if (fields.Find("kinds") is { } kindsNode)
            kinds = string.Join('+', _yaml.List(kindsNode, fields.PathOf("kinds"), (n, p) => Kind(n, p, sources)));
        if (sources.Contains(TestSetName.Video) && frames.Contains(0))
            throw _yaml.Error(fields.Node, fields.PathOf("frames"), "missing", "for example 'frames: 32'");
        return
        [
            .. (from source in sources
                from style in styles
                from count in frames
                select new TestSetName(source, style, source == TestSetName.Picture ? 1 : count, kinds)).Distinct(),
        ];
    }

    /// <summary>
    /// Every cell, those that two grids name once, and the baseline of every test set before the set's first cell.
    /// </summary>
    public IReadOnlyList<Cell> Read(YamlNode node, IReadOnlyList<TestSetName> sets, int samples)
    {
        if (node is not YamlSequenceNode { Children.Count: > 0 } list)
            throw _yaml.Error(node, "cells", "no cells", "list at least '- {method: none}'");
        var read = new List<(Cell Cell, YamlNode Node, string Path)>();
        for (int i = 0; i < list.Children.Count; i++)
        {
            string path = string.Create(CultureInfo.InvariantCulture, $"cells[{i}]");
            read.AddRange(Grid(_yaml.Mapping(list.Children[i], path), sets, samples).Select(c => (c, list.Children[i], path)));
        }
        foreach (var (cell, at, path) in read)
            if (cell.Target?.Cell is { } id && !read.Any(r => r.Cell.Set == cell.Set && r.Cell.Id == id && r.Cell.Target is null))
                throw _yaml.Error(at, $"{path}.flops", $"'{id}' is no cell of this definition whose settings are given",
                    $"name one such as "
                        + (read.FirstOrDefault(r => r.Cell.Target is null && !r.Cell.IsBaseline).Cell?.Id
                            ?? "'aim 1/4 default', and list it"));
        var cells = Cell.Unite(read.Select(r => r.Cell));
        var complete = new List<Cell>();
        foreach (var cell in cells)
        {
            if (!complete.Any(c => c.Set == cell.Set))
                complete.Add(Baseline(cells, cell.Set));
            if (!cell.IsBaseline)
                complete.Add(cell);
        }
        return complete;
    }

    private static Cell Baseline(IReadOnlyList<Cell> cells, TestSetName set)
    {
        var all = cells.Where(c => c.Set == set).ToList();
        return new Cell(Cell.Unreduced, set, all.Max(c => c.Samples), all.Any(c => c.Headline))
        {
            Counting = all.Max(c => c.Counting),
            Record = all.Where(c => c.IsBaseline).Aggregate(Recordings.None, (r, c) => r | c.Record),
        };
    }

    private IEnumerable<Cell> Grid(YamlNodes.Fields fields, IReadOnlyList<TestSetName> usual, int usualSamples)
    {
        var methods = _yaml.List(fields.Need("method", $"one of {string.Join(", ", MethodBook.Names)}"), fields.PathOf("method"),
            (n, p) => _yaml.OneOf(n, p, MethodBook.Names, "unknown method"));
        var sets = Sets(fields, usual);
        bool headline = fields.Read("headline", false, _yaml.Flag);
        int samples = fields.Read("samples", usualSamples, (n, p) => _yaml.Integer(n, p, 1, 1_000_000));
        int counting = fields.Read("counting", 0, (n, p) => _yaml.Integer(n, p, 1, 1_000_000));
        var record = fields.Read("record", Recordings.None, (node, path) =>
            _yaml.List(node, path, (n, p) => _yaml.Choice(n, p, _recordings)).Aggregate(Recordings.None, (a, b) => a | b));
        var retentions = fields.Find("retention") is { } r ? _yaml.List(r, fields.PathOf("retention"), ReadRetention) : null;
        var schedules = fields.Find("schedule") is { } s
            ? [.. _yaml.List(s, fields.PathOf("schedule"), ReadSchedules).SelectMany(x => x)]
                : (IReadOnlyList<ScheduleName>?)null;
        var targets = fields.Find("flops") is { } t ? _yaml.List(t, fields.PathOf("flops"), ReadTarget) : null;
        var budgets = fields.Find("budget") is { } b ? _yaml.List(b, fields.PathOf("budget"), ReadBudget) : null;
        var settings = fields.Find("settings") is { } own ? ReadSettings(own, fields.PathOf("settings"), methods) : [[]];
        fields.Done();
        if (record.HasFlag(Recordings.Merges) && methods.Any(m => m != "aim"))
            throw _yaml.Error(fields.Find("record")!, fields.PathOf("record"), "merges are recorded of method 'aim' alone",
                "leave 'merges' out");
        foreach (string method in methods)
            Check(fields, method, retentions, schedules, targets, budgets, settings[0].Count > 0);
        return
            from set in sets
            from method in methods
            from target in Or(targets)
            from budget in Or(budgets)
            from retention in retentions ?? [Retention.All]
            from schedule in schedules ?? [ScheduleName.None]
            from knobs in settings
            select new Cell(method, set, samples, headline)
            {
                Retention = retention,
                Schedule = schedule,
                Settings = knobs,
                Target = target,
                Budget = budget,
                Counting = counting,
                Record = record,
            };
    }

    private static IEnumerable<T?> Or<T>(IReadOnlyList<T>? list) where T : class => list ?? Enumerable.Repeat<T?>(null, 1);

    private void Check(YamlNodes.Fields fields, string method, IReadOnlyList<Retention>? retentions,
        IReadOnlyList<ScheduleName>? schedules, IReadOnlyList<FlopsTarget>? targets, IReadOnlyList<BudgetName>? budgets, bool set)
    {
        DefinitionException Error(string field, string wrong, string right) =>
            _yaml.Error(fields.Find(field) ?? fields.Node, fields.PathOf(field), wrong, right);
        if (method == Cell.Unreduced && (retentions ?? []).Any(x => !x.IsAll))
            throw Error("retention", "method 'none' merges nothing", "leave the field out");
        if (method == Cell.Unreduced && (targets is not null || budgets is not null))
            throw Error(targets is null ? "budget" : "flops", "method 'none' has no knob to turn", "leave the field out");
        if (budgets is not null
            && (method != "aim" || retentions is not null || schedules is not null || targets is not null || set))
            throw Error("budget", "a budget chooses retention and schedule of method 'aim' from those measured",
                "leave method: aim and the budget alone");
        if (targets is not null && (retentions is not null || (schedules is not null && !MethodBook.TakesSchedule(method))))
            throw Error(retentions is null ? "schedule" : "retention", "beside 'flops', which the method's knob is solved for",
                "leave one of them out");
        if (retentions is not null && !MethodBook.TakesRetention(method) && method != Cell.Unreduced)
            throw Error("retention", $"method '{method}' has no retention", $"it is set by {MethodBook.Describe(method)}");
        if (schedules is not null && !MethodBook.TakesSchedule(method) && method != Cell.Unreduced)
            throw Error("schedule", $"method '{method}' has no schedule", $"it is set by {MethodBook.Describe(method)}");
        bool given = targets is not null || budgets is not null || set || !MethodBook.TakesRetention(method);
        if (!given && retentions is null && schedules is null)
            throw Error("retention", "missing", "for example 'retention: [1/2, 1/4]'");
        if (!given
            && (retentions ?? [Retention.All]).Any(x => x.IsAll) && (schedules ?? [ScheduleName.None]).Any(x => x.IsNone))
            throw Error("retention", "retention 1 with schedule 'none' reduces nothing",
                "it is the baseline, which is always there");
    }

    private Retention ReadRetention(YamlNode node, string path)
    {
        string text = _yaml.Text(node, path);
        try
        {
            return Retention.Parse(text);
        }
        catch (ArgumentException)
        {
            throw _yaml.Error(node, path, $"'{text}' is not in (0, 1]",
                "write a fraction, number or percentage such as 1/4, 0.25 or 25%");
        }
    }

    private IReadOnlyList<ScheduleName> ReadSchedules(YamlNode node, string path)
    {
        if (node is not YamlMappingNode)
        {
            string name = _yaml.Text(node, path);
            return name is "none" or "default" or "searched"
                ? [new ScheduleName(name)]
                : throw _yaml.Error(node, path, $"unknown schedule '{name}'",
                    "known: none, default, searched, {l1: 6, l2: 9}, {l1: 14, l2: 22, of: 28} or {cut: 6}");
        }
        var layers = _yaml.Mapping(node, path);
        IReadOnlyList<int> Layers(string name, string right) => _yaml.List(layers.Need(name, right), layers.PathOf(name),
            (n, p) => _yaml.Integer(n, p, 0, 1001));
        if (layers.Find("cut") is not null)
        {
            var cuts = Layers("cut", "");
            layers.Done();
            return cuts.Contains(0)
                ? throw _yaml.Error(node, path, "a cut before layer 0 leaves no vision at all", "cut at 1 or later")
                : [.. cuts.Select(l => new ScheduleName("cut", l))];
        }
        var first = Layers("l1", "the first pruning layer");
        var last = Layers("l2", "the layer from which no visual token is left");
        int of = layers.Read("of", 0, (n, p) => _yaml.Integer(n, p, 1, 1000));
        layers.Done();
        ScheduleName[] all = [.. from l1 in first from l2 in last where l1 < l2 select new ScheduleName(of > 0 ? "scaled"
            : "layers", l1, l2, of)];
        return all.Length > 0
            ? all
            : throw _yaml.Error(node, path, $"l1 = {first[0]} is not below l2 = {last[0]}",
                $"pruning runs from l1 down to l2, for example l1: {first[0]}, l2: {first[0] + 1}");
    }

    private FlopsTarget ReadTarget(YamlNode node, string path)
    {
        string text = _yaml.Text(node, path);
        if (!text.EndsWith('%'))
            return new FlopsTarget(text, null);
        return decimal.TryParse(text[..^1], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out decimal percent)
            && percent is > 0 and <= 100
            ? new FlopsTarget(null, percent)
            : throw _yaml.Error(node, path, $"'{text}' is no share",
                "write a percentage of the unreduced model's FLOPs such as 15%, or a cell's name");
    }

    private BudgetName ReadBudget(YamlNode node, string path)
    {
        var fields = _yaml.Mapping(node, path);
        foreach (string resource in Budget.Resources)
            if (fields.Find(resource) is { } amount)
            {
                string text = _yaml.Text(amount, fields.PathOf(resource));
                string? hardware = fields.Read<string?>("hardware", null, _yaml.Text);
                fields.Done();
                try
                {
                    return new BudgetName(resource, Budget.Parse(resource, text).Amount, hardware);
                }
                catch (ArgumentException fault)
                {
                    string[] parts = fault.Message.Split("; ", 2);
                    throw _yaml.Error(amount, fields.PathOf(resource), parts[0], parts[^1]);
                }
            }
        throw _yaml.Error(node, path, "names no resource",
            $"one of {string.Join(", ", Budget.Resources)}, for example {{flops: 15%}}");
    }

    private IReadOnlyList<IReadOnlyList<Setting>> ReadSettings(YamlNode node, string path, IReadOnlyList<string> methods)
    {
        var fields = _yaml.Mapping(node, path);
        IEnumerable<IReadOnlyList<Setting>> grids = [[]];
        foreach (string name in fields.Names)
        {
            var value = fields.Find(name)!;
            foreach (string method in methods)
                if (!MethodBook.SettingNames(method).Contains(name))
                    throw _yaml.Error(value, fields.PathOf(name), $"method '{method}' has no such setting",
                        $"it is set by {MethodBook.Describe(method)}");
            var values = _yaml.List(value, fields.PathOf(name), (n, p) =>
            {
                string text = _yaml.Text(n, p);
                foreach (string method in methods)
                    if (MethodBook.Fault(method, name, text) is { } fault)
                        throw _yaml.Error(n, p, fault, $"it is set by {MethodBook.Describe(method)}");
                return text;
            });
            grids = [.. from grid in grids from v in values select (IReadOnlyList<Setting>)[.. grid, new Setting(name, v)]];
        }
        return [.. grids.Select(g => (IReadOnlyList<Setting>)[.. g.OrderBy(s => s.Name, StringComparer.Ordinal)])];
    }

    // A file's kinds are known once it is read.
    private string Kind(YamlNode node, string path, IReadOnlyList<string> sources)
    {
        if (_isLab)
            return _yaml.OneOf(node, path, [.. sources.SelectMany(LabSets.Kinds).Distinct()], "unknown kind");
        string kind = _yaml.Text(node, path);
        return kind.Contains('+', StringComparison.Ordinal)
            ? throw _yaml.Error(node, path, $"'{kind}' has a '+', which joins kinds", "give the kind another name in the file")
            : kind;
    }
}
