using System.Text.Json;
using Aim.Models;

namespace Aim.Parity;

/// <summary>
/// A LLaVA model on text, pictures or one video: tower, projector, packing, every decoder layer, greedy answers.
/// </summary>
internal sealed class MultimodalCase(string name, CaseFile file, string checkpoint)
    : ParityCase(ModelCase.KindName, name, file.Path)
{
    // Only the first frames' states of the tower are stored.
    private const int StoredFrames = 2;

    protected override void Compare(Comparison c)
    {
        using var fixture = file;
        using var model = ModelCase.Load(checkpoint);
        var prompt = new ModelPrompt(file);
        var expected = new ModelExpectation(file, c, prompt.Start);
        bool video = file.Inputs.Has("pixel_values_videos");
        var onevision = model as LlavaOnevision;
        if (video && onevision is null)
            throw new BadFixtureException($"a {model.Config.ModelType} model takes no videos, but pixel_values_videos are there");
        int placeholder = video ? onevision!.Config.VideoTokenId : model.Config.ImageTokenId;
        var visual = video ? [Video(c, expected, onevision!)] : Pictures(c, expected, model);
        expected.Check("visual_features", () => cat(visual.ToArray(), 0));
        var ids = prompt.Collapse(placeholder, [.. visual.Select(v => (int)v.shape[0])]);
        var tokenizer = Tokenizer();
        if (tokenizer is not null)
            Tokens(c, tokenizer, ids);

        var rows = new List<Tensor>();
        var layouts = new List<PromptLayout>();
        int next = 0;
        foreach (int[] row in ids)
        {
            int count = row.Count(id => id == placeholder);
            var own = visual.GetRange(next, count);
            next += count;

            // Packing a video adds its newline.
            var (embeds, layout) = !video ? model.PackPictures(row, own)
                : onevision!.Pack(row, count == 0 ? null : own.Single().narrow(0, 0, own[0].shape[0] - 1));
            rows.Add(embeds);
            layouts.Add(layout);
        }

        var batch = LanguageModel.PadLeft(rows);
        expected.Check("inputs_embeds", () => batch, 1);
        c.Exact(
            "visual slots", layouts.SelectMany(l => l.IsVisual).Select(v => v ? 1 : 0),
            prompt.Stored.SelectMany(row => row).Select(id => id == placeholder ? 1 : 0));
        new DecoderTrace(model.Language, batch, layouts, prompt.Start).Check(c, expected, file);
        if (tokenizer is not null)
            Texts(c, tokenizer);
        expected.LeaveOutTheRest();
    }

    private List<Tensor> Pictures(Comparison c, ModelExpectation expected, MultimodalModel model)
    {
        var pictures = new CasePictures(file, model.Config);
        if (pictures.Layouts.Count == 0)
            return [];
        pictures.Compare(c, model);
        var tiles = pictures.Tiles();
        var projected = model.Project(Vision(expected, model, tiles));
        expected.Check("projector", () => projected);
        return [.. model.PictureTokens(pictures.Distinct(projected), pictures.Layouts)];
    }

    // From the frames' files, where they lie beside; the tower gets what is stored.
    private Tensor Video(Comparison c, ModelExpectation expected, LlavaOnevision model)
    {
        string[] paths = CaseFrames.Paths(file);
        if (paths.Length == 0 || !paths.All(Path.Exists))
            c.LeaveOut("pixel_values_videos (no frames beside)");
        else
        {
            var pixels = CaseFrames.PixelValues(paths, model.VideoProcessor);
            c.Close("pixel_values_videos", pixels.Values(), file.Floats("pixel_values_videos"), default);
        }

        var video = file.Tensor("pixel_values_videos");
        if (video.shape is not [1, _, _, _, _])
            throw new BadFixtureException("pixel_values_videos must hold one video");
        var features = Vision(expected, model, video.squeeze(0));
        expected.Check("projector", () => model.Project(features));
        var visual = model.ProjectAndPool(features).reshape(-1, model.Config.Text.HiddenSize);
        return cat([visual, model.ImageNewline.unsqueeze(0)], 0);
    }

    // What the tower gives, with all that is stored of its way there.
    private static Tensor Vision(ModelExpectation expected, MultimodalModel model, Tensor pixels)
    {
        expected.Check("vision.embeddings", () => First(model.Tower.Embed(pixels)));
        for (int i = 0; i < model.Config.Vision.NumHiddenLayers; i++)
        {
            int layers = i + 1;
            expected.Check($"vision.layer.{i}", () => First(model.Tower.Forward(pixels, layers)));
        }

        var features = model.VisionFeatures(pixels);
        expected.Check("vision.selected", () => First(features));
        return features;
    }

    private static Tensor First(Tensor frames) => frames.narrow(0, 0, Math.Min(StoredFrames, frames.shape[0]));

    // The checkpoint's tokenizer; null where there is none.
    private BpeTokenizer? Tokenizer()
    {
        string path = Path.Combine(checkpoint, "tokenizer.json");
        return Path.Exists(path) ? new TokenizerPipeline(path).Tokenizer : null;
    }

    // The prompt's text must give the ids.
    private void Tokens(Comparison c, BpeTokenizer tokenizer, List<int[]> ids)
    {
        if (!file.Root.TryField("prompt", out var text))
            return;
        string[] texts = text.ValueKind == JsonValueKind.Array
            ? [.. text.EnumerateArray().Select(t => t.GetString() ?? "")]
            : [text.GetString() ?? ""];
        c.Exact("prompt ids", texts.SelectMany(t => tokenizer.Encode(t, addSpecialTokens: true)), ids.SelectMany(row => row));
    }

    // What the recorded ids spell; that ours are the same is compared by itself.
    private void Texts(Comparison c, BpeTokenizer tokenizer)
    {
        if (!file.Expected.TryField("generated_text", out var texts))
            return;
        long[] ids = file.Integers("generated_ids");
        int steps = ids.Length / texts.GetArrayLength();
        for (int b = 0; b < texts.GetArrayLength(); b++)
        {
            string spelled = tokenizer.Decode(ids.Skip(b * steps).Take(steps).Select(i => (int)i), skipSpecial: false);
            c.Same("generated_text", spelled, texts[b].GetString() ?? "");
        }
    }
}
