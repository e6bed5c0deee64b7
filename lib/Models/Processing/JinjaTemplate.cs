using System.Runtime.CompilerServices;
using System.Text;
using System.Text.RegularExpressions;

namespace Aim.Models;

/// <summary>
/// The part of Jinja in which LLaVA-OneVision's chat templates are written: text, <c>{{ }}</c>, <c>{# #}</c>, <c>for</c>, <c>if</c>/
/// <c>elif</c>/<c>else</c>, and <c>generation</c> (which marks answers and prints nothing). As in Hugging Face's environment, a line break
/// after a block and blanks before one on its line vanish. Anything else is a <see cref="FormatException"/>.
/// </summary>
internal sealed partial class JinjaTemplate
{
    private readonly Node[] _nodes;

    private JinjaTemplate(Node[] nodes) => _nodes = nodes;

    private abstract record Node;

    private sealed record Literal(string Text) : Node;

    private sealed record Output(JinjaExpression Value) : Node;

    private sealed record For(string Variable, JinjaExpression List, Node[] Body) : Node;

    private sealed record If(JinjaExpression Condition, Node[] Then, Node[] Else) : Node;

    [GeneratedRegex(@"\{#.*?#\}\n?|\{\{-?(?<output>.*?)-?\}\}|\{%-?\s*(?<word>\w+)(?<rest>.*?)-?%\}\n?", RegexOptions.Singleline)]
    private static partial Regex Tag();

    [GeneratedRegex(@"^\s*(\w+)\s+in\s+(.+)$", RegexOptions.Singleline)]
    private static partial Regex ForHeader();

    public static JinjaTemplate Parse(string source)
    {
        // As upstream: one line break at the very end does not count.
        if (source.EndsWith('\n'))
            source = source[..^1];
        var tags = Tag().Matches(source);
        int next = 0, position = 0;
        var nodes = ParseUntil(source, tags, ref next, ref position, out string end, out _);
        return end.Length == 0 ? new JinjaTemplate(nodes) : throw new FormatException($"{{% {end} %}} without its beginning");
    }

    private static Node[] ParseUntil(string source, MatchCollection tags, ref int next, ref int position, out string end, out string rest)
    {
        RuntimeHelpers.EnsureSufficientExecutionStack();
        var nodes = new List<Node>();
        while (next < tags.Count)
        {
            var tag = tags[next++];
            AddText(nodes, source[position..tag.Index], tag.Value);
            position = tag.Index + tag.Length;
            if (tag.Value.Contains("{%-", StringComparison.Ordinal) || tag.Value.Contains("-%}", StringComparison.Ordinal)
                || tag.Value.StartsWith("{{-", StringComparison.Ordinal) || tag.Value.EndsWith("-}}", StringComparison.Ordinal))
            {
                throw new FormatException("white space control (-) is not supported");
            }

            if (tag.Groups["output"].Success)
                nodes.Add(new Output(JinjaExpression.Parse(tag.Groups["output"].Value)));
            if (!tag.Groups["word"].Success)
                continue;
            rest = tag.Groups["rest"].Value;
            switch (tag.Groups["word"].Value)
            {
                case "for":
                    nodes.Add(ParseFor(source, tags, rest, ref next, ref position));
                    break;
                case "if":
                    nodes.Add(ParseIf(source, tags, rest, ref next, ref position));
                    break;
                case "generation":
                    nodes.AddRange(ParseUntil(source, tags, ref next, ref position, out end, out _));
                    Expect(end, "endgeneration");
                    break;
                case "endfor" or "endif" or "elif" or "else" or "endgeneration":
                    end = tag.Groups["word"].Value;
                    return [.. nodes];
                default:
                    throw new FormatException($"the statement {tag.Groups["word"].Value} is not supported; for, if and generation are");
            }
        }

        AddText(nodes, source[position..], "");
        position = source.Length;
        end = rest = "";
        return [.. nodes];
    }

    // lstrip_blocks: blanks between a line's beginning and a block or comment are dropped.
    private static void AddText(List<Node> nodes, string text, string tag)
    {
        if (tag.StartsWith("{%", StringComparison.Ordinal) || tag.StartsWith("{#", StringComparison.Ordinal))
        {
            string trimmed = text.TrimEnd(' ', '\t');
            if (trimmed.EndsWith('\n') || (trimmed.Length == 0 && nodes.Count == 0))
                text = trimmed;
        }

        if (text.Length > 0)
            nodes.Add(new Literal(text));
    }

    private static For ParseFor(string source, MatchCollection tags, string header, ref int next, ref int position)
    {
        var match = ForHeader().Match(header);
        if (!match.Success)
            throw new FormatException($"for{header.TrimEnd()}: 'for NAME in LIST' is expected");
        var body = ParseUntil(source, tags, ref next, ref position, out string end, out _);
        Expect(end, "endfor");
        return new For(match.Groups[1].Value, JinjaExpression.Parse(match.Groups[2].Value), body);
    }

    private static If ParseIf(string source, MatchCollection tags, string condition, ref int next, ref int position)
    {
        RuntimeHelpers.EnsureSufficientExecutionStack();
        var parsed = JinjaExpression.Parse(condition);
        var then = ParseUntil(source, tags, ref next, ref position, out string end, out string rest);
        if (end == "elif")
            return new If(parsed, then, [ParseIf(source, tags, rest, ref next, ref position)]);
        Node[] otherwise = [];
        if (end == "else")
            otherwise = ParseUntil(source, tags, ref next, ref position, out end, out _);
        Expect(end, "endif");
        return new If(parsed, then, otherwise);
    }

    private static void Expect(string end, string expected)
    {
        if (end != expected)
            throw new FormatException($"{{% {expected} %}} is missing");
    }

    public string Render(IReadOnlyDictionary<string, object?> variables)
    {
        var result = new StringBuilder();
        Render(_nodes, new Dictionary<string, object?>(variables), result);
        return result.ToString();
    }

    private static void Render(Node[] nodes, Dictionary<string, object?> variables, StringBuilder result)
    {
        RuntimeHelpers.EnsureSufficientExecutionStack();
        foreach (var node in nodes)
        {
            switch (node)
            {
                case Literal literal:
                    result.Append(literal.Text);
                    break;
                case Output output:
                    result.Append(output.Value.Evaluate(variables) as string ?? throw new FormatException("only strings can be printed"));
                    break;
                case If condition:
                    Render(JinjaExpression.IsTrue(condition.Condition.Evaluate(variables)) ? condition.Then : condition.Else, variables, result);
                    break;
                case For loop:
                    if (loop.List.Evaluate(variables) is not List<object?> list)
                        throw new FormatException($"for {loop.Variable}: a list is expected");
                    foreach (object? item in list)
                        Render(loop.Body, new Dictionary<string, object?>(variables) { [loop.Variable] = item }, result);
                    break;
            }
        }
    }
}
