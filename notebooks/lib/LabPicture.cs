using System.Globalization;
using System.Text;
using Aim.Datasets;
using Aim.Kernel.Display;
using Aim.Reduction;

namespace Aim.Notebook;

/// <summary>A clip's frames with the tokens that a model made of them drawn on top, in one HTML that needs no script.</summary>
/// <remarks>
/// Drawn with the hues and borders of the report's gallery (<c>reports/assets/gallery.js</c>); shades run from the first layer
/// that tokens leave behind to the last, so that a picture that nobody can point at tells them apart.
/// </remarks>
public sealed class LabPicture : IDisplayed
{
    private const int MostFrames = 8, Side = LabWorld.Canvas;

    private readonly LabAnswer _answer;
    private readonly int? _layer;
    private readonly int[] _frames;

    // Patches of each token, and the layers before the last at which tokens end.
    private readonly Dictionary<int, int> _sizes;
    private readonly int[] _gone;

    internal LabPicture(LabAnswer answer, int? layer, int[] frames)
    {
        if (layer is { } l && (l < 0 || l >= answer.Trace.Layers))
            throw new ArgumentOutOfRangeException(
                nameof(layer), $"layer {l}: the model has layers 0 to {answer.Trace.Layers - 1}");
        int all = answer.Trace.Grid.Frames;
        if (frames.Any(f => f < 0 || f >= all))
            throw new ArgumentOutOfRangeException(nameof(frames), $"the clip's frames are 0 to {all - 1}");
        (_answer, _layer) = (answer, layer);
        _frames = frames.Length > 0 ? frames : [.. Enumerable.Range(0, Math.Min(MostFrames, all))];
        _sizes = answer.Trace.Groups.SelectMany(f => f).CountBy(g => g).ToDictionary();
        _gone = [.. answer.Trace.Last.Where(last => last < answer.Trace.Layers - 1).Distinct().Order()];
    }

    /// <inheritdoc/>
    public MimeBundle ToMimeBundle() => MimeBundle.Of(MimeBundle.Plain, _answer.ToString()).With(MimeBundle.Html, Html());

    /// <summary>One frame as a drawing of its own, SVG.</summary>
    /// <param name="frame">Its place among the frames that the model saw.</param>
    public string Svg(int frame)
    {
        var trace = _answer.Trace;
        var (rows, columns) = (trace.Grid.Rows, trace.Grid.Columns);
        byte[] png = PngFile.Encode(Side, Side, _answer.Sample.Clip.Frames(_answer.Sample.FrameIndices[frame]));
        var svg = new StringBuilder($"""
            <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {columns} {rows}" width="176" height="176"
            style="display:block;border-radius:3px">
            <image href="data:image/png;base64,{Convert.ToBase64String(png)}" width="{columns}" height="{rows}"
            preserveAspectRatio="none" style="image-rendering:pixelated"/>
            """);
        for (int i = 0; i < rows * columns; i++)
        {
            int group = trace.Groups[frame][i];
            string place = $"""<rect x="{i % columns}" y="{i / columns}" width="1" height="1" """;
            if (group >= 0 && _sizes[group] > 1)
                svg.Append(CultureInfo.InvariantCulture, $"{place}fill=\"{Hue(group)}\" fill-opacity=\"0.3\"/>");
            if (Darkness(group < 0 ? -1 : trace.Last[group]) is > 0 and var dark)
                svg.Append(CultureInfo.InvariantCulture, $"{place}fill=\"#000\" fill-opacity=\"{dark:0.00}\"/>");
        }

        string path = Borders(trace.Groups[frame], rows, columns);
        return svg.Append($"""<path d="{path}" fill="none" stroke="#fff" stroke-opacity="0.8" stroke-width="0.07"/>""")
            .Append($"""<path d="{path}" fill="none" stroke="#000" stroke-opacity="0.75" stroke-width="0.03"/></svg>""")
            .ToString();
    }

