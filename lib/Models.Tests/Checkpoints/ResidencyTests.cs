using System.Text;
using System.Text.Json.Nodes;

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

    // LLaVA-NeXT with Vicuna-7B in two shards, 14 GB of zeros that take no room on the disk.
    [Test]
    public void A_model_of_7B_parameters_is_mapped_and_not_copied()
    {
        string directory = Path.Combine(_directory, "7b");
        Directory.CreateDirectory(directory);
        File.WriteAllText(Path.Combine(directory, "config.json"), """{"model_type":"llava_next"}""");
        var specs = MultimodalWeights.Of(LlavaNextConfig.Load(directory));
        var map = new JsonObject();
        long bytes = 0;
        for (int shard = 0; shard < 2; shard++)
        {
            string name = $"model-0000{shard + 1}-of-00002.safetensors";
            var header = new JsonObject();
            long at = 0;
            foreach (var spec in specs.Where((_, i) => i % 2 == shard))
            {
                long end = at + (2 * spec.FileShape.Aggregate(1L, (a, b) => a * b));
                header[spec.Name] = new JsonObject
                {
                    ["dtype"] = "BF16",
                    ["shape"] = new JsonArray([.. spec.FileShape.Select(side => (JsonNode)side)]),
                    ["data_offsets"] = new JsonArray(at, end),
                };
                map[spec.Name] = name;
                at = end;
            }

            byte[] json = Encoding.UTF8.GetBytes(header.ToJsonString());
            using var file = File.Create(Path.Combine(directory, name));
            file.Write(BitConverter.GetBytes((ulong)json.Length));
            file.Write(json);
            file.SetLength(8 + json.Length + at);
            bytes += at;
        }

        File.WriteAllText(
            Path.Combine(directory, "model.safetensors.index.json"), new JsonObject { ["weight_map"] = map }.ToJsonString());
        long held = MemoryPool.HeldBytes;
        using var model = MultimodalModel.Load(directory, products: WeightResidency.Mapped);
        Assert.That(bytes, Is.GreaterThan(14_000_000_000));
        Assert.That(model.Weights.ParameterCount, Is.EqualTo(bytes / 2));
        Assert.That(MemoryPool.HeldBytes - held, Is.LessThan(16 << 20), "norms, biases and positions are widened");
    }
}
