using System.Net;
using System.Text.Json;
using Aim.Datasets;
using Aim.Kernel.Display;
using Aim.Reports.Plotly;

namespace Aim.Notebook;

/// <summary>How a notebook shows what this program's libraries give: figures drawn, questions with their frames.</summary>
public static class NotebookForms
{
    /// <summary>Tells the kernel.</summary>
    public static void Register()
    {
        Formatter.Register<Figure>(Drawn);
        Formatter.Register<LabSample>(LabPicture.Shown);
        Formatter.Register<LabEpisode>(EpisodePicture.Shown);
    }

    // As the MIME type of Plotly's figures and as HTML, by the kernel's own form.
    private static MimeBundle Drawn(Figure figure)
    {
        using var json = JsonDocument.Parse(figure.ToStandaloneJson());
        return new PlotlyFigure(json.RootElement.GetProperty("data"), json.RootElement.GetProperty("layout")).ToMimeBundle();
    }
}

/// <summary>Text within HTML.</summary>
internal static class Markup
{
    /// <summary>Escaped.</summary>
    public static string Text(string text) => WebUtility.HtmlEncode(text);
}
