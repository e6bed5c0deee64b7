using Aim.Datasets;

namespace Aim.Models.Tests;

/// <summary>The lab's model files, read by the loaders that read real checkpoints.</summary>
public sealed class LabModelsTests
{
    private const long MostBytes = 10L << 20;

    [TestCase(LabModelKind.Video, 300)]
    [TestCase(LabModelKind.Single, 144)]
    [TestCase(LabModelKind.SingleB, 64)]
    [TestCase(LabModelKind.Multi, 144)]
    public void A_picture_has_the_tokens_of_its_model(LabModelKind kind, int tokens)
    {
        string directory = Fixture.NewDirectory();
        try
        {
            using var scope = NewDisposeScope();
            using var noGrad = no_grad();
            LabCheckpoint.Write(directory, kind);
            using var model = (LlavaFamily)MultimodalModel.Create(MultimodalConfig.Load(directory), 1, trainable: true);
            var picture = new RgbImage(LabWorld.Canvas, LabWorld.Canvas, new byte[LabWorld.Canvas * LabWorld.Canvas * 3]);
            var prepared = model.Prepare([picture]);
            Assert.That(prepared[0].PixelValues.shape, Is.EqualTo(new long[] { 1, 3, 96, 96 }));
            var visual = model.PictureTokens(prepared);
            int[] ids = model.BuildPicturePrompt([("user", "name ?")]);
            var (embeds, layout) = model.PackPictures(ids, visual);
            Assert.That((layout.Visual, layout.Text), Is.EqualTo((tokens, ids.Length - 1)));
            Assert.That(model.Language.Forward(embeds).shape, Is.EqualTo(new long[] { 1, tokens + ids.Length - 1, 128 }));

            model.Save(directory, ScalarType.BFloat16);
            Assert.That(new FileInfo(Path.Combine(directory, "model.safetensors")).Length, Is.LessThan(MostBytes));
            using var loaded = (LlavaFamily)MultimodalModel.Load(directory);
            Assert.That(loaded.Config.ModelType, Is.EqualTo(kind == LabModelKind.Video ? "llava_onevision" : "llava"));
            bool other = kind == LabModelKind.SingleB;
            const string Bias = "language_model.model.layers.0.self_attn.q_proj.bias";
            Assert.That(loaded.Weights.TryGet(Bias, out _), Is.EqualTo(!other));
            Assert.That(loaded.Weights.TryGet("language_model.lm_head.weight", out _), Is.EqualTo(other));
        }
        finally
        {
            Directory.Delete(directory, recursive: true);
        }
    }
}
