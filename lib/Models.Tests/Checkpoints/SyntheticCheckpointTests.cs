namespace Aim.Models.Tests.Checkpoints;

/// <summary>Checkpoints from a formula, in one file and in shards; whole or not there.</summary>
public sealed class SyntheticCheckpointTests
{
    private static readonly LlavaOnevisionConfig s_config = new()
    {
        Vision = new VisionConfig
        {
            ImageSize = 28,
            PatchSize = 14,
            HiddenSize = 16,
            IntermediateSize = 24,
            NumHiddenLayers = 2,
            NumAttentionHeads = 2,
        },
        Text = new TextConfig
        {
            VocabSize = 50,
            HiddenSize = 16,
            IntermediateSize = 32,
            NumHiddenLayers = 2,
            NumAttentionHeads = 2,
            NumKeyValueHeads = 1,
            HeadDim = 8,
        },
        ImageTokenId = 48,
        VideoTokenId = 49,
    };

    private string _root = "";

    [SetUp]
    public void Make() => _root = Fixture.NewDirectory();

    [TearDown]
    public void Remove() => Directory.Delete(_root, recursive: true);

    private string Target => Path.Combine(_root, "model");

    private static readonly Dictionary<string, string> s_files = new() { ["generation_config.json"] = "{}" };

    [TestCase(ScalarType.Float32, long.MaxValue, 1)]
    [TestCase(ScalarType.Float32, 5000L, 0)]
    [TestCase(ScalarType.BFloat16, 5000L, 0)]
    public void What_is_written_loads_with_the_formulas_values(ScalarType dtype, long shardBytes, int files)
    {
        var checkpoint = new SyntheticCheckpoint(s_config, dtype);
        var told = new List<string>();
        checkpoint.Write(Target, s_files, shardBytes, told.Add);
        string[] written = [.. Directory.GetFiles(Target, "*.safetensors").Select(f => Path.GetFileName(f)).Order()];
        Assert.That(written, Is.EqualTo(told));
        Assert.That(written, files == 1 ? Is.EqualTo((string[])["model.safetensors"]) : Has.Length.GreaterThan(3));
        long bytes = Directory.GetFiles(Target).Sum(f => new FileInfo(f).Length);
        Assert.That(checkpoint.ByteLength, Is.InRange(bytes / 2, 2 * bytes));
        Assert.That(Directory.GetFileSystemEntries(_root), Is.EqualTo((string[])[Target]), "nothing else is left");

        using var model = MultimodalModel.Load(Target, trainable: true);
        using var formula = FormulaWeights.Create(s_config, 0);
        foreach (string name in formula.Names)
        {
            float[] expected = formula[name].Tensor.data<float>().ToArray();
            static float Rounded(float v) => BitConverter.UInt32BitsToSingle((uint)SafetensorsTypes.ToBFloat16(v) << 16);
            if (dtype == ScalarType.BFloat16)
                expected = Array.ConvertAll(expected, Rounded);
            Assert.That(model.Weights[name].Tensor.detach().data<float>().ToArray(), Is.EqualTo(expected), name);
        }
    }

    [Test]
    public void A_part_of_a_tensor_is_what_the_whole_has_there()
    {
        long[] shape = [700, 900];
        float[] whole = FormulaWeights.Values("a.weight", shape, 3);
        var part = new float[1000];
        new FormulaWeights.Rule("a.weight", shape, 3).Fill(300_000, part);
        Assert.That(part, Is.EqualTo(whole[300_000..301_000]));
    }

    [Test]
    public void A_directory_in_use_is_left_alone()
    {
        Directory.CreateDirectory(Target);
        string other = Path.Combine(Target, "notes.txt");
        File.WriteAllText(other, "mine");
        var checkpoint = new SyntheticCheckpoint(s_config, ScalarType.BFloat16);
        Assert.That(
            () => checkpoint.Write(Target, s_files), Throws.TypeOf<CheckpointException>().With.Message.Contains("not empty"));
        string[] left = Directory.GetFileSystemEntries(_root, "*", SearchOption.AllDirectories);
        Assert.That(left, Is.EqualTo((string[])[Target, other]));
        File.Delete(other);
        checkpoint.Write(Target, s_files);
        Assert.That(File.Exists(Path.Combine(Target, "config.json")));
    }

    // Ended in the second shard: the first is whole by then, and goes too.
    [Test]
    public void What_is_ended_leaves_nothing()
    {
        using var cancel = new CancellationTokenSource();
        int told = 0;
        void Told(string file)
        {
            if (++told == 2)
                cancel.Cancel();
        }

        Assert.That(
            () => new SyntheticCheckpoint(s_config, ScalarType.Float32).Write(Target, s_files, 5000, Told, cancel.Token),
            Throws.InstanceOf<OperationCanceledException>());
        Assert.That(Directory.GetFileSystemEntries(_root), Is.Empty);
    }

    [Test]
    public void A_shard_holds_what_fits_and_the_index_names_it()
    {
        SafetensorsEntry Entry(string name, int values)
            => SafetensorsEntry.Float(name, SafetensorsType.F32, [values], new float[values]);
        ShardWriter.Write(Target, [Entry("a", 10), Entry("b", 15), Entry("c", 1), Entry("big", 100), Entry("d", 2)], 100);
        var index = ShardIndex.Load(Path.Combine(Target, ShardIndex.FileName));
        string[] names = ["a", "b", "c", "big", "d"];
        int[] shards = [1, 1, 2, 3, 4];
        Assert.That(names.Select(n => index.ShardOf[n]), Is.EqualTo(shards.Select(i => $"model-{i:00000}-of-00004.safetensors")));
    }
}
