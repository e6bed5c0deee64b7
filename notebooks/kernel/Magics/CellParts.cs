using System.Text.RegularExpressions;
using Aim.Kernel.Cells;
using Aim.Kernel.Scripting;

namespace Aim.Kernel.Magics;

/// <summary>The language of a part of a cell.</summary>
internal enum PartKind
{
    CSharp,
    Html,
    JavaScript,
    Markdown,
    Bash,
}

/// <summary>A C# value handed to JavaScript.</summary>
/// <param name="Expression">The value, in C#.</param>
/// <param name="Name">The constant's name in JavaScript.</param>
/// <param name="Line">Where it is asked for, from 0.</param>
internal sealed record Share(string Expression, string Name, int Line);

/// <summary>Some lines of a cell in one language.</summary>
/// <param name="Kind">The language.</param>
/// <param name="Text">Those lines; of C#, the whole cell with all other lines blank, so that positions are the cell's.</param>
/// <param name="Shares">Values that a part in JavaScript asks for.</param>
internal sealed record CellPart(PartKind Kind, string Text, IReadOnlyList<Share> Shares);

/// <summary>A cell as its magics, lines that begin with <c>#!</c>, cut it.</summary>
/// <param name="Parts">In the order of the text; those without a word are left out.</param>
/// <param name="Timed">Whether the cell asks how long it takes.</param>
internal sealed partial record CellParts(IReadOnlyList<CellPart> Parts, bool Timed)
{
    /// <summary>What there is, with what each does; aliases follow.</summary>
    public static IReadOnlyList<(string Name, string Use)> Known { get; } =
    [
        ("#!csharp", "C# again, behind a part in another language"),
        ("#!html", "shows HTML"),
        ("#!javascript", "runs JavaScript in the page; element is the output's place"),
        ("#!markdown", "shows Markdown"),
        ("#!bash", "runs a script with bash"),
        ("#!time", "tells how long the cell takes"),
        ("#!share", "hands a C# value to a part in JavaScript: #!share points [--as name]"),
    ];

    /// <summary>Cuts a cell.</summary>
    /// <param name="code">Its text.</param>
    /// <param name="cell">How errors call it.</param>
    /// <exception cref="CellException">A magic is unknown or used wrongly.</exception>
    public static CellParts Of(string code, string cell)
    {
        var parts = new List<CellPart>();
        var shares = new List<Share>();
        bool timed = false;
        var (kind, start) = (PartKind.CSharp, 0);
        void Close(int end)
        {
            string text = kind == PartKind.CSharp
                ? CellText.Blank(CellText.Blank(code, 0, start), end, code.Length) : code[start..end];
            bool takes = kind == PartKind.JavaScript;
            if (string.IsNullOrWhiteSpace(text) && !(takes && shares.Count > 0))
                return;
            parts.Add(new CellPart(kind, text, takes ? [.. shares] : []));
            if (takes)
                shares.Clear();
        }

        foreach (Match match in Magic().Matches(code))
        {
            int line = code.AsSpan(0, match.Index).Count('\n');
            string name = match.Groups[1].Value, rest = match.Groups[2].Value.Trim();
            CellException Error(string message) => CellException.At("MagicError", cell, line, message);
            if (name == "share")
            {
                shares.Add(ReadShare(rest, line, Error));
                code = CellText.Blank(code, match.Index, match.Index + match.Length);
                continue;
            }

            if (rest.Length > 0)
                throw Error($"#!{name} stands alone on its line, without '{rest}'");
            if (name == "time")
            {
                timed = true;
                code = CellText.Blank(code, match.Index, match.Index + match.Length);
                continue;
            }

            Close(match.Index);
            start = match.Index + match.Length;
            kind = name switch
            {
                "csharp" or "c#" => PartKind.CSharp,
                "html" => PartKind.Html,
                "javascript" or "js" => PartKind.JavaScript,
                "markdown" or "md" => PartKind.Markdown,
                "bash" => PartKind.Bash,
                _ => throw Error($"#!{name}: there is no such magic; there are {string.Join(", ", Known.Select(k => k.Name))}"),
            };
        }

        Close(code.Length);
        return shares.Count == 0
            ? new CellParts(parts, timed)
            : throw CellException.At(
                "MagicError", cell, shares[0].Line,
                "#!share hands values to JavaScript: a #!javascript part must follow in the cell");
    }

    private static Share ReadShare(string rest, int line, Func<string, CellException> error)
    {
        string[] words = rest.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        string? expression = null, name = null;
        for (int i = 0; i < words.Length; i++)
        {
            switch (words[i])
            {
                case "--from" when i + 1 < words.Length && words[i + 1] is "csharp" or "c#":
                    i++;
                    break;
                case "--from":
                    throw error("#!share --from csharp is all there is: values live in C#");
                case "--as" when i + 1 < words.Length:
                    name = words[++i];
                    break;
                case var word when expression is null && !word.StartsWith('-'):
                    expression = word;
                    break;
                default:
                    throw error($"#!share: '{words[i]}' is not understood; write #!share points or #!share points --as name");
            }
        }

        if (expression is null)
            throw error("#!share: which value? Write #!share points");
        name ??= expression.Split('.')[^1];
        return Identifier().IsMatch(name)
            ? new Share(expression, name, line)
            : throw error($"#!share: '{name}' is no name of a JavaScript constant; add --as name");
    }

    [GeneratedRegex(@"^#!([a-zA-Z][\w#-]*)([^\r\n]*)\r?$", RegexOptions.Multiline)]
    private static partial Regex Magic();

    [GeneratedRegex(@"^[A-Za-z_$][\w$]*$")]
    private static partial Regex Identifier();
}
