using System.Text.Json;

namespace Aim.Models.Tests;

/// <summary>
/// A recorded case: what transformers 5.23 computes (CPU, float32) for a small checkpoint, with the tolerance of each tensor (8 times what
/// float32 itself was measured to lose).
/// </summary>
internal sealed class ModelCase : IDisposable
{
    private readonly JsonElement _case;
    private readonly SafetensorsFile _tensors;

    public ModelCase(string name)
    {
        string directory = Fixture.PathOf("models", name);
        _case = JsonDocument.Parse(File.ReadAllText(Path.Combine(directory, "case.json"))).RootElement;
        _tensors = SafetensorsFile.Open(Path.Combine(directory, "tensors.safetensors"));
        Checkpoint = Path.GetFullPath(Path.Combine(directory, _case.GetProperty("checkpoint").GetString()!));
    }

    public string Checkpoint { get; }

    public string Prompt => _case.GetProperty("prompt").GetString()!;

    public bool Has(string name) => _tensors.Contains(name);

    public float[] Floats(string name) => _tensors.ReadFloat32(name);

    public int[] Ints(string name) => [.. _tensors.ReadInt64(name).Select(i => (int)i)];

    public Tensor Tensor(string name) => tensor(Floats(name), _tensors.Info(name).Shape);

    /// <summary>The prompt's ids with each run of placeholders (one per visual feature) taken back to one.</summary>
    public int[] PromptIds(int placeholder)
    {
        int[] ids = Ints("input_ids");
        return [.. ids.Where((id, i) => id != placeholder || i == 0 || ids[i - 1] != placeholder)];
    }

    /// <summary>Holds a computed tensor equal to a recorded one, within the case's tolerance.</summary>
    public void Check(string name, Tensor actual) => Check(name, actual.shape, actual.detach().contiguous().data<float>().ToArray());

    public void Check(string name, long[] shape, float[] values)
    {
        long[] expectedShape = _tensors.Info(name).Shape;
        Assert.That(shape, Is.EqualTo(expectedShape), $"{name}: shape");
        float[] expected = Floats(name);
        double tolerance = _case.GetProperty("tolerance").GetProperty(name).GetProperty("max_abs").GetDouble();
        double worst = 0;
        for (int i = 0; i < expected.Length; i++)
        {
            double difference = Math.Abs((double)values[i] - expected[i]);
            worst = double.IsNaN(difference) ? double.PositiveInfinity : Math.Max(worst, difference);
        }

        TestContext.Out.WriteLine($"{name}: {worst:g3} of {tolerance:g3}");
        Assert.That(worst, Is.LessThanOrEqualTo(tolerance), name);
    }

    public void Dispose() => _tensors.Dispose();
}
