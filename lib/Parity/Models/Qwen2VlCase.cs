using Aim.Models;

namespace Aim.Parity;

/// <summary>
/// A Qwen2-VL model on text, pictures or videos: processor, vision transformer block by block, merger, packing, positions on
/// three
/// axes, every decoder layer, greedy answers.
/// </summary>
internal sealed class Qwen2VlCase(string name, CaseFile file, string checkpoint)
    : ParityCase(ModelCase.KindName, name, file.Path)
{
    private const int Most = 64;

    protected override void Compare(Comparison c)
    {
        using var fixture = file;
        using var model = (Qwen2Vl)ModelCase.Load(checkpoint);
        var prompt = new ModelPrompt(file);
        var expected = new ModelExpectation(file, c, prompt.Start);
        var pictures = Stored("pixel_values", "image_grid_thw");
        var videos = Stored("pixel_values_videos", "video_grid_thw");
        var pictureFiles = CaseFrames.Pictures(file).Select(path => (string[])[path]).ToList();
        string[] frames = CaseFrames.Paths(file);
        Processed(c, "pixel_values", pictures, pictureFiles, files => model.PreparePicture(files.Single()));
        Processed(c, "pixel_values_videos", videos, frames.Length == 0 ? [] : [frames], model.PrepareVideo);

        List<PatchedVisual> visuals = [.. pictures, .. videos];
        Tower(expected, model, visuals);
        var tokens = visuals.Select((v, i) => model.Tokens(v, i >= pictures.Count)).ToList();
        if (tokens.Count > 0)
        {
            expected.Check("projector", () => cat(tokens.Select(t => t.Tokens).ToArray(), 0));
            expected.Check("visual_features", () => cat(tokens.Select(t => t.Tokens).ToArray(), 0));
        }

        int image = model.Config.ImageTokenId, video = model.Config.VideoTokenId;
        var ordered = Ordered(prompt, model.Config, tokens);
        var ids = prompt.Collapse([image, video], [.. ordered.Select(t => (int)t.Tokens.shape[0])]);
        var texts = new CaseTexts(file, c, checkpoint);
        texts.CheckPrompt(ids);
        var packed = new List<(Tensor Embeds, PromptLayout Layout)>();
        int next = 0;
        foreach (int[] row in ids)
        {
            int count = row.Count(id => id == image || id == video);
            packed.Add(model.Pack(row, ordered.GetRange(next, count)));
            next += count;
        }

        var batch = LanguageModel.PadLeft([.. packed.Select(p => p.Embeds)]);
        List<PromptLayout> layouts = [.. packed.Select(p => p.Layout)];
        expected.Check("inputs_embeds", () => batch, 1);
        Types(c, model.Config, prompt, layouts);
        new DecoderTrace(model.Language, batch, layouts, prompt.Start).Check(c, expected, file);
        texts.CheckAnswer();
        expected.LeaveOutTheRest();
    }

    // The patches that a case stores, picture by picture.
    private List<PatchedVisual> Stored(string pixels, string grids)
    {
        if (!file.Inputs.Has(pixels))
            return [];
        long[] sizes = file.Integers(grids);
        if (sizes.Length == 0 || sizes.Length % 3 != 0 || sizes.Length > 3 * Most || sizes.Any(s => s is < 1 or > 1 << 12))
            throw new BadFixtureException($"{grids} must hold frames, rows and columns of each picture or video, at most {Most}");
        var patches = file.Tensor(pixels);
        long total = sizes.Chunk(3).Sum(s => s[0] * s[1] * s[2]);
        if (patches.dim() != 2 || patches.shape[0] != total)
            throw new BadFixtureException($"{pixels} must hold the {total} patches of {grids}");
        long first = 0;
        return
        [
            .. sizes.Chunk(3).Select(s =>
            {
                var grid = new VisionGrid((int)s[0], (int)s[1], (int)s[2]);
                first += grid.Count;
                return new PatchedVisual(patches.narrow(0, first - grid.Count, grid.Count), grid);
            }),
        ];
    }

    // Runs the processor over the files, where they lie beside; the tower gets what is stored.
    private void Processed(
        Comparison c, string pixels, List<PatchedVisual> stored, List<string[]> paths, Func<RgbImage[], PatchedVisual> prepare)
    {
        if (stored.Count == 0)
            return;
        if (paths.Count != stored.Count || !paths.SelectMany(p => p).All(Path.Exists))
        {
            c.LeaveOut($"{pixels} (no pictures beside)");
            return;
        }

        using var scope = NewDisposeScope();
        List<PatchedVisual> ours;
        try
        {
            ours = [.. paths.Select(p => prepare([.. p.Select(CaseFrames.Read)]))];
        }
        catch (UnsupportedCaseException e)
        {
            c.LeaveOut($"{pixels} ({e.Message})");
            return;
        }

        static IEnumerable<int> Sizes(VisionGrid grid) => [grid.Frames, grid.Rows, grid.Columns];
        c.Exact($"grids of {pixels}", ours.SelectMany(v => Sizes(v.Grid)), stored.SelectMany(v => Sizes(v.Grid)));
        c.Close(pixels, cat(ours.Select(v => v.Patches).ToArray(), 0).Values(), file.Floats(pixels), default);
    }

    private static void Tower(ModelExpectation expected, Qwen2Vl model, List<PatchedVisual> visuals)
    {
        if (visuals.Count == 0)
            return;
        Tensor All(Func<PatchedVisual, Tensor> states) => cat(visuals.Select(v => states(v).flatten(0, 1)).ToArray(), 0);
        expected.Check("vision.embeddings", () => All(model.Tower.Embed));
        for (int i = 0; i < model.Config.Vision.Depth; i++)
        {
            int blocks = i + 1;
            expected.Check($"vision.layer.{i}", () => All(v => model.Tower.Forward(v, blocks)));
        }
    }

    // Pictures and videos in the order of their placeholders.
    private static List<VisualTokens> Ordered(ModelPrompt prompt, Qwen2VlConfig config, List<VisualTokens> tokens)
    {
        var left = new Dictionary<int, Queue<VisualTokens>>
        {
            [config.ImageTokenId] = new(tokens.Where(t => !t.IsVideo)),
            [config.VideoTokenId] = new(tokens.Where(t => t.IsVideo)),
        };
        var ordered = new List<VisualTokens>();
        foreach (int[] row in prompt.Stored)
        {
            for (int i = 0; i < row.Length; i++)
            {
                if (!left.TryGetValue(row[i], out var queue))
                    continue;
                if (!queue.TryDequeue(out var visual))
                    throw new BadFixtureException("input_ids hold more placeholders than the pictures and videos have tokens");
                ordered.Add(visual);
                i += (int)visual.Tokens.shape[0] - 1;
            }
        }

        return ordered;
    }

    private void Types(Comparison c, Qwen2VlConfig config, ModelPrompt prompt, List<PromptLayout> layouts)
    {
        var types = prompt.Stored.SelectMany(row => row)
            .Select(id => id == config.ImageTokenId ? 1L : id == config.VideoTokenId ? 2L : 0L).ToList();
        c.Exact("visual slots", layouts.SelectMany(l => l.IsVisual).Select(v => v ? 1 : 0), types.Select(t => t > 0 ? 1 : 0));
        if (!file.Inputs.Has("mm_token_type_ids"))
            return;
        long[] stored = file.Integers("mm_token_type_ids");
        int n = stored.Length / prompt.Start.Length;
        c.Exact("mm_token_type_ids", types, stored.Where((_, i) => i % n >= prompt.Start[i / n]));
    }
}
