using System.Text;

namespace Aim.Models;

/// <summary>
/// Weights made from their hub names, where only sizes matter: splitmix64 seeded with the name's FNV-1a hash, in [-a, a) with an
/// a that keeps activations in a real model's range; norms lie around 1.
/// </summary>
internal static class FormulaWeights
{
    // Values in one piece of work.
    private const int Piece = 1 << 18;

    /// <summary>All weights of a configuration, in memory.</summary>
    public static WeightStore Create(MultimodalConfig config, ulong salt)
    {
        var store = new WeightStore();
        try
        {
            foreach (var spec in MultimodalWeights.Of(config))
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
        var rule = new Rule(name, shape, salt);
        Parallel.For(0, (values.Length + Piece - 1) / Piece, piece =>
        {
            int first = piece * Piece;
            rule.Fill(first, values.AsSpan(first, Math.Min(Piece, values.Length - first)));
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
    public static ulong Mix(ulong seed, long i)
    {
        ulong z = seed + ((ulong)i + 1) * 0x9E3779B97F4A7C15;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }

    /// <summary>What a name and a shape decide of a tensor's values.</summary>
    public readonly struct Rule(string name, long[] shape, ulong salt)
    {
        private readonly ulong _seed = Hash(name) ^ salt;
        private readonly float _scale = Scale(name, shape);

        private readonly bool _norm = shape.Length == 1 && !name.EndsWith(".bias", StringComparison.Ordinal)
            && !name.Contains("image_newline", StringComparison.Ordinal);

        /// <summary>Values from one on.</summary>
        /// <param name="first">Its row-major index.</param>
        /// <param name="target">Where they go.</param>
        public void Fill(long first, Span<float> target)
        {
            for (int i = 0; i < target.Length; i++)
            {
                // Two roundings for norms, which a fused multiply-add would make one.
                float value = ((Mix(_seed, first + i) >> 40) * (1f / (1 << 23)) - 1) * _scale;
                target[i] = _norm ? 1 + value : value;
            }
        }
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
}
