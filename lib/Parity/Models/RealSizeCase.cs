using System.Text.Json;
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
        string[] frames = CaseFrames.Paths(file);
        long[] ids = file.Integers("input_ids");
        Limits.Check("the number of input_ids", ids.Length, Limits.Tokens);
        ModelCase.CheckFiles(checkpoint);
        var config = LlavaOnevisionConfig.Load(checkpoint);
        var synthetic = file.Root.Need("synthetic_weights");
        double count = MultimodalWeights.Of(config).Sum(s => s.Shape.Aggregate(1.0, (a, b) => a * b));
        Limits.Check("the number of weights", (long)count, Limits.Weights);
        var weights = FormulaWeights.Create(config, synthetic.Need("salt").GetUInt64());
        using var model = (LlavaOnevision)MultimodalModel.Of(config, weights);
        CheckWeights(c, model.Weights, synthetic.Need("check"));

        var expected = new ModelExpectation(file, c, [0]);
        var pictures = new CasePictures(file, config);
        var visual = frames.Length > 0 ? [Video(c, expected, model, CaseFrames.PixelValues(frames, model.VideoProcessor))]
            : Pictures(c, expected, model, pictures);
        int placeholder = frames.Length > 0 ? config.VideoTokenId : config.ImageTokenId;
        int[] prompt = new ModelPrompt(file).Collapse(placeholder, [.. visual.Select(v => (int)v.shape[0])]).Single();
        var (embeds, layout) = frames.Length == 0
            ? model.PackPictures(prompt, visual)
            : model.Pack(prompt, visual[0].narrow(0, 0, visual[0].shape[0] - 1));
        c.Exact("visual slots", layout.IsVisual.Select(v => v ? 1 : 0), ids.Select(id => id == placeholder ? 1 : 0));
        Decoder(c, expected, model.Language, embeds, layout);
        expected.LeaveOutTheRest();
    }

    // The samples that the case gives of some tensors.
    private static void CheckWeights(Comparison c, WeightStore weights, JsonElement samples)
    {
        foreach (var sample in samples.EnumerateObject())
        {
            if (!weights.TryGet(sample.Name, out var weight))
            {
                c.Holds(false, $"there is no weight {sample.Name}");
                continue;
            }

            double[] first = sample.Value.NeedNumbers("first"), last = sample.Value.NeedNumbers("last");
            using var scope = NewDisposeScope();
            var flat = weight.Tensor.reshape(-1);
            float[] head = flat.narrow(0, 0, first.Length).Values();
            float[] tail = flat.narrow(0, flat.shape[0] - last.Length, last.Length).Values();
            c.Close("weights", [.. head, .. tail], [.. first.Select(v => (float)v), .. last.Select(v => (float)v)], default);
        }
    }

    private Tensor Video(Comparison c, ModelExpectation expected, LlavaOnevision model, Tensor pixels)
    {
        Summary(c, pixels.Values());
        var visual = model.ProjectAndPool(Vision(expected, model, pixels)).reshape(-1, model.Config.Text.HiddenSize);
        var packed = cat([visual, model.ImageNewline.unsqueeze(0)], 0);
        expected.Check("visual_features.ends", () => EndsOf(packed.unsqueeze(0), file.Root.NeedInts("visual_rows")));
        return packed;
    }

    private List<Tensor> Pictures(Comparison c, ModelExpectation expected, LlavaOnevision model, CasePictures pictures)
    {
        if (CaseFrames.Pictures(file).Length == 0)
            return [];
        var prepared = pictures.Prepare(model);
        Summary(c, cat(prepared.ToArray(), 0).Values());
        var features = Vision(expected, model, cat(prepared.ToArray(), 0));
        var tokens = model.PictureTokens(pictures.Distinct(model.Project(features)), pictures.Layouts);
        var packed = cat(tokens.ToArray(), 0).unsqueeze(0);
        expected.Check("visual_features.ends", () => EndsOf(packed, file.Root.NeedInts("visual_rows")));
        return [.. tokens];
    }

    private void Summary(Comparison c, float[] values)
    {
        if (!file.Root.TryField("pixel_values_summary", out var summary))
            return;
        double[] first = summary.NeedNumbers("first"), last = summary.NeedNumbers("last");
        c.Close(
            "pixel_values", [.. values[..first.Length], .. values[^last.Length..]],
            [.. first.Select(v => (float)v), .. last.Select(v => (float)v)], default);
        c.Close("pixel_values sum", [values.Sum(v => (double)v)], [summary.NeedNumber("sum_float64")], new Tolerance(0, 1e-9));
    }

    private Tensor Vision(ModelExpectation expected, LlavaOnevision model, Tensor pixels)
    {
        // The states between are stored of frame or tile 0 only; they do not see each other.
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
        return features;
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
