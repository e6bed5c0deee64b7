using Aim.Experiments.Planning;
using YamlDotNet.RepresentationModel;

namespace Aim.Experiments.Claims;

/// <summary>Reads a file of claims as strictly as definitions are read.</summary>
internal static class ClaimsReader
{
    // The field that names the cell, the field that names the other, the unit of the number and whether it must be given.
    private static readonly (string Field, TestKind Kind, string? Other, string? Number)[] _forms =
    [
        ("not-worse", TestKind.NotWorse, "than", "margin"),
        ("better", TestKind.Better, "than", null),
        ("worse", TestKind.Worse, "than", null),
        ("equal", TestKind.Equal, "to", "margin"),
        ("cheaper", TestKind.Cheaper, "than", "times"),
        ("no-dearer", TestKind.NoDearer, "than", "times"),
        ("loses-more", TestKind.LosesMoreOn, "than", null),
        ("overhead", TestKind.Overhead, null, "below"),
        ("attention-falls", TestKind.AttentionFalls, null, "from"),
        ("merges-alike", TestKind.MergesAlike, null, null),
    ];

    /// <exception cref="DefinitionException">The file is missing or wrong.</exception>
    public static ClaimsFile Read(string path)
    {
        try
        {
            return Parse(path, File.ReadAllText(path));
        }
        catch (Exception error) when (error is FileNotFoundException or DirectoryNotFoundException or UnauthorizedAccessException)
        {
            throw new DefinitionException($"{path}: cannot be read ({error.Message.TrimEnd('.')}); it comes with the program");
        }
    }

    /// <summary>As <see cref="Read"/>, from text.</summary>
    public static ClaimsFile Parse(string file, string text)
    {
        var yaml = YamlNodes.Parse(file, text);
        var root = yaml.Mapping(yaml.Root, "");
        string Need(string name, string right) => Paragraph(yaml.Text(root.Need(name, right), name));
        var schema = root.Need("schema", $"this program reads 'schema: {ClaimsFile.Schema}'");
        if (yaml.Integer(schema, "schema", 0, int.MaxValue) != ClaimsFile.Schema)
            throw yaml.Error(schema, "schema", "the version is not known", $"this program reads 'schema: {ClaimsFile.Schema}'");
        var (name, title, paper) = (Need("name", "a short name"), Need("title", "the report's heading"),
            Need("paper", "whose claims they are"));
        string summary = Need("summary", "what a reader should know before the claims");
        var definitions = yaml.List(root.Need("definitions", "names of definitions, in order"), "definitions", yaml.Text);
        var node = root.Need("claims", "list at least one");
        root.Done();
        if (node is not YamlSequenceNode list)
            throw yaml.Error(node, "claims", "no list", "list at least one claim");
        var claims = new List<Claim>();
        for (int i = 0; i < list.Children.Count; i++)
        {
            var claim = ReadClaim(yaml, yaml.Mapping(list.Children[i], $"claims[{i}]"), definitions);
            if (claims.Any(c => c.Id == claim.Id))
                throw yaml.Error(list.Children[i], $"claims[{i}].id", $"'{claim.Id}' is used twice",
                    "every claim needs an id of its own");
            claims.Add(claim);
        }
        return new ClaimsFile(name, title, paper, summary, definitions, claims);
    }

    private static Claim ReadClaim(YamlNodes yaml, YamlNodes.Fields fields, IReadOnlyList<string> definitions)
    {
        string Need(string name, string right) => Paragraph(yaml.Text(fields.Need(name, right), fields.PathOf(name)));
        var id = fields.Need("id", "lower-case letters, digits and hyphens");
        if (!yaml.Text(id, fields.PathOf("id")).All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c == '-'))
            throw yaml.Error(id, fields.PathOf("id"), $"'{yaml.Text(id, "id")}' has other characters",
                "use lower-case letters, digits and hyphens");
        string text = Need("claim", "one sentence in our words"), source = Need("source", "where the paper makes it");
        string? untestable = fields.Find("untestable") is { } why ? Paragraph(yaml.Text(why, fields.PathOf("untestable"))) : null;
        string? definition = fields.Find("in") is { } where
            ? yaml.OneOf(where, fields.PathOf("in"), definitions, "unknown definition") : null;
        string? exhibit = fields.Find("exhibit") is { } shows ? yaml.Text(shows, fields.PathOf("exhibit")) : null;
        var tests = Tests("tests");
        var controls = Tests("controls");
        fields.Done();
        if ((untestable is null) == (tests.Count == 0))
            throw yaml.Error(fields.Node, fields.PathOf("tests"), untestable is null ? "missing" : "beside 'untestable'",
                "a claim has tests, or says why it is untestable here");
        if (tests.Count > 0 && definition is null)
            throw yaml.Error(fields.Node, fields.PathOf("in"), "missing", "name the definition whose cells the tests are about");
        return new Claim(yaml.Text(id, "id"), text, source, definition, exhibit, tests, controls, untestable);

        IReadOnlyList<ClaimTest> Tests(string name) => fields.Find(name) is { } node
            ? yaml.List(node, fields.PathOf(name), (n, p) => ReadTest(yaml, yaml.Mapping(n, p), p)) : [];
    }

    private static ClaimTest ReadTest(YamlNodes yaml, YamlNodes.Fields fields, string path)
    {
        foreach (var (field, kind, other, number) in _forms)
        {
            if (fields.Find(field) is not { } cell)
                continue;
            string? against = other is null ? null
                : yaml.Text(fields.Need(other, "the cell that it is compared with"), fields.PathOf(other));
            decimal margin = number is null
                ? fields.Read("by", 0m, (n, p) => yaml.Number(n, p, 0, 100))
                : yaml.Number(fields.Need(number, "the number that decides it, fixed before the run"), fields.PathOf(number), 0,
                    1000);
            string kinds = fields.Find("kinds") is { } list
                ? string.Join('+', yaml.List(list, fields.PathOf("kinds"), yaml.Text)) : "";
            fields.Done();
            return kind != TestKind.LosesMoreOn || kinds.Length > 0
                ? new ClaimTest(kind, yaml.Text(cell, fields.PathOf(field)), against, margin, kinds)
                : throw yaml.Error(fields.Node, fields.PathOf("kinds"), "missing", "name the kinds on which it loses more");
        }
        throw yaml.Error(fields.Node, path, "no known test", $"one of {string.Join(", ", _forms.Select(f => f.Field))}");
    }

    private static string Paragraph(string text) =>
        string.Join(' ', text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
}
