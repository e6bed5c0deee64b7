using Aim.Datasets;
using Aim.Experiments.Planning;
using Aim.Fusion;
using YamlDotNet.RepresentationModel;

namespace Aim.Experiments.InContext;

/// <summary>Reads definitions of in-context experiments as strictly as all others are read.</summary>
internal static class InContextReader
{
    private static readonly (string, LabTask)[] s_tasks =
    [
        ("object2", LabTask.Object2), ("object4", LabTask.Object4), ("position", LabTask.Position), ("count", LabTask.Count),
        ("pair", LabTask.Pair), ("shift", LabTask.Shift), ("caption", LabTask.Caption),
    ];

    private static readonly (string, Measure)[] s_measures =
    [
        ("answers", Measure.Answers), ("tokens", Measure.Tokens), ("memory", Measure.Memory), ("speed", Measure.Speed),
        ("parameters", Measure.Parameters), ("attention", Measure.Attention), ("perplexity", Measure.Perplexity),
        ("probe", Measure.Probe), ("independence", Measure.Independence),
    ];

    private static readonly (string, Scoring)[] s_scorings = [("accuracy", Scoring.Accuracy), ("own", Scoring.Own)];

    private static readonly (string, Reuse)[] s_reuses = [("bank", Reuse.Bank), ("none", Reuse.None), ("prefix", Reuse.Prefix)];

    private static readonly (string, Form)[] s_forms =
        [("fused", Form.Fused), ("raw", Form.Raw), ("text", Form.Text), ("words", Form.Words)];

    private static readonly (string, Pictures)[] s_pictures =
        [("own", Pictures.Own), ("shuffled", Pictures.Shuffled), ("blank", Pictures.Blank)];

    private static readonly (string, ProjectionUse)[] s_projections =
        [("none", ProjectionUse.None), ("untrained", ProjectionUse.Untrained), ("trained", ProjectionUse.Trained)];

    /// <summary>How measures are written.</summary>
    public static string NameOf(Measure measure) => s_measures.First(m => m.Item2 == measure).Item1;

    /// <summary>How tasks are written.</summary>
    public static string NameOf(LabTask task) => s_tasks.First(t => t.Item2 == task).Item1;

    /// <summary>The task of a name.</summary>
    /// <exception cref="ArgumentException">There is none.</exception>
    public static LabTask TaskOf(string name) => Named(name, "task", s_tasks);

    /// <summary>The form of a name.</summary>
    /// <exception cref="ArgumentException">There is none.</exception>
    public static Form FormOf(string name) => Named(name, "form", s_forms);

    /// <summary>Reads a file.</summary>
    /// <param name="path">The YAML file.</param>
    /// <param name="overrides"><c>key=value</c> pairs of <c>--set</c>.</param>
    /// <param name="limit">When given, no condition is asked more episodes.</param>
    /// <exception cref="DefinitionException">The file or an override is wrong.</exception>
    public static InContextDefinition Read(string path, IReadOnlyList<string>? overrides = null, int? limit = null)
    {
        string text;
        try
        {
            text = File.ReadAllText(path);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new DefinitionException($"{path}: cannot be read ({error.Message.TrimEnd('.')}); name a definition file");
        }

        return Parse(path, text, overrides, limit);
    }

