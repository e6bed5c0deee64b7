using System.Globalization;
using Aim.Experiments;
using Aim.Experiments.Planning;
using Aim.Experiments.Running;
using Aim.Reduction;
using YamlDotNet.RepresentationModel;
using static Aim.Kernel.Notebook;

namespace Aim.Notebook;

/// <summary>
/// An experiment's definition, changed as a notebook likes and run: <c>Study.Load("table4").Limit(100).Run()</c>. Every change
/// gives another study; the one it was made of stays as it is.
/// </summary>
public sealed class Study
{
    private const string Untimed = "timing=none";

    private readonly string _file, _text;
    private readonly IReadOnlyList<string> _changes;
    private readonly int? _limit;
    private readonly Func<Cell, bool> _keeps;

    private Study(string file, string text, IReadOnlyList<string> changes, int? limit, Func<Cell, bool> keeps) =>
        (_file, _text, _changes, _limit, _keeps) = (file, text, changes, limit, keeps);

    /// <summary>
    /// The directory in which runs and their answers are kept, shared by all studies: what was answered once is not computed
    /// again. At first <c>reports/runs</c> of the repository, where <c>aim run</c> keeps its own.
    /// </summary>
    public static string Output { get; set; } = Path.Combine(Places.Root(), Places.DefaultOutput);

    /// <summary>The names of the definitions that come with the program.</summary>
    public static IReadOnlyList<string> Names => [.. Places.Shipped().Select(p => Path.GetFileNameWithoutExtension(p)!)];

    /// <summary>A definition by its name (<see cref="Names"/>) or its file.</summary>
    /// <exception cref="DefinitionException">
    /// There is no such definition, or it is wrong; the message says where and how.
    /// </exception>
    public static Study Load(string definition)
    {
        string file = Places.Definition(definition);
        return Checked(new Study(file, File.ReadAllText(file), [Untimed], null, _ => true));
    }

    /// <summary>A definition written in a cell, as a definition's file has it.</summary>
    /// <param name="yaml">See <c>experiments/definitions/README.md</c>.</param>
    /// <exception cref="DefinitionException">It is wrong; the message says where and how.</exception>
    public static Study Of(string yaml) => Checked(new Study("cell.yaml", yaml, [Untimed], null, _ => true));

    /// <summary>
    /// A question of one's own to the lab's model about the lab's clips: 32 frames, the test split, 300 samples unless
    /// <see cref="Limit"/> says fewer.
    /// </summary>
    /// <param name="name">A short name.</param>
    /// <param name="question">What is asked.</param>
    /// <param name="cells">What is compared, a line for each grid: <c>"method: aim, retention: [1/2, 1/4]"</c>.</param>
    /// <exception cref="DefinitionException">Something of it is wrong; the message says what and how.</exception>
    public static Study New(string name, string question, params string[] cells) => Of($"""
        schema: 2
        name: {name}
        version: 1
        question: {Quoted(question)}
        model: {Places.LabModel}
        data: {Braced("set: lab, split: test")}
        frames: 32
        samples: 300
        margin: 2
        cells: [{string.Join(", ", cells.Select(Braced))}]
        """);

    /// <summary>The definition with all changes.</summary>
    /// <exception cref="DefinitionException">A change does not fit it.</exception>
    public Definition Definition
    {
        get
        {
            var read = DefinitionReader.Parse(_file, _text, _changes, _limit);
            return Kept(read);
        }
    }

    /// <summary>Sets any field of the definition, as <c>aim run --set</c> does.</summary>
    /// <param name="field">As <c>frames</c>, <c>data.split</c> or <c>cells[1].retention</c>.</param>
    /// <param name="value">A number, a text, or a list of them; a text is read as YAML.</param>
    /// <exception cref="DefinitionException">There is no such field, or the value is wrong.</exception>
    public Study With(string field, object value) => Changed($"{field}={Yaml(value)}");

