using Aim.Experiments.Exhibits;

namespace Aim.Experiments.Planning;

/// <summary>
/// Reads a definition strictly: every error names the file, the line, the field, what is wrong and what would be right. Grids are
/// written out cell by cell (<see cref="CellReader"/>), and every test set gets its unreduced baseline, asked for or not.
/// </summary>
public static class DefinitionReader
{
    private const string Lab = "lab", File = "file";
    private static readonly string[] _dataSets = [Lab, File];
    private static readonly string[] _splits = ["test", "validation"];

    /// <param name="path">The YAML file.</param>
    /// <param name="overrides"><c>key=value</c> pairs of <c>--set</c>, applied in order before validation.</param>
    /// <param name="limit">When given, no cell takes more samples than this, and the run's verdicts are none.</param>
    /// <exception cref="DefinitionException">The file or an override is wrong.</exception>
    public static Definition Read(string path, IReadOnlyList<string>? overrides = null, int? limit = null)
    {
        string text;
        try
        {
            text = System.IO.File.ReadAllText(path);
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
        if (yaml.Integer(schema, "schema", 0, int.MaxValue) != Definition.Schema)
            throw yaml.Error(schema, "schema", $"version {yaml.Text(schema, "schema")} is not known",
                $"this program reads 'schema: {Definition.Schema}'");
        var name = root.Need("name", "give the definition a short name");
        if (!yaml.Text(name, "name").All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.'))
            throw yaml.Error(
                name, "name", $"'{yaml.Text(name, "name")}' has characters other than letters, digits, '-', '_' and '.'",
                "the name becomes part of directory names");
        int version = yaml.Integer(root.Need("version", "start with 'version: 1'"), "version", 1, 1_000_000);
        string title = root.Read("title", yaml.Text(name, "name"), yaml.Text);
        string question = Paragraph(yaml.Text(
            root.Need("question", "say in a paragraph what is asked, of what, and what would count as an answer"), "question"));
        string model = yaml.Text(root.Need("model", "name a checkpoint directory, for example datasets/lab/models/lab-video"),
            "model");
        int samples = yaml.Integer(root.Need("samples", "for example 'samples: 300'"), "samples", 1, 1_000_000);
        int? most = root.Read<int?>("limit", null, (n, p) => yaml.Integer(n, p, 1, 1_000_000));
        int batch = root.Read("batch", 16, (n, p) => yaml.Integer(n, p, 1, 1024));
        int seed = root.Read("seed", 1, (n, p) => yaml.Integer(n, p, 0, int.MaxValue));
        int answerTokens = root.Read("answer-tokens", 4, (n, p) => yaml.Integer(n, p, 1, 1024));
        decimal margin = yaml.Number(root.Need("margin", "for example 'margin: 2' (points), fixed before the run"), "margin", 0,
            100);
        var timing = root.Read("timing", TimingScope.Headline, (n, p) => yaml.Choice(n, p, _timings));

        var show = root.Read<IReadOnlyList<string>>("show", [], (node, path) =>
            [.. yaml.List(node, path, (n, p) => yaml.OneOf(n, p, ExhibitBook.Names)).Distinct()]);

        var data = yaml.Mapping(
            root.Need("data", "write 'data: {set: lab, split: test}', or 'data: {set: file, path: questions.jsonl}'"), "data");
        string set = yaml.OneOf(data.Need("set", "write 'set: lab', or 'set: file'"), "data.set", _dataSets);
        string split = set == File ? ""
            : yaml.OneOf(data.Need("split", "write 'split: test'"), "data.split", _splits);
        string? dataPath = set == Lab ? null
            : yaml.Text(data.Need("path", "name a file of questions, for example 'path: questions.jsonl'"), "data.path");
        data.Done();

        var cells = new CellReader(yaml, isLab: set == Lab);
        var sets = cells.Sets(root, null);
        var easy = root.Find("hard-subset");
        var gallery = root.Find("gallery");
        var node = root.Need("cells", "list at least '- {method: none}'");
        root.Done();
        var whole = cells.Read(node, sets, samples);
        most = limit is { } given ? Math.Min(given, most ?? given) : most;
        var read = Limited(whole, most);
        string? easyId = easy is null ? null : yaml.Text(easy, "hard-subset");
        if (easyId is not null && !read.Any(c => c.Id == easyId && !c.IsBaseline))
            throw yaml.Error(easy!, "hard-subset", $"'{easyId}' is no cell of this definition",
                $"name the cell whose right answers are the easy samples: "
                    + $"{string.Join(", ", read.Where(c => !c.IsBaseline).Select(c => c.Id).Distinct().Take(5))}");
        IReadOnlyList<string> shown = gallery is null ? [] : yaml.List(gallery, "gallery", (n, p) =>
            yaml.OneOf(n, p, [.. read.Where(c => c.Set == sets[0] && !c.IsBaseline).Select(c => c.Id)],
                "no cell of this definition:"));
        read = [.. read.Select(c => c.Set == sets[0] && shown.Contains(c.Id) ? c with { Record = c.Record | Recordings.Trace }
            : c)];
        return new Definition(yaml.Text(name, "name"), version, title, question, model, set, split, batch, seed, answerTokens,
            margin,
            timing, show, easyId, shown, sets[0], read)
        {
            DataPath = dataPath,
            // A limit that cuts nothing is none; one that was written down stays, since what it cut is gone.
            Limit = root.Find("limit") is null && read.Select(Size).SequenceEqual(whole.Select(Size)) ? null : most,
        };
    }

    private static readonly (string, TimingScope)[] _timings =
        [("headline", TimingScope.Headline), ("all", TimingScope.All), ("none", TimingScope.None)];

    private static (int, int) Size(Cell cell) => (cell.Samples, cell.Counting);

    private static IReadOnlyList<Cell> Limited(IReadOnlyList<Cell> cells, int? limit) =>
        limit is { } most ? [.. cells.Select(c => c with { Samples = Math.Min(c.Samples, most), Counting = 0 })] : cells;

    private static string Paragraph(string text) =>
        string.Join(' ', text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
}