    /// <summary>As <see cref="Read"/>, from text; <paramref name="file"/> is what errors call it.</summary>
    public static InContextDefinition Parse(string file, string text, IReadOnlyList<string>? overrides = null, int? limit = null)
    {
        var yaml = YamlNodes.Parse(file, text);
        foreach (string assignment in overrides ?? [])
            yaml.Set(assignment);
        var root = yaml.Mapping(yaml.Root, "");
        string Need(string name, string right) => Paragraph(yaml.Text(root.Need(name, right), name));
        var schema = root.Need("schema", $"this program reads 'schema: {InContextDefinition.Schema}'");
        if (yaml.Integer(schema, "schema", 0, int.MaxValue) != InContextDefinition.Schema)
            throw yaml.Error(schema, "schema", "the version is not known",
                $"this program reads 'schema: {InContextDefinition.Schema}'");
        var tasks = yaml.List(root.Need("tasks", "for example 'tasks: [object2, pair]'"), "tasks",
            (n, p) => yaml.Choice(n, p, s_tasks));
        var shots = yaml.List(
            root.Need("shots", "for example 'shots: [0, 4, 16]'"), "shots",
                (n, p) => yaml.Integer(n, p, 0, LabEpisodes.MostShots));
        int episodes = yaml.Integer(root.Need("episodes", "for example 'episodes: 200'"), "episodes", 1, 1_000_000);
        var seeds = root.Read("seeds", [1], (n, p) => ReadSeeds(yaml, n, p));
        var measure = root.Read("measure", Measure.Answers, (n, p) => yaml.Choice(n, p, s_measures));
        var scoring = root.Read("score", Scoring.Accuracy, (n, p) => yaml.Choice(n, p, s_scorings));
        if (measure == Measure.Answers && scoring == Scoring.Accuracy && tasks.Contains(LabTask.Caption))
            throw yaml.Error(root.Need("tasks", ""), "tasks", "captions have no options to choose among",
                "write 'score: own', or leave 'caption' out");
        var node = root.Need("conditions", "list at least one '- {name: fused, form: fused, layer: 6, projection: trained}'");
        var conditions = yaml.List(node, "conditions", (n, p) => ReadCondition(yaml, n, p, seeds));
        if (conditions.GroupBy(c => c.Name).FirstOrDefault(g => g.Count() > 1) is { } twice)
            throw yaml.Error(node, "conditions", $"'{twice.Key}' is used twice", "every condition needs a name of its own");
        IReadOnlyList<Expectation> Expected(string name) => root.Read<IReadOnlyList<Expectation>>(
            name, [], (n, p) => yaml.List(n, p, (m, q) => ReadExpectation(yaml, m, q, conditions, shots, tasks)));
        double factor = measure is Measure.Speed or Measure.Perplexity
            ? (double)yaml.Number(root.Need("factor", "the margin, fixed before the run"), "factor", 0, 1000) : 0;
        var definition = new InContextDefinition
        {
            Name = Need("name", "give the definition a short name"),
            Version = yaml.Integer(root.Need("version", "start with 'version: 1'"), "version", 1, 1_000_000),
            Title = Need("title", "what it asks, in a line"),
            Question = Need("question", "say in a paragraph what is asked, of what, and what would count as an answer"),
            Claim = Need("claim", "the claim that it decides, in our words"),
            Source = Need("source", "where the paper makes it"),
            Model = Need("model", "name a checkpoint directory, for example datasets/lab/models/lab-single"),
            Measure = measure,
            Scoring = scoring,
            Factor = factor,
            Tasks = tasks,
            Shots = [.. shots.Distinct().Order()],
            Episodes = limit is { } most ? Math.Min(most, episodes) : episodes,
            Limit = limit < episodes ? limit : null,
            Conditions = conditions,
            Tests = Expected("tests"),
            Controls = Expected("controls"),
        };
        root.Done();
        if (measure is not (Measure.Answers or Measure.Probe) && definition.Tests.Concat(definition.Controls).Any())
            throw yaml.Error(node, "tests", $"'measure: {NameOf(measure)}' has a rule of its own",
                "take 'tests' and 'controls' out");
        if (measure == Measure.Probe && !definition.Shots.SequenceEqual([1]))
            throw yaml.Error(root.Find("shots")!, "shots", "a probe reads one demonstration at a time", "write 'shots: [1]'");
        if (measure == Measure.Probe && tasks.Contains(LabTask.Caption))
            throw yaml.Error(root.Find("tasks")!, "tasks", "captions hold what their pictures show", "leave 'caption' out");
        var forms = measure switch
        {
            Measure.Probe => [Form.Fused, Form.Text],
            Measure.Attention => [Form.Raw],
            Measure.Parameters or Measure.Independence => [Form.Fused],
            Measure.Speed or Measure.Memory => (Form[])[Form.Raw, Form.Fused],
            _ => Enum.GetValues<Form>(),
        };
        if (conditions.FirstOrDefault(c => !forms.Contains(c.Form)) is { } other)
            throw yaml.Error(node, "conditions", $"'{other.Name}' cannot be measured by 'measure: {NameOf(measure)}'",
                "take it out");
        foreach (var test in definition.Tests.Concat(definition.Controls))
        {
            if (test.Tasks.Select(definition.MetricOf).Distinct().Count() > 1)
                throw yaml.Error(node, "tests", $"'{test.Better}' pools tasks with different metrics",
                    "name tasks with one metric, 'tasks: pair'");
        }

        return definition;
    }

