using System.Globalization;
using System.Text;

namespace Aim.Models;

internal enum JinjaTokenKind
{
    Text,
    OutputBegin,
    OutputEnd,
    BlockBegin,
    BlockEnd,
    Name,
    String,
    Integer,
    Float,
    Operator,
    End,
}

internal readonly record struct JinjaToken(JinjaTokenKind Kind, string Text, int Line);

/// <summary>
/// Cuts a template into text and the tokens of its tags. White space as Hugging Face's environment has it: a line break after a
/// block and blanks before one on its line vanish, <c>-</c> takes all white space on its side, <c>+</c> keeps it; one line break
/// at the very end of the template does not count.
/// </summary>
internal sealed class JinjaLexer
{
    private static readonly string[] s_operators =
        ["//", "**", "==", "!=", ">=", "<=",
            "+", "-", "/", "*", "%", "~", "[", "]", "(", ")", "{", "}", ">", "<", "=", ".", ":", "|", ",", ";"];

    private readonly string _source;
    private readonly List<JinjaToken> _tokens = [];
    private int _at, _line = 1, _counted;
    private bool _lineStarts = true;

    private JinjaLexer(string source) => _source = source;

    /// <summary>The tokens, the last of which is <see cref="JinjaTokenKind.End"/>.</summary>
    public static List<JinjaToken> Tokens(string source)
    {
        source = source.Replace("\r\n", "\n", StringComparison.Ordinal).Replace('\r', '\n');
        var lexer = new JinjaLexer(source.EndsWith('\n') ? source[..^1] : source);
        while (lexer.Next())
        {
        }

        lexer.Add(JinjaTokenKind.End, "");
        return lexer._tokens;
    }

    private bool Next()
    {
        int open = _at;
        while ((open = _source.IndexOf('{', open)) >= 0 && !(open + 1 < _source.Length && _source[open + 1] is '{' or '%' or '#'))
            open++;
        if (open < 0)
        {
            Text(_source[_at..]);
            return false;
        }

        char tag = _source[open + 1],
            sign = open + 2 < _source.Length && _source[open + 2] is '-' or '+' ? _source[open + 2] : ' ';
        string text = _source[_at..open];
        if (sign == '-')
            text = text[..^TrailingSpace(text)];
        else if (sign != '+' && tag != '{')
            text = WithoutIndent(text);
        Text(text);
        _at = open + (sign == ' ' ? 2 : 3);
        switch (tag)
        {
            case '#':
                Comment();
                break;
            case '{':
                Add(JinjaTokenKind.OutputBegin, "{{");
                Tag("}}", JinjaTokenKind.OutputEnd);
                break;
            default:
                Add(JinjaTokenKind.BlockBegin, "{%");
                Tag("%}", JinjaTokenKind.BlockEnd);
                break;
        }

        return true;
    }

    // lstrip_blocks: white space between a line's beginning and a block or comment is dropped.
    private string WithoutIndent(string text)
    {
        int lineBegin = text.LastIndexOf('\n') + 1;
        bool blank = TrailingSpace(text) >= text.Length - lineBegin;
        return blank && (lineBegin > 0 || _lineStarts) ? text[..lineBegin] : text;
    }

    private static int TrailingSpace(string text)
    {
        int count = 0;
        while (count < text.Length && JinjaValue.IsSpace(text[^(count + 1)]))
            count++;
        return count;
    }

    private void Comment()
    {
        int close = _source.IndexOf("#}", _at, StringComparison.Ordinal);
        if (close < 0)
            throw Error("a comment {# without its end #}");
        char sign = close > _at ? _source[close - 1] : ' ';
        _at = close + 2;
        AfterTag(sign, trims: true);
    }

    // What follows a tag's end: '-' takes all white space, trim_blocks one line break (not after {{ }}).
    private void AfterTag(char sign, bool trims)
    {
        if (sign == '-')
        {
            while (_at < _source.Length && JinjaValue.IsSpace(_source[_at]))
                _at++;
        }
        else if (sign != '+' && trims && _at < _source.Length && _source[_at] == '\n')
        {
            _at++;
        }

        _lineStarts = _source[_at - 1] == '\n';
    }

