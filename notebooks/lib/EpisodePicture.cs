using System.Text;
using Aim.Datasets;
using Aim.Kernel.Display;

namespace Aim.Notebook;

/// <summary>An episode with its pictures: the demonstrations, each with its text, and the question.</summary>
internal static class EpisodePicture
{
    private const int Most = 16, Side = LabWorld.Canvas;

    /// <summary>As text and as HTML.</summary>
    public static MimeBundle Shown(LabEpisode episode)
    {
        var html = new StringBuilder("<div style=\"display:flex;flex-wrap:wrap;gap:10px\">");
        foreach (var shot in episode.Shots.Take(Most))
            html.Append(Drawn(shot, shot.Instruction + shot.Answer, "#8884"));
        html.Append(Drawn(episode.Query, $"{episode.Query.Instruction} ?", "currentColor")).Append("</div>");
        html.Append($"<p><small>{episode.Task} {episode.Index}: {episode.Shots.Count} demonstrations");
        if (episode.Shots.Count > Most)
            html.Append($", the first {Most} of them shown");
        html.Append($"; right: {Markup.Text(episode.Query.Answer.Trim())}</small></p>");
        string text = string.Join("; ", episode.Shots.Select(s => $"[{s.Words.Trim()}]{s.Instruction}{s.Answer}"));
        return MimeBundle.Of(MimeBundle.Plain, $"{text}; [{episode.Query.Words.Trim()}]"
                + $"{episode.Query.Instruction} ? ({episode.Query.Answer.Trim()})")
            .With(MimeBundle.Html, html.ToString());
    }

    private static string Drawn(LabShot shot, string text, string border)
    {
        string png = Convert.ToBase64String(PngFile.Encode(Side, Side, shot.Pixels()));
        return $"<div style=\"max-width:{Side + 16}px;padding:4px;border:1px solid {border};border-radius:4px\">"
            + $"<img src=\"data:image/png;base64,{png}\" width=\"{Side}\" height=\"{Side}\" "
            + $"alt=\"{Markup.Text(shot.Words.Trim())}\" "
            + $"style=\"display:block;border-radius:3px\"><small>{Markup.Text(text.Trim())}</small></div>";
    }
}