    private static Condition ReadCondition(YamlNodes yaml, YamlNode node, string path, IReadOnlyList<int> seeds)
    {
        var fields = yaml.Mapping(node, path);
        string name = yaml.Text(fields.Need("name", "a short name"), fields.PathOf("name"));
        var form = yaml.Choice(fields.Need("form", "fused, raw, text or words"), fields.PathOf("form"), s_forms);
        var condition = new Condition(name, form)
        {
            Model = fields.Read<string?>("model", null, yaml.Text),
            Pictures = fields.Read("pictures", Pictures.Own, (n, p) => yaml.Choice(n, p, s_pictures)),
            Order = fields.Read("order", 0, (n, p) => yaml.Integer(n, p, 0, int.MaxValue)),
            Reuse = fields.Read("reuse", form == Form.Fused ? Reuse.Bank : Reuse.None, (n, p) => yaml.Choice(n, p, s_reuses)),
            Reduction = ReadReduction(yaml, fields),
        };
        if (condition.Reuse == (form == Form.Fused ? Reuse.Prefix : Reuse.Bank)
            || (condition.Reuse == Reuse.Prefix && form != Form.Raw))
            throw yaml.Error(node, fields.PathOf("reuse"), "does not fit the form",
                "fused demonstrations have a bank, raw ones a prefix");
        if (form == Form.Fused)
        {
            int? layer = fields.Read<int?>("layer", null, (n, p) => yaml.Integer(n, p, 0, 1000));
            condition = condition with
            {
                States = new AggregationOptions(
                    layer, fields.Read("norm", layer is null, yaml.Flag),
                    fields.Read("text", TextPositions.All, (n, p) => yaml.Choice(n, p,
                        [("all", TextPositions.All), ("reference", TextPositions.Reference)]))),
                Projection = fields.Read("projection", ProjectionUse.None, (n, p) => yaml.Choice(n, p, s_projections)),
                LayerNorm = fields.Read("layer-norm", false, yaml.Flag),
            };
            if (condition.Projection != ProjectionUse.None)
                condition = condition with { Seeds = fields.Read("seeds", seeds, (n, p) => ReadSeeds(yaml, n, p)) };
        }

        fields.Done();
        return condition;
    }

    private static IReadOnlyList<int> ReadSeeds(YamlNodes yaml, YamlNode node, string path) =>
        yaml.List(node, path, (n, p) => yaml.Integer(n, p, 1, int.MaxValue));

    private static PictureReduction? ReadReduction(YamlNodes yaml, YamlNodes.Fields fields)
    {
        string? merge = fields.Read<string?>("merge", null, yaml.Text), prune = fields.Read<string?>("prune", null, yaml.Text);
        return merge is null && prune is null ? null : new PictureReduction(merge ?? "1", prune ?? "none");
    }

    private static Expectation ReadExpectation(
        YamlNodes yaml, YamlNode node, string path, IReadOnlyList<Condition> conditions, IReadOnlyList<int> shots,
            IReadOnlyList<LabTask> tasks)
    {
        var fields = yaml.Mapping(node, path);
        bool not = fields.Find("not-better") is not null;
        string first = not ? "not-better" : "better";
        var expectation = new Expectation(
            ReadPoint(fields.Need(first, "a condition and its shots, for example 'better: fused 16'"), fields.PathOf(first)),
            ReadPoint(fields.Need("than", "a condition and its shots, for example 'than: text 16'"), fields.PathOf("than")),
            fields.Read("by", 0m, (n, p) => yaml.Number(n, p, -100, 100)),
            fields.Read("tasks", tasks, (n, p) => yaml.List(n, p, (m, q) => yaml.Choice(m, q, s_tasks))), not);
        if (expectation.Tasks.FirstOrDefault(t => !tasks.Contains(t)) is var other && !expectation.Tasks.All(tasks.Contains))
            throw yaml.Error(node, fields.PathOf("tasks"), $"'{NameOf(other)}' is no task of this definition",
                "name one that it has");
        fields.Done();
        return expectation;

        Point ReadPoint(YamlNode at, string where)
        {
            string text = yaml.Text(at, where);
            int space = text.LastIndexOf(' ');
            if (space < 0 || !int.TryParse(text[(space + 1)..], out int n) || !shots.Contains(n)
                || conditions.All(c => c.Name != text[..space]))
            {
                throw yaml.Error(at, where, $"'{text}' is no condition of this definition with one of its shots",
                    $"write for example '{conditions[0].Name} {shots[^1]}'");
            }

            return new Point(text[..space], n);
        }
    }

    private static T Named<T>(string name, string what, (string Name, T Value)[] all) =>
        all.Any(a => a.Name == name) ? all.First(a => a.Name == name).Value
            : throw new ArgumentException(
                $"no {what} '{name}'; there are {string.Join(", ", all.Select(a => a.Name))}", nameof(name));

    private static string Paragraph(string text) =>
        string.Join(' ', text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
}
