using System.Text.Json;
using System.Text.Json.Serialization;
using Aim.Reports.Html;
using Aim.Reports.Records;

namespace Aim.Reports.Sections.Exhibits;

/// <summary>
/// The samples one by one: frames, question, answers of each setting. Which token each patch went into, and how deep it lived, is
/// drawn on the frames by the page's script from the data beside them.
/// </summary>
internal static class GalleryExhibit
{
    private static readonly JsonSerializerOptions Compact =
        new() { DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull };

    public static Markup Render(string id, GalleryRecord gallery)
    {
        var settings = gallery.Settings.Where(s => HasProvenance(gallery, s)).Select(s => Option(s.Id, s.Name));
        var layers = Enumerable.Range(0,
            gallery.Layers).Select(l => Format.Count(l)).Select(l => Option(l, $"as layer {l} sees it"));
        var kinds = gallery.Samples.Select(s => s.Kind).Distinct().Select(k => Option("kind:" + k, $"of kind {k}"));
        return Markup.Of($"""
            <div class="gallery" id="{id}_gallery">
            <div class="tools" hidden>
            <label>Drawn on the frames <select class="setting">{Markup.Join(settings)}</select></label>
            <label class="check"><input type="checkbox" class="groups" checked> Merged groups</label>
            <label>Pruning <select class="depth">{Option("none", "not shown")}{Option("all", "shaded by depth")}{Markup.Join(layers)}</select></label>
            <label>Samples <select class="which">{Option("all", "all")}
            {Option("differ", "where the settings differ in being right")}
            {Option("lost", "that the first setting alone has right")}
            {Markup.Join(kinds)}</select></label>
            <span class="count" role="status"></span>
            </div>
            <p class="note">Chosen: {gallery.Choice}. These are drawings made for the purpose, not photographs.</p>
            {Markup.Join(gallery.Samples.Select((s, i) => Sample(id, gallery, s, i)))}
            </div>
            """);
    }

    private static bool HasProvenance(GalleryRecord gallery, GallerySettingRecord setting) =>
        gallery.Samples.SelectMany(s => s.Answers).Any(a => a.Setting == setting.Id && a.Provenance.Count > 0);

    private static Markup Option(string value, string text) => Markup.Of($"<option value=\"{value}\">{text}</option>");

    private static Markup Sample(string id, GalleryRecord gallery, GallerySampleRecord sample, int index)
    {
        var right = gallery.Settings.Select(s => sample.Answers.FirstOrDefault(a => a.Setting == s.Id)?.Correct)
            .Select(r => r switch { true => '1', false => '0', _ => '-' });
        var open = index == 0 ? new Markup(" open") : Markup.None;
        return Markup.Of($"""
            <details class="sample" data-kind="{sample.Kind}" data-right="{string.Concat(right)}"{open}>
            <summary>
            <span class="kind">{sample.Kind}</span> <span class="question">{sample.Question}</span>
            <span class="marks">{Marks(gallery, sample)}</span>
            </summary>
            <ul class="frames">{Markup.Join(sample.Frames.Select(Frame))}</ul>
            <p class="patch" aria-live="off">Point at a patch to see its token.</p>
            <p class="expected">Right answer: <strong>{sample.Expected}</strong> <small>{sample.Id}</small></p>
            {Answers($"{id}_sample-{Format.Count(index)}", gallery, sample)}
            <script type="application/json" class="provenance">{new Markup(Data(sample))}</script>
            </details>
            """);
    }

    // right or wrong by setting; the unreduced model's comes first
    private static Markup Marks(GalleryRecord gallery, GallerySampleRecord sample) => Markup.Join(gallery.Settings.Select(s =>
    {
        if (sample.Answers.FirstOrDefault(a => a.Setting == s.Id) is not { } answer)
            return Markup.None;
        var (style, sign, word) = answer.Correct ? ("yes", "✓", "right") : ("no", "✕", "wrong");
        return Markup.Of($"""
            <span class="{style}" title="{s.Name}"><span aria-hidden="true">{sign}</span><span class="unseen">{s.Name}: {word}. </span></span>
            """);
    }));

    private static Markup Frame(GalleryFrameRecord frame)
    {
        var text = frame.Description is { } d ? $"{frame.Name}: {d}" : frame.Name;
        return Markup.Of($"""
            <li><div class="frame"><img alt="{text}" src="data:image/png;base64,{Convert.ToBase64String(frame.Png)}"></div><small>{frame.Name}</small></li>
            """);
    }

    private static Markup Answers(string id, GalleryRecord gallery, GallerySampleRecord sample) => Block.Table(
        id,
        "Answers, and visual tokens that enter the layers",
        [
            Block.Head("Setting"), Block.TextHead("Answer"), Block.Head("Right"),
            Block.Head("First layer"), Block.Head("Layer mean"), Block.Head("Last layer"),
        ],
        [Block.Body(gallery.Settings.Select(s => Answer(s, sample)))]);

    private static Markup Answer(GallerySettingRecord setting, GallerySampleRecord sample) =>
        sample.Answers.FirstOrDefault(a => a.Setting == setting.Id) is not { } answer ? Markup.None : Block.Row(
            setting.Name,
            [
                Markup.Of($"<td class=\"text\">{answer.Answer}</td>"),
                TableExhibit.Cell(ValueRecord.Of(answer.Correct ? 1 : 0), Unit.YesNo),
                Block.Number(Format.Count(answer.VisualTokens[0]), (double)answer.VisualTokens[0]),
                Block.Number(Format.Number(answer.VisualTokens.Average(), 1), answer.VisualTokens.Average()),
                Block.Number(Format.Count(answer.VisualTokens[^1]), (double)answer.VisualTokens[^1]),
            ]);

    // what the script draws: by setting, the tokens of each layer and for each frame rows, columns, groups, last layers
    private static string Data(GallerySampleRecord sample) => JsonSerializer.Serialize(
        sample.Answers.Where(a => a.Provenance.Count > 0).ToDictionary(
            a => a.Setting,
            a => new
            {
                tokens = a.VisualTokens,
                frames = a.Provenance.Select(p =>
                    new { rows = p.Rows, columns = p.Columns, groups = p.Groups, last = p.LastLayers }),
            }),
        Compact);
}
