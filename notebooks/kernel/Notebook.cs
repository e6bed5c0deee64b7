using Aim.Kernel.Display;

namespace Aim.Kernel;

/// <summary>What every cell can call by its bare name.</summary>
public static class Notebook
{
    private static long _displays;

    /// <summary>Is cancelled when the running cell is interrupted: give it to what takes long.</summary>
    public static CancellationToken Interrupted => Host.Interrupted;

    /// <summary>Where cells show things; set once, by the host that runs them.</summary>
    internal static INotebookHost Host { get; set; } = new NoHost();

#pragma warning disable IDE1006 // C# notebooks know these names so.
    /// <summary>Shows a value below the cell.</summary>
    /// <param name="value">What is shown: tables for collections and records, pictures, HTML, text for the rest.</param>
    /// <returns>The place, to show something else in it later: progress.</returns>
    public static Displayed display(object? value)
    {
        string id = $"aim-{Environment.ProcessId}-{Interlocked.Increment(ref _displays)}";
        Host.Show(value, id, update: false);
        return new Displayed(id);
    }

    /// <summary>Shows content of a MIME type that a front end knows.</summary>
    /// <param name="content">Text; base64 for pictures.</param>
    /// <param name="mimeType">As <c>image/svg+xml</c> or <c>text/latex</c>.</param>
    public static Displayed display(string content, string mimeType) => display(new Content(mimeType, content));
#pragma warning restore IDE1006

    /// <summary>HTML to display.</summary>
    public static Content HTML(string content) => new(MimeBundle.Html, content);

    /// <summary>JavaScript to run in the page; <c>element</c> is the output's place there.</summary>
    public static Content Javascript(string content) => new(MimeBundle.JavaScript, content);

    /// <summary>Markdown to display.</summary>
    public static Content Markdown(string content) => new(MimeBundle.Markdown, content);

    /// <summary>A drawing to display.</summary>
    public static Content SVG(string content) => new(MimeBundle.Svg, content);

    /// <summary>A picture to display.</summary>
    /// <param name="bytes">A PNG file's bytes.</param>
    /// <exception cref="ArgumentException">They are not.</exception>
    public static Content PNG(byte[] bytes)
    {
        ArgumentNullException.ThrowIfNull(bytes);
        return bytes.AsSpan().StartsWith((byte[])[0x89, 0x50, 0x4E, 0x47])
            ? new Content(MimeBundle.Png, Convert.ToBase64String(bytes))
            : throw new ArgumentException("these bytes are no PNG file: it would begin with 89 50 4E 47", nameof(bytes));
    }

    /// <summary>A picture to display.</summary>
    /// <param name="path">A PNG file.</param>
    /// <exception cref="IOException">It cannot be read.</exception>
    /// <exception cref="ArgumentException">It is none.</exception>
    public static Content PNG(string path) => PNG(File.ReadAllBytes(path));

    /// <summary>A figure to display: scatter, bar and heat-map traces.</summary>
    /// <param name="data">Traces, as <c>new[] { new { type = "scatter", x, y } }</c>.</param>
    /// <param name="layout">As <c>new { title = new { text = "Accuracy" } }</c>.</param>
    public static PlotlyFigure Plotly(object data, object? layout = null) => new(data, layout);

    /// <summary>Removes what the cell has shown.</summary>
    /// <param name="wait">Only when it shows something new, so that nothing flickers.</param>
    public static void ClearOutput(bool wait = false) => Host.Clear(wait);

    private sealed class NoHost : INotebookHost
    {
        public CancellationToken Interrupted => default;

        public void Show(object? value, string id, bool update) => throw Error();

        public void Clear(bool wait) => throw Error();

        private static InvalidOperationException Error() => new("nothing can be displayed: no notebook's kernel runs this code");
    }
}

/// <summary>Something shown, whose place can be used again.</summary>
/// <param name="Id">Its identity in the notebook.</param>
public sealed record Displayed(string Id)
{
    /// <summary>Shows <paramref name="value"/> in the place of what was shown before.</summary>
    public void Update(object? value) => Notebook.Host.Show(value, Id, update: true);
}

/// <summary>Where <see cref="Notebook"/> shows things.</summary>
internal interface INotebookHost
{
    CancellationToken Interrupted { get; }

    void Show(object? value, string id, bool update);

    void Clear(bool wait);
}
