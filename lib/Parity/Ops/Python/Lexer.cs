using System.Globalization;
using System.Text;

namespace Aim.Parity.Ops;

internal enum TokenKind
{
    Name,
    Number,
    Text,
    Operator,
    NewLine,
    Indent,
    Dedent,
    End,
}

/// <summary>One word of Python; Value is the number or string of a literal.</summary>
internal readonly record struct Token(TokenKind Kind, string Text, object? Value = null);

/// <summary>Splits Python code into words: lines and indentation count, but not inside brackets.</summary>
/// <exception cref="NotExpressibleException">A character or literal that this subset does not know.</exception>
internal sealed class Lexer(string code)
{
    /// <summary>The most characters that code may have.</summary>
    public const int LengthCap = 20_000;

    private static readonly string[] Operators =
    [
        "**=", "//=", ">>=", "<<=", "...", "**", "//", "==", "!=", "<=", ">=", "+=", "-=", "*=", "/=", "%=", "@=", "&=", "|=",
        "^=", "<<", ">>", "->", ":=", "+", "-", "*", "/", "%", "@", "&", "|", "^", "~", "<", ">", "(", ")", "[", "]", "{", "}",
        ",", ":", ".", ";", "=",
    ];

    private readonly List<Token> _tokens = [];
    private readonly Stack<int> _indents = new([0]);
    private int _at;
    private int _brackets;

    public static List<Token> Split(string code) => code.Length <= LengthCap
        ? new Lexer(code.ReplaceLineEndings("\n")).Run()
        : throw new NotExpressibleException($"code of {code.Length} characters; at most {LengthCap} are read");

    private List<Token> Run()
    {
        Indentation();
        while (_at < code.Length)
        {
            var c = code[_at];
            if (c == '\n')
                Line();
            else if (c is ' ' or '\t')
                _at++;
            else if (c == '#')
                _at = code.IndexOf('\n', _at) is var end and >= 0 ? end : code.Length;
            else if (c == '\\' && _at + 1 < code.Length && code[_at + 1] == '\n')
                _at += 2;
            else if (char.IsAsciiLetter(c) || c == '_')
                Name();
            else if (char.IsAsciiDigit(c) || (c == '.' && _at + 1 < code.Length && char.IsAsciiDigit(code[_at + 1])))
                Number();
            else if (c is '\'' or '"')
                Text();
            else
                Operator();
        }

        _tokens.Add(new Token(TokenKind.NewLine, ""));
        while (_indents.Pop() > 0)
            _tokens.Add(new Token(TokenKind.Dedent, ""));
        _tokens.Add(new Token(TokenKind.End, ""));
        return _tokens;
    }

    private void Line()
    {
        _at++;
        if (_brackets > 0)
            return;
        _tokens.Add(new Token(TokenKind.NewLine, ""));
        Indentation();
    }

    private void Indentation()
    {
        var start = _at;
        while (_at < code.Length && code[_at] is ' ' or '\t')
            _at++;
        if (_at >= code.Length || code[_at] is '\n' or '#')
            return;
        var width = _at - start;
        if (width > _indents.Peek())
        {
            _indents.Push(width);
            _tokens.Add(new Token(TokenKind.Indent, ""));
        }

        while (width < _indents.Peek())
        {
            _indents.Pop();
            _tokens.Add(new Token(TokenKind.Dedent, ""));
        }
    }

    private void Name()
    {
        var start = _at;
        while (_at < code.Length && (char.IsAsciiLetterOrDigit(code[_at]) || code[_at] == '_'))
            _at++;
        if (_at < code.Length && code[_at] is '\'' or '"')
            throw new NotExpressibleException("strings with a prefix");
        _tokens.Add(new Token(TokenKind.Name, code[start.._at]));
    }

    private void Number()
    {
        var start = _at;
        while (_at < code.Length && (char.IsAsciiLetterOrDigit(code[_at]) || code[_at] is '_' or '.'
            || (code[_at] is '+' or '-' && code[_at - 1] is 'e' or 'E')))
            _at++;
        var word = code[start.._at].Replace("_", "", StringComparison.Ordinal);
        if (long.TryParse(word, NumberStyles.None, CultureInfo.InvariantCulture, out var integer))
            _tokens.Add(new Token(TokenKind.Number, word, integer));
        else if (word.AsSpan().ContainsAny('.', 'e', 'E')
            && double.TryParse(word, NumberStyles.Float, CultureInfo.InvariantCulture, out var real))
            _tokens.Add(new Token(TokenKind.Number, word, real));
        else
            throw new NotExpressibleException($"the number {word}");
    }

    private void Text()
    {
        var quote = code[_at++];
        var text = new StringBuilder();
        while (_at < code.Length && code[_at] != quote && code[_at] != '\n')
        {
            if (code[_at] == '\\' && ++_at < code.Length)
                text.Append(code[_at] switch { 'n' => '\n', 't' => '\t', var other => other });
            else
                text.Append(code[_at]);
            _at++;
        }

        if (_at >= code.Length || code[_at] != quote)
            throw new NotExpressibleException("a string without an end");
        _at++;
        _tokens.Add(new Token(TokenKind.Text, "", text.ToString()));
    }

    private void Operator()
    {
        foreach (var op in Operators)
        {
            if (string.CompareOrdinal(code, _at, op, 0, op.Length) != 0)
                continue;
            _brackets = Math.Max(0, _brackets + (op is "(" or "[" or "{" ? 1 : op is ")" or "]" or "}" ? -1 : 0));
            _at += op.Length;
            _tokens.Add(new Token(TokenKind.Operator, op));
            return;
        }

        throw new NotExpressibleException($"the character U+{(int)code[_at]:X4}");
    }
}
