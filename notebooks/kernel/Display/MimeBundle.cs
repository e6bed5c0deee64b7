using System.Collections.Immutable;
using System.Text;
using System.Text.Json;

namespace Aim.Kernel.Display;

/// <summary>One value in several forms; a front end draws the richest one that it can.</summary>
/// <param name="Forms">MIME type to content. Content of <c>application/*json</c> types is JSON, of pictures base64.</param>
public sealed record MimeBundle(ImmutableSortedDictionary<string, string> Forms)
{
    public const string Plain = "text/plain";
    public const string Html = "text/html";
    public const string Markdown = "text/markdown";
    public const string JavaScript = "application/javascript";
    public const string Png = "image/png";
    public const string Svg = "image/svg+xml";

    /// <summary>A bundle of one form.</summary>
    public static MimeBundle Of(string type, string content) =>
        new(ImmutableSortedDictionary<string, string>.Empty.Add(type, content));

    /// <summary>The same with a further form, or another content for one that it has.</summary>
    public MimeBundle With(string type, string content) => new(Forms.SetItem(type, content));

    /// <summary>Bytes that its contents take as UTF-8.</summary>
    internal long Size => Forms.Sum(f => (long)Encoding.UTF8.GetByteCount(f.Value));

    internal void Write(Utf8JsonWriter json, string name)
    {
        json.WriteStartObject(name);
        foreach (var (type, content) in Forms)
        {
            if (type.StartsWith("application/", StringComparison.Ordinal) && type.EndsWith("json", StringComparison.Ordinal))
            {
                json.WritePropertyName(type);
                json.WriteRawValue(content);
            }
            else
            {
                json.WriteString(type, content);
            }
        }

        json.WriteEndObject();
    }
}

/// <summary>What draws itself in a notebook.</summary>
public interface IDisplayed
{
    /// <summary>Its forms.</summary>
    MimeBundle ToMimeBundle();
}

/// <summary>Content of one MIME type, shown as it is.</summary>
/// <param name="Type">The MIME type.</param>
/// <param name="Text">The content; base64 for pictures.</param>
public sealed record Content(string Type, string Text) : IDisplayed
{
    public MimeBundle ToMimeBundle() => MimeBundle.Of(Type, Text);
}
