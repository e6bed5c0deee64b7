using System.Globalization;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace Aim.Experiments.Planning;

/// <summary>
/// A YAML file as a tree whose nodes know where they stand, read strictly: every field is asked for by name, and fields that
/// nobody asked for are errors. Values given with <c>--set</c> replace nodes and are named as such in errors.
/// </summary>
internal sealed class YamlNodes
{
    private readonly string _file;
    private readonly Dictionary<YamlNode, string> _overrides = new(ReferenceEqualityComparer.Instance);

    private YamlNodes(string file, YamlNode root) => (_file, Root) = (file, root);

    public YamlNode Root { get; }

    public static YamlNodes Parse(string file, string text)
    {
        var stream = new YamlStream();
        try
        {
            stream.Load(new StringReader(text));
        }
        catch (YamlException error)
        {
            // The parser's own messages span lines at times ("While parsing ..., did not find ..."): the first sentence suffices.
            throw new DefinitionException($"{file}:{error.Start.Line}:{error.Start.Column}: not YAML: {OneLine(error.Message)}");
        }
        return stream.Documents.Count switch
        {
            1 => new YamlNodes(file, stream.Documents[0].RootNode),
            0 => throw new DefinitionException(
                $"{file}:1: the file is empty; a definition starts with 'schema: {Definition.Schema}'"),
            _ => throw new DefinitionException(
                $"{file}:{stream.Documents[1].RootNode.Start.Line}: a second YAML document; a definition file holds one"),
        };
    }

    /// <summary>
    /// Replaces or adds the value at a dotted path (<c>data.split</c>, <c>cells[1].samples</c>) by a YAML value.
    /// </summary>
    public void Set(string assignment)
    {
        int equals = assignment.IndexOf('=', StringComparison.Ordinal);
        if (equals <= 0)
            throw new DefinitionException($"--set {assignment}: no '='; write --set key=value, for example --set frames=8");
        string path = assignment[..equals].Trim();
        YamlNode value = ParseValue(path, assignment[(equals + 1)..]);

        YamlNode at = Root;
        string[] steps = path.Replace("[", ".", StringComparison.Ordinal).Replace("]", "", StringComparison.Ordinal).Split('.');
        for (int i = 0; i < steps.Length; i++)
        {
            bool last = i == steps.Length - 1;
            switch (at)
            {
                case YamlMappingNode map:
                    var key = map.Children.Keys.FirstOrDefault(k => k is YamlScalarNode s && s.Value == steps[i]);
                    if (last)
                        map.Children[key ?? new YamlScalarNode(steps[i])] = value;
                    else
                        at = key is null
                            ? throw new DefinitionException(
                                $"--set {path}: the definition has no field '{steps[i]}'; it has {Names(map)}")
                            : map.Children[key];
                    break;
                case YamlSequenceNode list:
                    if (!int.TryParse(steps[i], NumberStyles.None, CultureInfo.InvariantCulture, out int index)
                        || index >= list.Children.Count)
                        throw new DefinitionException(
                            $"--set {path}: '{steps[i]}' is not an index of a list of {list.Children.Count}; use 0 to "
                                + $"{list.Children.Count - 1}");
                    if (last)
                        list.Children[index] = value;
                    else
                        at = list.Children[index];
                    break;
                default:
                    throw new DefinitionException(
                        $"--set {path}: '{steps[i]}' lies inside a plain value; the path goes too deep");
            }
        }
        Mark(value, path);
    }

    public Fields Mapping(YamlNode node, string path) => node is YamlMappingNode map
        ? new Fields(this, map, path)
        : throw Error(node, path, $"expected fields, found {Describe(node)}", "write 'field: value' lines");

    /// <summary>The items of a list, read one by one; a single value counts as a list of one.</summary>
    public IReadOnlyList<T> List<T>(YamlNode node, string path, Func<YamlNode, string, T> read)
    {
        if (node is not YamlSequenceNode list)
            return [read(node, path)];
        return list.Children.Count > 0
            ? [.. list.Children.Select(item => read(item, path))]
            : throw Error(node, path, "an empty list", "give at least one value, or leave the field out");
    }

    /// <summary>A word of a list.</summary>
    public string OneOf(YamlNode node, string path, IReadOnlyList<string> known, string wrong = "unknown value")
    {
        string text = Text(node, path);
        return known.Contains(text) ? text : throw Error(node, path, $"{wrong} '{text}'", $"known: {string.Join(", ", known)}");
    }

