namespace Aim.Models.Tests;

/// <summary>How the managed engine keeps a checkpoint's weights, and that the model computes the same however that is.</summary>
public sealed class ResidencyTests
{
    private string _directory = "";

    [SetUp]
    public void SaveAsBFloat16()
    {
        _directory = Fixture.NewDirectory();
        using var original = LlavaOnevision.Load(Fixture.PathOf("models", "tiny-llava-onevision"));
        original.Save(_directory, ScalarType.BFloat16);
    }

    [TearDown]
    public void RemoveDirectory() => Directory.Delete(_directory, recursive: true);

    [Test]
    public void Weights_that_do_not_train_keep_the_files_type()
    {
        using var scope = NewDisposeScope();
        using var packed = LlavaOnevision.Load(_directory);
        using var mapped = LlavaOnevision.Load(_directory, products: WeightResidency.Mapped);
        using var trainable = LlavaOnevision.Load(_directory, trainable: true);
        string product = "vision_tower.vision_model.encoder.layers.0.mlp.fc1.weight";
        string part = "language_model.model.layers.0.mlp.up_proj.weight";
        Assert.That(packed.Weights[product].Residency, Is.EqualTo(WeightResidency.Packed));
        Assert.That(mapped.Weights[product].Residency, Is.EqualTo(WeightResidency.Mapped));
        Assert.That(packed.Weights[part].Residency, Is.EqualTo(WeightResidency.Mapped), "the decoder's stack is the copy");
        Assert.That(packed.Weights[part].Dtype, Is.EqualTo(ScalarType.BFloat16));
        Assert.That(packed.Weights["language_model.model.norm.weight"].Residency, Is.EqualTo(WeightResidency.Widened));
        Assert.That(trainable.Weights.Names.All(n => trainable.Weights[n].Residency == WeightResidency.Widened), Is.True);

        int size = packed.Config.Vision.ImageSize;
        var ids = tensor((long[])[3, 1, 4, 1, 5, 9], [1, 6]);
        var pixels = (arange(3 * size * size) % 7).to(ScalarType.Float32).view(1, 3, size, size) / 7;
        foreach (var other in (LlavaOnevision[])[mapped, trainable])
        {
            var features = other.VideoFeatures(pixels).detach();
            Assert.That(TensorValues.Difference(packed.VideoFeatures(pixels), features), Is.LessThan(1e-4));
            Assert.That(TensorValues.Difference(Logits(packed), Logits(other)), Is.LessThan(1e-4));
        }

        Tensor Logits(LlavaOnevision model) => model.Language.Logits(model.Language.Forward(model.Language.Embed(ids))).detach();
    }

    [Test]
    public void A_file_cut_while_its_model_is_loaded_is_an_error()
    {
        using var scope = NewDisposeScope();
        using var model = LlavaOnevision.Load(_directory, products: WeightResidency.Mapped);
        string path = Path.Combine(_directory, "model.safetensors");
        using (var cut = new FileStream(path, FileMode.Open, FileAccess.Write, FileShare.ReadWrite))
            cut.SetLength(8);
        Assert.That(
            () => model.Language.Embed(tensor((long[])[1])),
            Throws.InstanceOf<IOException>().With.Message.Contains("has been cut"));
    }
}
