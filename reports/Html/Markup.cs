using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;

namespace Aim.Reports.Html;

/// <summary>
/// A piece of HTML. It is made from interpolated strings whose literal parts are markup and whose holes are escaped, so that a
/// forgotten escape is not possible: <c>Markup.Of($"&lt;td&gt;{text}&lt;/td&gt;")</c>.
/// </summary>
internal readonly record struct Markup(string Text)
{
    public static readonly Markup None = new("");

    public static Markup Of(MarkupHandler handler) => handler.ToMarkup();

    /// <summary>The parts one after the other, each on its own line.</summary>
    public static Markup Join(IEnumerable<Markup> parts) =>
        new(string.Join("\n", parts.Select(p => p.Text).Where(t => t.Length > 0)));

    public override string ToString() => Text;
}

/// <summary>
/// Appends literals as they are, strings escaped and <see cref="Markup"/> unchanged. It takes no other types: numbers go through
/// <see cref="Format"/>, which knows their unit and the invariant culture.
/// </summary>
[InterpolatedStringHandler]
internal readonly ref struct MarkupHandler(int literalLength, int formattedCount)
{
    private readonly StringBuilder builder = new(literalLength + 16 * formattedCount);

    public void AppendLiteral(string markup) => builder.Append(markup);

    public void AppendFormatted(string? text)
    {
        foreach (var c in text ?? "")
        {
            _ = c switch
            {
                '<' => builder.Append("&lt;"),
                '>' => builder.Append("&gt;"),
                '&' => builder.Append("&amp;"),
                '"' => builder.Append("&quot;"),
                '\'' => builder.Append("&#39;"),
                _ => builder.Append(c),
            };
        }
    }

    public void AppendFormatted(Markup markup) => builder.Append(markup.Text);

    public void AppendFormatted(int number) => builder.Append(number.ToString(CultureInfo.InvariantCulture));

    public Markup ToMarkup() => new(builder.ToString());
}
