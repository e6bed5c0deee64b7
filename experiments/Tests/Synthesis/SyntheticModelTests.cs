using Aim.Experiments.Cli;
using Aim.Experiments.Synthesis;
using Aim.Models;

namespace Aim.Experiments.Tests.Synthesis;

/// <summary>The shapes of published models, and the files beside their synthetic weights.</summary>
public class SyntheticModelTests
{
    // 0.9 and 8 thousand millions of weights, the towers' 0.4 counted.
    [TestCase("0.5b", 0.89, 0.90)]
    [TestCase("7b", 8.02, 8.04)]
    public void Sizes_are_those_of_the_published_models(string size, double least, double most)
    {
        var model = SyntheticModel.All.Single(m => m.Size == size);
        long bytes = new SyntheticCheckpoint(model.Config, ScalarType.BFloat16).ByteLength;
        Assert.That(bytes / 2e9, Is.InRange(least, most));
    }

    [Test]
    public void Files_make_a_prompt_and_read_any_answer()
    {
        string directory = Path.Combine(TestContext.CurrentContext.WorkDirectory, $"synthetic-{Guid.NewGuid():N}");
        var config = (LlavaOnevisionConfig)SyntheticModel.All[0].Config;
        var tiny = config with
        {
            Text = config.Text with
            {
                HiddenSize = 8,
                IntermediateSize = 8,
                NumHiddenLayers = 1,
                NumAttentionHeads = 1,
                NumKeyValueHeads = 1,
                HeadDim = 8,
            },
            Vision = config.Vision with
            {
                ImageSize = 28,
                HiddenSize = 8,
                IntermediateSize = 8,
                NumHiddenLayers = 1,
                NumAttentionHeads = 1,
            },
            ImageGridPinpoints = [(28, 28), (28, 56)],
        };
        try
        {
            new SyntheticCheckpoint(tiny, ScalarType.BFloat16).Write(directory, SyntheticFiles.Of(tiny));
            using var model = MultimodalModel.Load(directory);
            int[] ids = model.BuildPrompt([new ChatMessage("user", "Grün?", Images: 1)]);
            Assert.That(ids[0], Is.EqualTo(151_644));
            Assert.That(ids.Count(id => id == config.ImageTokenId), Is.EqualTo(1));
            const string prompt = "<|im_start|>user\n<image>\nGrün?<|im_end|>\n<|im_start|>assistant\n";
            Assert.That(model.Tokenizer.Decode(ids, skipSpecial: false), Is.EqualTo(prompt));
            Assert.That(model.Tokenizer.Decode([70_000, 256, 151_642]), Is.EqualTo(" w70000 w256 w151642"));
            Assert.That(GenerationConfig.Load(directory).EndIds, Is.EqualTo((int[])[151_645]));
            Assert.That(model.Pictures([new RgbImage(20, 40, new byte[2400])]).Single().Tokens, Is.EqualTo(4 + (2 * 4) + 2));
            Assert.That(model.Video([new RgbImage(20, 40, new byte[2400])]).Tokens, Is.EqualTo(2));
        }
        finally
        {
            Directory.Delete(directory, recursive: true);
        }
    }

    [Test]
    public void A_disk_that_is_too_small_is_named_before_anything_is_written()
    {
        string target = Path.Combine(TestContext.CurrentContext.WorkDirectory, "a", "b");
        Assert.That(
            () => SynthCheckpointCommand.CheckRoom(target, long.MaxValue / 2),
            Throws.InstanceOf<IOException>().With.Message.Contains("are needed").And.Message.Contains("are free at"));
    }

    [TestCase("--size", "3b", "llava-onevision 0.5b, llava-onevision 7b")]
    [TestCase("--dtype", "int8", "--dtype int8")]
    [TestCase("--tokenizer", "nothing.json", "nothing.json")]
    public async Task Options_out_of_range(string option, string value, string part)
    {
        string target = Path.Combine(TestContext.CurrentContext.WorkDirectory, $"none-{Guid.NewGuid():N}");
        var (code, _, error) = await Workplace.Aim("synth-checkpoint", "--output", target, option, value);
        Assert.That(code, Is.EqualTo(2), error);
        Assert.That(error.TrimEnd('\n'), Does.StartWith("aim: ").And.Contain(part).And.Not.Contain("\n"));
        Assert.That(Directory.Exists(target), Is.False);
    }
}
