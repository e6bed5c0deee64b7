namespace Aim.Models;

/// <summary>
/// The part of Jinja in which chat templates are written, sandboxed: text, output, comments, <c>for</c>, <c>if</c>, <c>set</c>,
/// <c>generation</c> (which marks answers and prints nothing), and expressions over what JSON can hold. Rendering follows
/// Hugging Face's environment; what this does not have is an error that names it. Time and memory are bounded whatever the
/// template.
/// </summary>
internal sealed class JinjaTemplate
{
    /// <summary>The most characters of a template.</summary>
    public const int MaxLength = 1 << 20;

    private readonly JinjaStatement[] _body;

    private JinjaTemplate(JinjaStatement[] body) => _body = body;

    /// <exception cref="JinjaException">The template is broken, or uses what is not supported.</exception>
    public static JinjaTemplate Parse(string source)
    {
        if (source.Length > MaxLength)
            throw new JinjaException($"the template has {source.Length} characters, more than {MaxLength}");
        return new JinjaTemplate(new JinjaParser(JinjaLexer.Tokens(source)).Template());
    }

    /// <summary>The text that the template gives.</summary>
    /// <param name="variables">
    /// Strings, bools, longs, doubles, nulls, <c>List&lt;object?&gt;</c> and <c>Dictionary&lt;string, object?&gt;</c> of them.
    /// </param>
    /// <exception cref="JinjaException">The template refuses the variables, fails on them, or takes too much.</exception>
    public string Render(IReadOnlyDictionary<string, object?> variables)
    {
        var run = new JinjaRun(variables);
        JinjaStatement.RunAll(_body, run);
        return run.Output;
    }
}
