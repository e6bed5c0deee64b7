using System.Text.Json;
using Aim.Models;

namespace Aim.Parity;

/// <summary>LLaVA-OneVision on text or one video: tower, projector, packing, every decoder layer, greedy answers.</summary>
internal sealed class OnevisionCase(string name, CaseFile file, string checkpoint)
    : ParityCase(ModelCase.KindName, name, file.Path)
{
    // Only the first frames' states of the tower are stored.
    private const int StoredFrames = 2;

    protected override void Compare(Comparison c)
    {
        using var fixture = file;
        using var model = ModelCase.Load(checkpoint);
        var prompt = new Prompt(file, model.Config.VideoTokenId);
        var expected = new ModelExpectation(file, c, prompt.Start);
        Tokens(c, model, prompt);
        Tensor? visual = null;
        if (file.Inputs.Has("pixel_values_videos"))
        {
            Pixels(c, model);
            visual = Vision(expected, model, file.Tensor("pixel_values_videos"));
        }

        var rows = new List<Tensor>();
        var layouts = new List<PromptLayout>();
        foreach (int[] ids in prompt.Ids)
        {
            var (embeds, layout) = model.Pack(ids, ids.Contains(model.Config.VideoTokenId) ? visual : null);
            rows.Add(embeds);
            layouts.Add(layout);
        }

        var batch = LanguageModel.PadLeft(rows);
        expected.Check("inputs_embeds", () => batch, 1);
        c.Exact(
            "visual slots", layouts.SelectMany(l => l.IsVisual).Select(v => v ? 1 : 0),
            prompt.Stored.SelectMany(row => row).Select(id => id == model.Config.VideoTokenId ? 1 : 0));
        new DecoderTrace(model.Language, batch, layouts, prompt.Start).Check(c, expected, file);
        Texts(c, model);
        expected.LeaveOutTheRest();
    }

    // From the frames' files, where they lie beside; the tower gets what is stored.
    private void Pixels(Comparison c, LlavaOnevision model)
    {
        string[] paths = CaseFrames.Paths(file);
        if (paths.Length == 0 || !paths.All(Path.Exists))
        {
            c.LeaveOut("pixel_values_videos (no frames beside)");
            return;
        }

        var pixels = CaseFrames.PixelValues(paths, model.VideoProcessor);
        c.Close("pixel_values_videos", pixels.Values(), file.Floats("pixel_values_videos"), default);
    }

    private static Tensor Vision(ModelExpectation expected, LlavaOnevision model, Tensor video)
    {
        if (video.shape is not [1, _, _, _, _])
            throw new BadFixtureException("pixel_values_videos must hold one video");
        var pixels = video.squeeze(0);
        expected.Check("vision.embeddings", () => First(model.Tower.Embed(pixels)));
        for (int i = 0; i < model.Config.Vision.NumHiddenLayers; i++)
        {
            int layers = i + 1;
            expected.Check($"vision.layer.{i}", () => First(model.Tower.Forward(pixels, layers)));
        }

        var features = model.VisionFeatures(pixels);
        expected.Check("vision.selected", () => First(features));
        expected.Check("projector", () => model.Projector.Forward(features));
        var visual = model.VideoFeatures(pixels).reshape(-1, model.Config.Text.HiddenSize);
        expected.Check("visual_features", () => cat([visual, model.ImageNewline.unsqueeze(0)], 0));
        return visual;
    }

    private static Tensor First(Tensor frames) => frames.narrow(0, 0, Math.Min(StoredFrames, frames.shape[0]));

    // The prompt's text must give the ids, where the checkpoint has a tokenizer.
    private void Tokens(Comparison c, LlavaOnevision model, Prompt prompt)
    {
        if (!Path.Exists(Path.Combine(checkpoint, "tokenizer.json")) || !file.Root.TryField("prompt", out var text))
            return;
        string[] texts = text.ValueKind == JsonValueKind.Array
            ? [.. text.EnumerateArray().Select(t => t.GetString() ?? "")]
            : [text.GetString() ?? ""];
        c.Exact("prompt ids", texts.SelectMany(model.Tokenizer.Encode), prompt.Ids.SelectMany(row => row));
    }

    // What the recorded ids spell; that ours are the same is compared by itself.
    private void Texts(Comparison c, LlavaOnevision model)
    {
        if (!file.Expected.TryField("generated_text", out var texts) || !Path.Exists(Path.Combine(checkpoint, "tokenizer.json")))
            return;
        long[] ids = file.Integers("generated_ids");
        int steps = ids.Length / texts.GetArrayLength();
        for (int b = 0; b < texts.GetArrayLength(); b++)
        {
            string spelled = model.Tokenizer.Decode(ids.Skip(b * steps).Take(steps).Select(i => (int)i));
            c.Same("generated_text", spelled, texts[b].GetString() ?? "");
        }
    }

    /// <summary>
    /// The case's ids: as they are stored, and with each run of placeholders (one per visual token) taken back to one.
    /// </summary>
    private sealed class Prompt
    {
        public Prompt(CaseFile file, int placeholder)
        {
            long[] ids = file.Integers("input_ids"), mask = file.Integers("attention_mask"), shape = file.Shape("input_ids");
            if (shape is not [var batch, var n] || mask.Length != ids.Length)
                throw new BadFixtureException("input_ids and attention_mask must both be [batch, n]");
            Limits.Check("the number of input_ids", ids.Length, Limits.Tokens);
            var start = new int[batch];
            for (int b = 0; b < batch; b++)
            {
                var row = mask.AsSpan((int)(b * n), (int)n);
                start[b] = Math.Max(row.IndexOf(1), 0);
                Stored.Add([.. ids.AsSpan((int)(b * n), (int)n)[start[b]..].ToArray().Select(i => checked((int)i))]);
                int[] stored = Stored[^1];
                Ids.Add([.. stored.Where((id, i) => id != placeholder || i == 0 || stored[i - 1] != placeholder)]);
            }

            Start = start;
        }

        /// <summary>First real column of each row.</summary>
        public int[] Start { get; }

        public List<int[]> Stored { get; } = [];

        public List<int[]> Ids { get; } = [];
    }
}