    /// <summary>A word that stands for something.</summary>
    public T Choice<T>(YamlNode node, string path, IReadOnlyList<(string Word, T Value)> known)
    {
        string word = OneOf(node, path, [.. known.Select(k => k.Word)]);
        return known.First(k => k.Word == word).Value;
    }

    public string Text(YamlNode node, string path) => node is YamlScalarNode { Value: { Length: > 0 } value }
        ? value
        : throw Error(node, path, $"expected a value, found {Describe(node)}", "write one word or number");

    public int Integer(YamlNode node, string path, int low, int high)
    {
        string text = Text(node, path);
        if (!int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out int value) || value < low
            || value > high)
            throw Error(node, path, $"'{text}' is not a whole number from {low} to {high}", $"for example {Math.Max(low, 1)}");
        return value;
    }

    public decimal Number(YamlNode node, string path, decimal low, decimal high)
    {
        string text = Text(node, path);
        if (!decimal.TryParse(text, NumberStyles.AllowDecimalPoint | NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture,
            out decimal value) || value < low || value > high)
            throw Error(node, path, $"'{text}' is not a number from {low} to {high}", $"for example {low + (high - low) / 50}");
        return value;
    }

    public bool Flag(YamlNode node, string path) => Text(node, path) switch
    {
        "true" => true,
        "false" => false,
        var text => throw Error(node, path, $"'{text}' is neither true nor false", "write true or false"),
    };

    public DefinitionException Error(YamlNode node, string path, string wrong, string right) =>
        new(_overrides.TryGetValue(node, out string? set)
            ? $"--set {set}: {path}: {wrong}; {right}"
            : $"{_file}:{node.Start.Line}: {path}: {wrong}; {right}");

    private static YamlNode ParseValue(string path, string text)
    {
        try
        {
            var stream = new YamlStream();
            stream.Load(new StringReader(text));
            return stream.Documents.Count == 1 ? stream.Documents[0].RootNode : new YamlScalarNode("");
        }
        catch (YamlException error)
        {
            throw new DefinitionException($"--set {path}: '{text}' is not a YAML value: {OneLine(error.Message)}");
        }
    }

    private void Mark(YamlNode node, string path)
    {
        _overrides[node] = path;
        foreach (var child in node is YamlMappingNode map
            ? map.Children.SelectMany(c => new[] { c.Key, c.Value }) : node is YamlSequenceNode list ? list.Children : [])
            Mark(child, path);
    }

    internal static string Names(YamlMappingNode map) => string.Join(", ", map.Children.Keys.Select(k => k.ToString()));

    private static string OneLine(string text) => text.ReplaceLineEndings(" ").Trim();

    private static string Describe(YamlNode node) => node switch
    {
        YamlMappingNode => "fields",
        YamlSequenceNode => "a list",
        YamlScalarNode { Value: null or "" } => "nothing",
        YamlScalarNode scalar => $"'{scalar.Value}'",
        _ => "something else",
    };

    /// <summary>One mapping's fields; <see cref="Done"/> refuses those that were never asked for.</summary>
    internal sealed class Fields
    {
        private readonly YamlNodes _tree;
        private readonly YamlMappingNode _map;
        private readonly string _path;
        private readonly List<string> _known = [];

        public Fields(YamlNodes tree, YamlMappingNode map, string path) => (_tree, _map, _path) = (tree, map, path);

        public YamlNode Node => _map;

        public string PathOf(string name) => _path.Length == 0 ? name : $"{_path}.{name}";

        /// <summary>The names of all fields that are there, for mappings whose fields are not known beforehand.</summary>
        public IReadOnlyList<string> Names => [.. _map.Children.Keys.Select(k => k.ToString())];

        public YamlNode? Find(string name)
        {
            _known.Add(name);
            foreach (var (key, value) in _map.Children)
                if (key is YamlScalarNode scalar && scalar.Value == name)
                    return value;
            return null;
        }

        public YamlNode Need(string name, string right) =>
            Find(name) ?? throw _tree.Error(_map, PathOf(name), "missing", right);

        public T Read<T>(string name, T absent, Func<YamlNode, string, T> read) =>
            Find(name) is { } node ? read(node, PathOf(name)) : absent;

        /// <exception cref="DefinitionException">The mapping has a field that was not asked for.</exception>
        public void Done()
        {
            foreach (var key in _map.Children.Keys)
                if (key is not YamlScalarNode { Value: { } name } || !_known.Contains(name))
                {
                    var at = _tree._overrides.ContainsKey(_map.Children[key]) ? _map.Children[key] : key;
                    throw _tree.Error(at, PathOf(key.ToString()), "unknown field", $"known here: {string.Join(", ", _known)}");
                }
        }
    }
}
