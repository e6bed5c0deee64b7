using System.Globalization;
using System.Text.RegularExpressions;

namespace Aim.Tensors.Tests.Api;

/// <summary>A parameter, its type and default spelled so that text and reflection agree.</summary>
public sealed record Argument(string Name, string Type, string? Default, bool Params)
{
    public override string ToString() => $"{(Params ? "params " : "")}{Type} {Name}{(Default is null ? "" : $" = {Default}")}";
}

/// <summary>A method under the class that it belongs to (<c>torch</c>, <c>Tensor</c>, <c>functional</c>, ...).</summary>
public sealed record Signature(string Class, string Returns, string Name, IReadOnlyList<Argument> Arguments)
{
    /// <summary>What must agree: everything but the class.</summary>
    public string Text => $"{Returns} {Name}({string.Join(", ", Arguments)})";

    public override string ToString() => $"{Class}: {Text}";
}

/// <summary>Reads Fixtures/torchsharp-0.107-api.txt: sections named by TorchSharp's source files, one member a line.</summary>
public static partial class TorchSharpList
{
    private static readonly HashSet<string> Modifiers =
        ["static", "virtual", "override", "abstract", "unsafe", "explicit", "implicit", "readonly", "partial"];

    private static readonly HashSet<string> ValueTypes =
    [
        "long", "int", "double", "float", "bool", "byte", "ScalarType", "RoundingMode", "InterpolationMode", "PaddingModes",
        "Reduction", "DeviceType", "Approximate",
    ];

    public static IReadOnlyList<Signature> Read(IEnumerable<string> lines)
    {
        var result = new List<Signature>();
        var file = "";
        foreach (var line in lines.Select(l => l.Trim()))
        {
            if (line.StartsWith("## ", StringComparison.Ordinal))
                file = line[3..];
            else if (file.Length > 0 && (Parse(file, line) ?? Property(file, line)) is { } signature)
                result.Add(signature);
        }

        return result;
    }

    /// <summary>One line; null for what is no method (a property, a field, a class).</summary>
    public static Signature? Parse(string file, string line)
    {
        var words = new List<string>();
        var rest = line;
        while (rest.Split(' ', 2) is [var word, var after] && Modifiers.Contains(word))
        {
            words.Add(word);
            rest = after;
        }

        var conversion = rest.StartsWith("operator ", StringComparison.Ordinal);
        var returns = conversion ? "" : TakeType(ref rest);
        if (words.Contains("partial") || rest.StartsWith("this[", StringComparison.Ordinal))
            return null;

        // The parameters' parenthesis; an operator's type may have one of its own.
        var open = rest.IndexOf('(', conversion && rest.StartsWith("operator (", StringComparison.Ordinal)
            ? Closing(rest, rest.IndexOf('(')) + 1
            : 0);
        if (open < 0 || rest[^1] != ')')
            return null;
        var name = rest[..open].Trim();
        if (conversion)
        {
            returns = Type(name["operator ".Length..]);
            name = words.Contains("implicit") ? "implicit" : "explicit";
        }

        name = Regex.Replace(name, "<.*>$", "").TrimStart('@');
        var inner = rest[(open + 1)..^1];
        var arguments = Split(inner).Select(Parameter).ToArray();
        var extension = inner.StartsWith("this ", StringComparison.Ordinal);
        return new Signature(ClassOf(file, words.Contains("static"), extension, name), Type(returns), name, arguments);
    }

    /// <summary>A property or field, as a signature with a name that no method has; null for other lines.</summary>
    public static Signature? Property(string file, string line)
    {
        var name = line;
        var type = TakeType(ref name);
        return type.Length == 0 || Modifiers.Contains(type) || !name.All(c => char.IsLetterOrDigit(c) || c == '_')
            ? null
            : new Signature(ClassOf(file, false, false, name), Type(type), "." + name, []);
    }

