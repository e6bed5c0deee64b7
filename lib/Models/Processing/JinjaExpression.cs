using System.Runtime.CompilerServices;
using System.Text;
using System.Text.RegularExpressions;

namespace Aim.Models;

/// <summary>
/// A Jinja expression: strings, names, lists, <c>a['b']</c>, <c>a.b</c>, <c>+</c>, <c>==</c>, <c>!=</c>, <c>in</c>, <c>is string</c>,
/// <c>and</c>, <c>or</c>, <c>not</c>, and the filter <c>selectattr(name, 'equalto', value)</c>. Values are strings, booleans, lists and
/// dictionaries.
/// </summary>
internal sealed partial class JinjaExpression
{
    private readonly Func<IReadOnlyDictionary<string, object?>, object?> _evaluate;

    private JinjaExpression(Func<IReadOnlyDictionary<string, object?>, object?> evaluate) => _evaluate = evaluate;

    /// <exception cref="InsufficientExecutionStackException">The expression is nested too deeply (a template is untrusted input).</exception>
    public object? Evaluate(IReadOnlyDictionary<string, object?> variables)
    {
        RuntimeHelpers.EnsureSufficientExecutionStack();
        return _evaluate(variables);
    }

    /// <summary>Python's notion of truth.</summary>
    public static bool IsTrue(object? value) => value switch
    {
        null => false,
        bool b => b,
        string s => s.Length > 0,
        List<object?> l => l.Count > 0,
        _ => true,
    };

    public static JinjaExpression Parse(string source)
    {
        var parser = new Parser(source);
        var expression = parser.Or();
        parser.ExpectEnd();
        return expression;
    }

    [GeneratedRegex("""\G\s*(?:(?<string>'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")|(?<name>[A-Za-z_]\w*)|(?<sign>==|!=|[+\[\]().,|])|(?<end>$))""", RegexOptions.Singleline)]
    private static partial Regex Token();

    private sealed class Parser
    {
        private readonly string _source;
        private readonly List<(char Kind, string Text)> _tokens = [];
        private int _at;

        public Parser(string source)
        {
            _source = source.Trim();
            for (int at = 0; ;)
            {
                var match = Token().Match(_source, at);
                if (!match.Success)
                    throw Error();
                at = match.Index + match.Length;
                if (match.Groups["end"].Success)
                    break;
                _tokens.Add(match.Groups["string"].Success ? ('s', Unescape(match.Groups["string"].Value[1..^1]))
                    : match.Groups["name"].Success ? ('n', match.Groups["name"].Value)
                    : ('o', match.Groups["sign"].Value));
            }
        }

        private FormatException Error() => new($"the expression {{{{ {_source} }}}} is not supported");

        private bool Take(string text)
        {
            if (_at >= _tokens.Count || _tokens[_at].Kind == 's' || _tokens[_at].Text != text)
                return false;
            _at++;
            return true;
        }

        private void Expect(string text)
        {
            if (!Take(text))
                throw Error();
        }

        public void ExpectEnd()
        {
            if (_at < _tokens.Count)
                throw Error();
        }

        public JinjaExpression Or()
        {
            var left = And();
            while (Take("or"))
            {
                var (a, b) = (left, And());
                left = new(v => a.Evaluate(v) is var x && IsTrue(x) ? x : b.Evaluate(v));
            }

            return left;
        }

        private JinjaExpression And()
        {
            var left = Not();
            while (Take("and"))
            {
                var (a, b) = (left, Not());
                left = new(v => a.Evaluate(v) is var x && !IsTrue(x) ? x : b.Evaluate(v));
            }

            return left;
        }

        private JinjaExpression Not()
        {
            RuntimeHelpers.EnsureSufficientExecutionStack();
            if (!Take("not"))
                return Compare();
            var operand = Not();
            return new(v => !IsTrue(operand.Evaluate(v)));
        }

