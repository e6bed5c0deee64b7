using System.Text.Json;
using Aim.Models;

namespace Aim.Reduction.Tests;

/// <summary>One golden case: case.json (args, plain values, tolerances) and tensors.safetensors (in.NAME, out.NAME).</summary>
internal sealed class FixtureCase : IDisposable
{
    private static readonly string Root = Path.Combine(AppContext.BaseDirectory, "Fixtures");
    private readonly JsonDocument _json;
    private readonly SafetensorsFile? _tensors;

    public FixtureCase(string kind, string name)
    {
        Directory = Path.Combine(Root, kind, name);
        _json = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(Directory, "case.json")));
        string tensors = Path.Combine(Directory, "tensors.safetensors");
        _tensors = File.Exists(tensors) ? SafetensorsFile.Open(tensors) : null;
    }

    public static IEnumerable<string> Names(string kind)
        => System.IO.Directory.GetDirectories(Path.Combine(Root, kind)).Select(d => Path.GetFileName(d)!).Order(StringComparer.Ordinal);

    public string Directory { get; }

    public JsonElement Args => _json.RootElement.GetProperty("args");

    public JsonElement Inputs => _json.RootElement.GetProperty("inputs");

    public JsonElement Expected => _json.RootElement.GetProperty("expected");

    public bool Has(string name) => Expected.TryGetProperty(name, out _);

    public string Model => Path.GetFullPath(Path.Combine(Directory, Args.GetProperty("model").GetString()!));

    public int[] Ints(string name) => [.. Expected.GetProperty(name).EnumerateArray().Select(e => e.GetInt32())];

    public static int[] Ints(JsonElement array) => [.. array.EnumerateArray().Select(e => e.GetInt32())];

    public (double Absolute, double Relative) Tolerance(string? group = null)
    {
        var tolerance = _json.RootElement.GetProperty("tolerance");
        if (group is not null)
            tolerance = tolerance.GetProperty(group);
        return (tolerance.GetProperty("atol").GetDouble(), tolerance.GetProperty("rtol").GetDouble());
    }

    public long[] Shape(string tensor) => _tensors!.Info(tensor).Shape;

    public float[] Floats(string tensor) => _tensors!.ReadFloat32(tensor);

    public long[] Integers(string tensor) => _tensors!.ReadInt64(tensor);

    public Tensor Tensor(string name) => tensor(Floats(name), Shape(name));

    public void Dispose()
    {
        _json.Dispose();
        _tensors?.Dispose();
    }
}

/// <summary>Comparisons with a fixture's tolerance; the largest difference goes to the test's output.</summary>
internal static class Close
{
    public static void To(ReadOnlySpan<float> actual, ReadOnlySpan<float> expected, (double Absolute, double Relative) tolerance, string what)
    {
        Assert.That(actual.Length, Is.EqualTo(expected.Length), what);
        double largest = 0;
        for (int i = 0; i < expected.Length; i++)
        {
            double difference = Math.Abs((double)actual[i] - expected[i]);
            if (!(difference <= tolerance.Absolute + tolerance.Relative * Math.Abs(expected[i])))
                Assert.Fail($"{what}[{i}] is {actual[i]}, expected {expected[i]}");
            largest = Math.Max(largest, difference);
        }

        TestContext.Out.WriteLine($"{what}: {largest:g3}");
    }
}