    /// <summary>A question with its frames.</summary>
    internal static MimeBundle Shown(LabSample sample)
    {
        var html = new StringBuilder($"<p><b>{Markup.Text(sample.Question)}</b> ");
        html.Append($"<small>({Markup.Text(sample.Kind)}; right: {Markup.Text(sample.Answer)})</small></p>");
        html.Append(Rows(sample.FrameIndices.Take(2 * MostFrames).Select(f =>
            ($"<img src=\"data:image/png;base64,{Convert.ToBase64String(PngFile.Encode(Side, Side, sample.Clip.Frames(f)))}\" "
                + $"width=\"{Side + 16}\" height=\"{Side + 16}\" alt=\"frame {f} of the clip\" "
                + "style=\"display:block;border-radius:3px\">", $"frame {f}"))));
        if (sample.FrameIndices.Length > 2 * MostFrames)
            html.Append($"<p><small>the first {2 * MostFrames} of {sample.FrameIndices.Length} frames</small></p>");
        return MimeBundle.Of(MimeBundle.Plain, $"{sample.Question} ({sample.Kind}; right: {sample.Answer})")
            .With(MimeBundle.Html, html.ToString());
    }

    private string Html()
    {
        var sample = _answer.Sample;
        string mark = _answer.Right switch { true => " ✓", false => $" ✕ (right: {sample.Answer})", _ => "" };
        string tokens = _layer is { } l
            ? $"{_answer.VisualByLayer[l]} visual tokens enter layer {l}"
            : $"{_answer.VisualByLayer[0]} visual tokens enter the first layer, {_answer.VisualByLayer[^1]} the last";
        string gflops = (_answer.Flops / 1e9).ToString("0.000", CultureInfo.InvariantCulture);
        string key = string.Join(' ', Key());
        return $"""
            <div><p style="margin:0 0 .4em"><b>{Markup.Text(sample.Question)}</b> → <b>{Markup.Text(_answer.Answer)}</b>{Markup.Text(mark)}<br>
            <small>{Markup.Text(_answer.Method)}: {tokens}; {gflops} GFLOPs</small></p>
            {Rows(_frames.Select(f => (Svg(f), $"frame {sample.FrameIndices[f]}")))}
            <p style="margin:.2em 0 0"><small>{key}</small></p></div>
            """;
    }

    private static string Rows(IEnumerable<(string Picture, string Name)> pictures) =>
        "<div style=\"display:flex;flex-wrap:wrap;gap:8px\">"
        + $"{string.Concat(pictures.Select(p => $"<div>{p.Picture}<small>{p.Name}</small></div>"))}</div>";

    // What a reader must know of this picture.
    private IEnumerable<string> Key()
    {
        yield return _sizes.Any(s => s.Key >= 0 && s.Value > 1)
            ? "Patches of one colour without a border between them are one merged token." : "Every patch is a token of its own.";
        if (_sizes.ContainsKey(-1))
            yield return "Darkest: dropped before the decoder.";
        if (_layer is { } layer && _gone.Any(last => last < layer))
            yield return $"Dark: gone before layer {layer}.";
        else if (_layer is null && _gone.Length > 0)
        {
            yield return $"Dark: pruned, the darker the earlier; tokens' last layers are {string.Join(", ", _gone)} "
                + $"of 0 to {_answer.Trace.Layers - 1}.";
        }

        if (_frames.Length < _answer.Trace.Grid.Frames)
            yield return $"{_frames.Length} of {_answer.Trace.Grid.Frames} frames.";
    }

    // From the first layers that tokens leave behind to the last.
    private double Darkness(int last)
    {
        if (last < 0)
            return 0.85;
        if (_layer is { } layer)
            return last >= layer ? 0 : 0.75;
        int place = Array.IndexOf(_gone, last);
        return place < 0 ? 0 : 0.75 - (0.6 * place / Math.Max(1, _gone.Length - 1));
    }

    // Neighbouring numbers get hues far apart.
    private static string Hue(int group) =>
        string.Create(CultureInfo.InvariantCulture, $"hsl({Math.Round(group * 137.508) % 360} 75% 50%)");

    private static string Borders(IReadOnlyList<int> groups, int rows, int columns)
    {
        var path = new StringBuilder();
        for (int r = 0; r < rows; r++)
        {
            for (int c = 0; c < columns; c++)
            {
                int here = groups[(r * columns) + c];
                if (c + 1 < columns && here != groups[(r * columns) + c + 1])
                    path.Append(CultureInfo.InvariantCulture, $"M{c + 1} {r}v1");
                if (r + 1 < rows && here != groups[((r + 1) * columns) + c])
                    path.Append(CultureInfo.InvariantCulture, $"M{c} {r + 1}h1");
            }
        }

        return path.ToString();
    }
}