        private JinjaExpression Compare()
        {
            var left = Sum();
            if (Take("=="))
            {
                var right = Sum();
                return new(v => Equals(left.Evaluate(v), right.Evaluate(v)));
            }

            if (Take("!="))
            {
                var right = Sum();
                return new(v => !Equals(left.Evaluate(v), right.Evaluate(v)));
            }

            if (Take("in"))
            {
                var right = Sum();
                return new(v => Contains(right.Evaluate(v), left.Evaluate(v)));
            }

            if (!Take("is"))
                return left;
            bool negated = Take("not");
            Expect("string");
            return new(v => left.Evaluate(v) is string != negated);
        }

        private bool Contains(object? container, object? item) => container switch
        {
            List<object?> list => list.Any(i => Equals(i, item)),
            string text when item is string part => text.Contains(part, StringComparison.Ordinal),
            Dictionary<string, object?> map when item is string key => map.ContainsKey(key),
            _ => throw Error(),
        };

        private JinjaExpression Sum()
        {
            var left = Postfix();
            while (Take("+"))
            {
                var (a, b) = (left, Postfix());
                left = new(v => a.Evaluate(v) is string x && b.Evaluate(v) is string y ? x + y : throw Error());
            }

            return left;
        }

        private JinjaExpression Postfix()
        {
            var value = Atom();
            while (true)
            {
                var inner = value;
                if (Take("["))
                {
                    var key = Or();
                    Expect("]");
                    value = new(v => Member(inner.Evaluate(v), key.Evaluate(v) as string));
                }
                else if (Take("."))
                {
                    string name = Name();
                    value = new(v => Member(inner.Evaluate(v), name));
                }
                else if (Take("|"))
                {
                    value = SelectAttr(inner);
                }
                else
                {
                    return value;
                }
            }
        }

        private JinjaExpression SelectAttr(JinjaExpression list)
        {
            Expect("selectattr");
            Expect("(");
            var attribute = Or();
            Expect(",");
            if (_at >= _tokens.Count || _tokens[_at++] is not ('s', "equalto" or "==" or "eq"))
                throw Error();
            Expect(",");
            var wanted = Or();
            Expect(")");
            return new(v => list.Evaluate(v) is List<object?> items
                ? items.Where(i => Equals(Member(i, attribute.Evaluate(v) as string), wanted.Evaluate(v))).ToList()
                : throw Error());
        }

        // A missing member is undefined, which is false and equals nothing given.
        private object? Member(object? value, string? name)
            => value is Dictionary<string, object?> map && name is not null ? map.GetValueOrDefault(name) : throw Error();

        private string Name() => _at < _tokens.Count && _tokens[_at].Kind == 'n' ? _tokens[_at++].Text : throw Error();

        private JinjaExpression Atom()
        {
            if (Take("("))
            {
                var inner = Or();
                Expect(")");
                return inner;
            }

            if (Take("["))
                return List();
            if (_at >= _tokens.Count)
                throw Error();
            var (kind, text) = _tokens[_at++];
            return kind switch
            {
                's' => new(_ => text),
                'n' when text is "true" or "True" => new(_ => true),
                'n' when text is "false" or "False" => new(_ => false),
                'n' => new(v => v.GetValueOrDefault(text)),
                _ => throw Error(),
            };
        }

        private JinjaExpression List()
        {
            var items = new List<JinjaExpression>();
            while (!Take("]"))
            {
                items.Add(Or());
                if (Take(","))
                    continue;
                Expect("]");
                break;
            }

            return new(v => items.Select(i => i.Evaluate(v)).ToList());
        }

        private static string Unescape(string text)
        {
            var result = new StringBuilder();
            for (int i = 0; i < text.Length; i++)
            {
                if (text[i] != '\\')
                {
                    result.Append(text[i]);
                    continue;
                }

                result.Append(text[++i] switch { 'n' => '\n', 't' => '\t', 'r' => '\r', var c => c });
            }

            return result.ToString();
        }
    }
}
