using Aim.Models;

namespace Aim.Parity;

/// <summary>
/// A model of real size whose weights come from a formula: the first and last 16 values of some rows, the largest logits, a short
/// greedy answer. It needs some 6 GB of memory and, on two cores, half a minute.
/// </summary>
internal sealed class RealSizeCase(string name, CaseFile file, string checkpoint)
    : ParityCase(ModelCase.KindName, name, file.Path)
{
    private const int Ends = 16;
    private const long NeededBytes = 8L << 30;

    protected override void Compare(Comparison c)
    {
        using var fixture = file;
        if (GC.GetGCMemoryInfo().TotalAvailableMemoryBytes is var there && there < NeededBytes)
            throw new UnsupportedCaseException($"needs {NeededBytes >> 30} GiB of memory, this machine has {there >> 30}");
        string[] paths = CaseFrames.Paths(file);
        long[] ids = file.Integers("input_ids");
        Limits.Check("the number of input_ids", ids.Length, Limits.Tokens);
        ModelCase.CheckFiles(checkpoint);
        var config = LlavaOnevisionConfig.Load(checkpoint);
        var synthetic = file.Root.Need("synthetic_weights");
        using var model = LlavaOnevision.Of(config, FormulaWeights.Create(config, synthetic.Need("salt").GetUInt64()));
        FormulaWeights.Check(c, model.Weights, synthetic.Need("check"));

        var expected = new ModelExpectation(file, c, [0]);
        var visual = paths.Length == 0
            ? null
            : Vision(c, expected, model, CaseFrames.PixelValues(paths, model.VideoProcessor));
        int video = config.VideoTokenId;
        int[] prompt = [.. ids.Where((id, i) => id != video || i == 0 || ids[i - 1] != video).Select(id => checked((int)id))];
        var (embeds, layout) = model.Pack(prompt, visual);
        c.Exact("visual slots", layout.IsVisual.Select(v => v ? 1 : 0), ids.Select(id => id == video ? 1 : 0));
        Decoder(c, expected, model.Language, embeds, layout);
        expected.LeaveOutTheRest();
    }

    private Tensor Vision(Comparison c, ModelExpectation expected, LlavaOnevision model, Tensor pixels)
    {
        if (file.Root.TryField("pixel_values_summary", out var summary))
        {
            double[] first = summary.NeedNumbers("first"), last = summary.NeedNumbers("last");
            float[] values = pixels.Values();
            c.Close(
                "pixel_values", [.. values[..first.Length], .. values[^last.Length..]],
                [.. first.Select(v => (float)v), .. last.Select(v => (float)v)], default);
            double sum = summary.NeedNumber("sum_float64");
            c.Close("pixel_values sum", [values.Sum(v => (double)v)], [sum], new Tolerance(0, 1e-9));
        }

        // The states between are stored of frame 0 only; frames do not see each other.
        int[] rows = file.Root.NeedInts("vision_rows");
        var zero = pixels.narrow(0, 0, 1);
        expected.Check("vision.embeddings.ends", () => EndsOf(model.Tower.Embed(zero), rows));
        var features = model.VisionFeatures(pixels);
        for (int i = 0; i < model.Config.Vision.NumHiddenLayers; i++)
        {
            int layers = i + 1;
            bool last = layers == model.Config.VisionLayersUsed;
            Tensor Output() => last ? features.narrow(0, 0, 1) : model.Tower.Forward(zero, layers);
            expected.Check($"vision.layer.{i}.ends", () => EndsOf(Output(), rows));
        }

        expected.Check("projector.ends", () => EndsOf(model.Projector.Forward(features.narrow(0, 0, 1)), rows));
        var visual = model.ProjectAndPool(features).reshape(-1, model.Config.Text.HiddenSize);
        var packed = cat([visual, model.ImageNewline.unsqueeze(0)], 0).unsqueeze(0);
        expected.Check("visual_features.ends", () => EndsOf(packed, file.Root.NeedInts("visual_rows")));
        return visual;
    }

    private void Decoder(Comparison c, ModelExpectation expected, LanguageModel model, Tensor embeds, PromptLayout layout)
    {
        int[] rows = file.Root.NeedInts("positions");
        int n = (int)embeds.shape[1], layers = model.Config.NumHiddenLayers;
        var (cos, sin) = model.Rotary.Tables(Positions.Read(null, model.Rotary.Axes, 1, n, null), 1, n, embeds);
        expected.Check("lm.rope_cos.ends", () => EndsOf(cos, rows));
        expected.Check("lm.rope_sin.ends", () => EndsOf(sin, rows));
        var trace = new DecoderTrace(model, embeds, [layout], [0]);
        using var prefill = trace.Prefill(PrefillRecording.Hidden);
        var hidden = prefill.Hidden!;
        for (int l = 0; l < layers; l++)
        {
            var input = hidden[l];
            expected.Check($"lm.hidden.{l}.ends", () => EndsOf(input, rows));
        }

        expected.Check($"lm.hidden.{layers}.ends", () => EndsOf(trace.LastLayer(hidden[layers - 1], cos, sin), rows));
        expected.Check("lm.norm.ends", () => EndsOf(hidden[layers], rows));
        Logits(expected, prefill.Logits.Values());
        trace.Greedy(c, expected, prefill, file);
    }

    private void Logits(ModelExpectation expected, float[] logits)
    {
        if (expected.Has("logits.top20.ids"))
        {
            int count = file.Integers("logits.top20.ids").Length;
            int[] top = [.. Enumerable.Range(0, logits.Length).OrderByDescending(i => logits[i]).Take(count)];
            expected.Check("logits.top20.ids", top.Select(i => (long)i));
            expected.Check("logits.top20.values", [.. top.Select(i => logits[i])]);
        }

        // Of a sample: divided by n - 1.
        double mean = logits.Average(v => (double)v);
        expected.Check("logits.mean", [(float)mean]);
        expected.Check("logits.std", [(float)Math.Sqrt(logits.Sum(v => (v - mean) * (v - mean)) / (logits.Length - 1))]);
    }

    // [1, n, dim] -> [rows, 32].
    private static Tensor EndsOf(Tensor x, int[] rows)
    {
        var picked = x.squeeze(0).index_select(0, tensor(rows.Select(r => (long)r).ToArray()).to(x.device));
        return cat([picked.narrow(1, 0, Ends), picked.narrow(1, picked.shape[1] - Ends, Ends)], 1);
    }
}
