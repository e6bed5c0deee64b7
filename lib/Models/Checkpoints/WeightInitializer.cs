namespace Aim.Models;

/// <summary>
/// Seeded initial weights. Each weight has its own stream, seeded by its name, so that values depend neither on the order in
/// which weights are made nor on the machine's mathematical functions: only additions and multiplications are used.
/// </summary>
internal static class WeightInitializer
{
    public static WeightStore Create(MultimodalConfig config, ulong seed, bool trainable)
    {
        var store = new WeightStore();
        foreach (var spec in MultimodalWeights.Of(config))
        {
            using var scope = NewDisposeScope();
            store.Add(spec.Name, tensor(Values(spec, seed), spec.Shape), trainable && spec.Used);
        }

        return store;
    }

    /// <summary>The values of one weight, row-major.</summary>
    public static float[] Values(WeightSpec spec, ulong seed)
    {
        var values = new float[spec.Shape.Aggregate(1L, (product, side) => checked(product * side))];
        switch (spec.Start)
        {
            case WeightStart.Zero:
                break;
            case WeightStart.One:
                Array.Fill(values, 1f);
                break;
            default:
                ulong state = seed ^ Fnv1a(spec.Name);
                double deviation = Math.Sqrt(1.0 / (3 * spec.Shape[^1]));
                for (int i = 0; i < values.Length; i++)
                    values[i] = (float)(deviation * Bell(ref state));
                break;
        }

        return values;
    }

    // The sum of four uniform numbers: mean 0, deviation 1, nothing beyond 3.46.
    private static double Bell(ref ulong state)
    {
        double sum = -2;
        for (int i = 0; i < 4; i++)
            sum += (SplitMix64(ref state) >> 11) * (1.0 / (1L << 53));
        return sum * 1.7320508075688772;
    }

    // Steele, Lea, Flood: Fast splittable pseudorandom number generators, OOPSLA 2014.
    private static ulong SplitMix64(ref ulong state)
    {
        ulong z = state += 0x9E3779B97F4A7C15;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }

    private static ulong Fnv1a(string name)
    {
        ulong hash = 0xCBF29CE484222325;
        foreach (byte b in System.Text.Encoding.UTF8.GetBytes(name))
            hash = (hash ^ b) * 0x100000001B3;
        return hash;
    }
}