    private void Tag(string end, JinjaTokenKind endKind)
    {
        var open = new Stack<char>();
        while (true)
        {
            while (_at < _source.Length && JinjaValue.IsSpace(_source[_at]))
                _at++;
            if (_at >= _source.Length)
                throw Error($"a tag without its end {end}");
            bool signed = _source[_at] is '-' or '+';
            if (open.Count == 0 && string.CompareOrdinal(_source, _at + (signed ? 1 : 0), end, 0, 2) == 0
                && !(_source[_at] == '+' && end == "}}"))
            {
                char sign = signed ? _source[_at] : ' ';
                Add(endKind, end);
                _at += signed ? 3 : 2;
                AfterTag(sign, trims: end == "%}");
                return;
            }

            TagToken(open);
        }
    }

    private void TagToken(Stack<char> open)
    {
        char c = _source[_at];
        int start = _at;
        if (c is '\'' or '"')
        {
            String(c);
        }
        else if (char.IsAsciiDigit(c))
        {
            Number();
        }
        else if (c == '_' || char.IsLetter(c))
        {
            while (_at < _source.Length && (_source[_at] == '_' || char.IsLetterOrDigit(_source[_at])))
                _at++;
            Add(JinjaTokenKind.Name, _source[start.._at]);
        }
        else
        {
            string sign = s_operators.FirstOrDefault(o => string.CompareOrdinal(_source, start, o, 0, o.Length) == 0)
                ?? throw Error($"the character '{c}' in a tag");
            if (sign[0] is '(' or '[' or '{')
                open.Push(sign[0]);
            else if (sign[0] is ')' or ']' or '}'
                && !(open.TryPop(out char begin) && (begin, sign[0]) is ('(', ')') or ('[', ']') or ('{', '}')))
                throw Error($"'{sign}' without its beginning");
            Add(JinjaTokenKind.Operator, sign);
            _at += sign.Length;
        }
    }

    private void Number()
    {
        int start = _at;
        void Digits()
        {
            while (_at < _source.Length && (char.IsAsciiDigit(_source[_at]) || _source[_at] == '_'))
                _at++;
        }

        Digits();
        var kind = JinjaTokenKind.Integer;
        if (_at + 1 < _source.Length && _source[_at] == '.' && char.IsAsciiDigit(_source[_at + 1]))
        {
            kind = JinjaTokenKind.Float;
            _at++;
            Digits();
        }

        if (_at < _source.Length && (char.IsAsciiLetter(_source[_at]) || _source[_at] == '_'))
            throw JinjaException.NotSupported($"line {Line()}: a number like {_source[start..(_at + 1)]}");
        Add(kind, _source[start.._at].Replace("_", "", StringComparison.Ordinal));
    }

    private void String(char quote)
    {
        var text = new StringBuilder();
        int i = _at + 1;
        for (; i < _source.Length && _source[i] != quote; i++)
        {
            if (_source[i] != '\\' || i + 1 >= _source.Length)
            {
                text.Append(_source[i]);
                continue;
            }

            char c = _source[++i];
            int digits = c switch { 'x' => 2, 'u' => 4, 'U' => 8, _ => 0 };
            if (digits > 0)
            {
                if (i + digits >= _source.Length || !int.TryParse(
                    _source.AsSpan(i + 1, digits), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out int code)
                    || code is < 0 or > 0x10FFFF)
                {
                    throw Error($"an escape \\{c} without {digits} hexadecimal digits");
                }

                text.Append(code < 0x10000 ? ((char)code).ToString() : char.ConvertFromUtf32(code));
                i += digits;
                continue;
            }

            if (c is 'N' or (>= '0' and <= '7'))
                throw JinjaException.NotSupported($"line {Line()}: the escape \\{c}");
            text.Append(c switch
            {
                'n' => "\n",
                't' => "\t",
                'r' => "\r",
                'a' => "\a",
                'b' => "\b",
                'f' => "\f",
                'v' => "\v",
                '\n' => "",
                '\\' or '\'' or '"' => c.ToString(),
                _ => $"\\{c}",
            });
        }

        if (i >= _source.Length)
            throw Error("a string without its end");
        Add(JinjaTokenKind.String, text.ToString());
        _at = i + 1;
    }

    private void Text(string text)
    {
        if (text.Length > 0)
            Add(JinjaTokenKind.Text, text);
    }

    private void Add(JinjaTokenKind kind, string text) => _tokens.Add(new JinjaToken(kind, text, Line()));

    private int Line()
    {
        _line += _source.AsSpan(_counted, Math.Max(0, _at - _counted)).Count('\n');
        _counted = Math.Max(_counted, _at);
        return _line;
    }

    private JinjaException Error(string what) => new($"line {Line()}: {what}");
}