    /// <summary>Where TorchSharp declares what a file holds.</summary>
    private static string ClassOf(string file, bool isStatic, bool extension, string name)
    {
        var stem = Path.GetFileNameWithoutExtension(file);
        if (extension)
            return "extension";
        if (name is "implicit" or "explicit" || name.StartsWith("operator", StringComparison.Ordinal))
            return stem.StartsWith("Tensor", StringComparison.Ordinal) ? "Tensor" : stem;
        if (!isStatic)
            return stem.StartsWith("Tensor", StringComparison.Ordinal) ? "Tensor" : stem;
        if (name == "clip_grad_norm_")
            return "utils";
        if (file.StartsWith("NN/", StringComparison.Ordinal))
            return char.IsUpper(name[0]) ? "nn" : "functional";
        if (file.StartsWith("Optimizers/", StringComparison.Ordinal))
            return "optim";
        return stem switch
        {
            "Autograd" => "autograd",
            "LinearAlgebra" => "linalg",
            "Special" => "special",
            _ => "torch",
        };
    }

    private static Argument Parameter(string text)
    {
        text = Regex.Replace(text.Trim(), @"^\[[^\]]*\]\s*", "");
        var isParams = text.StartsWith("params ", StringComparison.Ordinal);
        text = isParams ? text[7..] : text.StartsWith("this ", StringComparison.Ordinal) ? text[5..] : text;
        var type = TakeType(ref text);
        var parts = text.Split('=', 2);
        var otherwise = parts.Length == 1 ? null : Value(parts[1].Trim());
        return new Argument(parts[0].Trim().TrimStart('@'), Type(type), otherwise, isParams);
    }

    /// <summary>Cuts the type off the front: up to the first space outside of brackets (one before a ? is astray).</summary>
    private static string TakeType(ref string text)
    {
        text = text.Replace(" ?", "? ", StringComparison.Ordinal);
        var depth = 0;
        for (var i = 0; i < text.Length; i++)
        {
            depth += text[i] is '(' or '<' or '[' ? 1 : text[i] is ')' or '>' or ']' ? -1 : 0;
            if (text[i] == ' ' && depth == 0)
            {
                var type = text[..i];
                text = text[(i + 1)..].Trim();
                return type;
            }
        }

        return "";
    }

    /// <summary>Without namespaces, names of tuple elements and marks of nullable references.</summary>
    public static string Type(string text)
    {
        text = text.Trim();
        if (text.EndsWith('?'))
        {
            var type = Type(text[..^1]);
            return ValueTypes.Contains(type) || type.StartsWith('(') ? type + "?" : type;
        }

        if (text.EndsWith(']'))
        {
            var open = text.LastIndexOf('[');
            return Type(text[..open]) + text[open..];
        }

        if (text.StartsWith('('))
        {
            return $"({string.Join(",", Split(text[1..^1]).Select(e =>
            {
                var element = e.Trim();
                return Type(element.Contains(' ') ? TakeType(ref element) : element);
            }))})";
        }

        var generic = text.IndexOf('<');
        if (generic > 0)
            return $"{Type(text[..generic])}<{string.Join(",", Split(text[(generic + 1)..^1]).Select(Type))}>";
        return text[(text.LastIndexOf('.') + 1)..];
    }

    /// <summary>A default: a number as itself, an enum's member as its name.</summary>
    public static string Value(string text)
    {
        if (text.Split('/') is [var above, var below])
            return Number(double.Parse(above, CultureInfo.InvariantCulture) / double.Parse(below, CultureInfo.InvariantCulture));
        if (NumberText().IsMatch(text))
            return Number(double.Parse(text.TrimEnd('d', 'f', 'L'), CultureInfo.InvariantCulture));
        return text is "default" ? "null" : text[(text.LastIndexOf('.') + 1)..].Trim('"');
    }

    public static string Number(double value) => value.ToString("G9", CultureInfo.InvariantCulture);

    /// <summary>At commas outside of brackets.</summary>
    private static IEnumerable<string> Split(string text)
    {
        var (depth, start) = (0, 0);
        for (var i = 0; i < text.Length; i++)
        {
            depth += text[i] is '(' or '<' or '[' ? 1 : text[i] is ')' or '>' or ']' ? -1 : 0;
            if (text[i] != ',' || depth != 0)
                continue;
            yield return text[start..i];
            start = i + 1;
        }

        if (text[start..].Trim().Length > 0)
            yield return text[start..];
    }

    private static int Closing(string text, int open)
    {
        var depth = 0;
        for (var i = open; i < text.Length; i++)
        {
            depth += text[i] == '(' ? 1 : text[i] == ')' ? -1 : 0;
            if (depth == 0)
                return i;
        }

        return open;
    }

    [GeneratedRegex(@"^-?[0-9.]+(e-?[0-9]+)?[dfL]?$")]
    private static partial Regex NumberText();
}