    /// <summary>No cell takes more samples than this: a trial, whose answers a larger run uses again.</summary>
    public Study Limit(int samples) => Checked(new Study(_file, _text, _changes, samples, _keeps));

    /// <summary>Frames taken from each clip; several are swept.</summary>
    public Study Frames(params int[] frames) => With("frames", frames);

    /// <summary>The kinds of question that are asked.</summary>
    public Study Kinds(params string[] kinds) => With("kinds", kinds);

    /// <summary>The checkpoint directory that answers.</summary>
    public Study Model(string directory) => With("model", directory);

    /// <summary>Other cells in the place of the definition's.</summary>
    /// <param name="cells">A line for each grid: <c>"method: [aim, random], retention: 1/4, schedule: default"</c>.</param>
    public Study Cells(params string[] cells) => Changed($"cells=[{string.Join(", ", cells.Select(Braced))}]");

    /// <summary>Further cells behind the definition's.</summary>
    /// <inheritdoc cref="Cells" path="/param"/>
    public Study Add(params string[] cells)
    {
        var grids = (YamlSequenceNode)Tree().Root["cells"];
        return Changed($"cells=[{string.Join(", ", grids.Children.Select(Flow).Concat(cells.Select(Braced)))}]");
    }

    /// <summary>
    /// Other retentions in every grid of cells that names some, and in those whose cost is matched to such cells.
    /// </summary>
    /// <param name="shares">As <c>1/4</c>, <c>0.25</c> or <c>25%</c>.</param>
    public Study Retentions(params string[] shares)
    {
        string[] normal = [.. shares.Select(s => $"{Retention.Parse(s)}")];
        var changes = new List<string>();
        var grids = (YamlSequenceNode)Tree().Root["cells"];
        foreach (var (i, grid) in grids.Children.OfType<YamlMappingNode>().Index())
        {
            string Field(string name) => string.Create(CultureInfo.InvariantCulture, $"cells[{i}].{name}=");
            if (grid.Children.ContainsKey("retention"))
                changes.Add(Field("retention") + Yaml(normal));
            if (!grid.Children.TryGetValue("flops", out var flops))
                continue;
            var targets = flops is YamlSequenceNode list ? list.Children : [flops];
            changes.Add(Field("flops") + Yaml(targets.SelectMany(t => Matched($"{t}", normal)).Distinct()));
        }

        return Changed([.. changes]);
    }

    /// <summary>Only the cells of some methods, the unreduced model, and cells whose cost a kept one is matched to.</summary>
    public Study Only(params string[] methods) => Where(cell => methods.Contains(cell.Method));

    /// <summary>Only some cells, the unreduced model, and cells whose cost a kept one is matched to.</summary>
    public Study Where(Func<Cell, bool> keeps) =>
        Checked(new Study(_file, _text, _changes, _limit, cell => _keeps(cell) && keeps(cell)));

    /// <summary>What would run, cell by cell, and what it costs; nothing is run.</summary>
    /// <exception cref="DefinitionException">The model or the data are not there, or do not fit the definition.</exception>
    public IReadOnlyList<PlannedResult> Plan()
    {
        var plan = Experiments.Planning.Plan.Make(Definition, _file);
        return [.. plan.Cells.Select(c => PlannedResult.Of(plan, c))];
    }

    /// <summary>
    /// Runs what is not known yet, showing how far it is, and gives the results. A study that ran before is read back at once. An
    /// interrupt ends it; what was answered by then is kept.
    /// </summary>
    /// <param name="timed">Whether prefills are timed too, as the definition says; it takes longer.</param>
    /// <param name="fresh">Whether everything is computed anew, whatever is known.</param>
    /// <exception cref="DefinitionException">The definition, its model or the output directory cannot be used.</exception>
    /// <exception cref="OperationCanceledException">The cell was interrupted.</exception>
    public StudyRun Run(bool timed = false, bool fresh = false)
    {
        var study = timed ? new Study(_file, _text, [.. _changes.Where(c => c != Untimed)], _limit, _keeps) : this;
        var plan = Experiments.Planning.Plan.Make(study.Definition, _file);
        if (!fresh && Finished(plan) is { } known)
            return known;
        using var progress = new StudyProgress(plan.Definition.Name);
        int threads = torch.get_num_threads();
        try
        {
            var experiment = new Experiment(progress, terminal: true, Environment.ProcessorCount);
            return new StudyRun(experiment.Run(plan, Output, fresh, Interrupted), plan);
        }
        finally
        {
            torch.set_num_threads(threads);
        }
    }

