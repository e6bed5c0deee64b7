using System.Text;
using System.Text.Json;
using Aim.Models;

namespace Aim.Parity;

/// <summary>
/// Weights made from their hub names (fixtures/models, 'Real size without weights'): splitmix64 seeded with the name's FNV-1a
/// hash, in [-a, a) with an a that keeps activations in a real model's range; norms lie around 1.
/// </summary>
internal static class FormulaWeights
{
    // Values in one piece of work.
    private const int Piece = 1 << 18;

    /// <summary>All weights of a configuration.</summary>
    public static WeightStore Create(MultimodalConfig config, ulong salt)
    {
        var specs = MultimodalWeights.Of(config);
        Limits.Check("the number of weights", (long)specs.Sum(s => s.Shape.Aggregate(1.0, (a, b) => a * b)), Limits.Weights);
        var store = new WeightStore();
        try
        {
            foreach (var spec in specs)
            {
                using var scope = NewDisposeScope();
                store.Add(spec.Name, tensor(Values(spec.Name, spec.FileShape, salt), spec.Shape));
            }

            return store;
        }
        catch
        {
            store.Dispose();
            throw;
        }
    }

    /// <summary>The values of one tensor, row-major.</summary>
    public static float[] Values(string name, long[] shape, ulong salt)
    {
        var values = new float[checked((int)shape.Aggregate(1L, (a, b) => checked(a * b)))];
        ulong seed = Hash(name) ^ salt;
        float a = Scale(name, shape);
        bool norm = shape.Length == 1 && !name.EndsWith(".bias", StringComparison.Ordinal)
            && !name.Contains("image_newline", StringComparison.Ordinal);
        Parallel.For(0, (values.Length + Piece - 1) / Piece, piece =>
        {
            for (int i = piece * Piece; i < Math.Min((piece + 1) * Piece, values.Length); i++)
            {
                float value = ((Mix(seed, i) >> 40) * (1f / (1 << 23)) - 1) * a;
                values[i] = norm ? 1 + value : value;
            }
        });
        return values;
    }

    /// <summary>FNV-1a, 64 bits.</summary>
    public static ulong Hash(string name)
    {
        ulong hash = 0xCBF29CE484222325;
        foreach (byte b in Encoding.UTF8.GetBytes(name))
            hash = (hash ^ b) * 0x100000001B3;
        return hash;
    }

    /// <summary>The i-th number of splitmix64.</summary>
    public static ulong Mix(ulong seed, int i)
    {
        ulong z = seed + ((ulong)i + 1) * 0x9E3779B97F4A7C15;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }

    private static float Scale(string name, long[] shape)
    {
        bool Has(string part) => name.Contains(part, StringComparison.Ordinal);
        if (name.EndsWith(".bias", StringComparison.Ordinal))
            return 0.1f;
        if (Has("image_newline"))
            return 0.5f;
        if (shape.Length == 1)
            return 0.1f;
        if (Has("position_embedding") || Has("embed_tokens"))
            return 0.5f;
        double gain = Has("q_proj") || Has("k_proj") ? 1.5
            : Has("out_proj") || Has("fc2") ? 1.25
            : Has("o_proj") ? 0.5
            : Has("down_proj") ? 5
            : Has("linear_1") ? 0.2
            : Has("linear_2") ? 0.5
            : 1;
        return (float)(Math.Sqrt(3) * gain / Math.Sqrt(shape[1..].Aggregate(1.0, (x, y) => x * y)));
    }

    /// <summary>Compares the samples that a case gives of some tensors.</summary>
    public static void Check(Comparison c, WeightStore weights, JsonElement samples)
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
}