    // A definition names a registered method and not its text: the record says which text it was.
    private static StudyRun? Finished(Plan plan)
    {
        if (RunDirectory.Finished(Output, plan.Definition, Experiment.Keys(plan)) is not { } directory)
            return null;
        var run = new StudyRun(directory, plan);
        return plan.Registered.All(m => run.Record.Code.Assemblies.Any(
            a => a.Name == Experiments.Scoring.Aggregation.MethodOf(m.Name) && a.Sha256 == m.Sha256)) ? run : null;
    }

    private static Study Checked(Study study)
    {
        _ = study.Definition;
        return study;
    }

    private static string Braced(string cell) => cell.TrimStart().StartsWith('{') ? cell : $"{{{cell}}}";

    private Study Changed(params string[] changes) => Checked(new Study(_file, _text, [.. _changes, .. changes], _limit, _keeps));

    private Definition Kept(Definition read)
    {
        bool Stays(Cell cell) => cell.IsBaseline || cell.Id == read.Easy || read.Gallery.Contains(cell.Id) || _keeps(cell);
        var own = read.Cells.Where(Stays).ToList();
        var kept = read.Cells.Where(c =>
            own.Contains(c) || own.Any(o => o.Set == c.Set && o.Target?.Cell == c.Id && c.Target is null)).ToList();
        return kept.Count == read.Cells.Count ? read : read with
        {
            // Whole sets of questions may be gone, and with them what is asked of the unreduced model.
            Cells = [.. kept.Where(c => !c.IsBaseline || c.Set == read.Set || kept.Any(k => k.Set == c.Set && !k.IsBaseline))],
        };
    }

    private YamlNodes Tree()
    {
        var tree = YamlNodes.Parse(_file, _text);
        foreach (string change in _changes)
            tree.Set(change);
        return tree;
    }

    // 'aim 1/4 default' becomes 'aim 1/3 default'; a share, or the name of a cell that has no retention, stays.
    private static IEnumerable<string> Matched(string target, string[] shares)
    {
        string[] parts = target.Split(' ', 3);
        if (parts.Length < 2 || !parts[1].Contains('/'))
            return [target];
        return shares.Select(s => string.Join(' ', [parts[0], s, .. parts[2..]]));
    }

    private static string Flow(YamlNode node) => node switch
    {
        YamlMappingNode map => $"{{{string.Join(", ", map.Children.Select(c => $"{Flow(c.Key)}: {Flow(c.Value)}"))}}}",
        YamlSequenceNode list => $"[{string.Join(", ", list.Children.Select(Flow))}]",
        YamlScalarNode { Style: YamlDotNet.Core.ScalarStyle.Plain } plain => plain.Value ?? "",
        YamlScalarNode scalar => Quoted(scalar.Value!),
        _ => node.ToString(),
    };

    private static string Quoted(string text) => "\"" + text.Replace("\\", "\\\\", StringComparison.Ordinal)
        .Replace("\"", "\\\"", StringComparison.Ordinal).ReplaceLineEndings(" ") + "\"";

    private static string Yaml(object value) => value switch
    {
        string text => text,
        System.Collections.IEnumerable items => $"[{string.Join(", ", items.Cast<object>().Select(Yaml))}]",
        bool truth => truth ? "true" : "false",
        IFormattable number => number.ToString(null, CultureInfo.InvariantCulture),
        _ => value.ToString() ?? "",
    };
}
