using System.Numerics;

namespace Aim.Datasets;

/// <summary>
/// The lab's random numbers: xoshiro256** seeded through SplitMix64. Every item is drawn from a generator of its own,
/// keyed by what it is (seed, split, stream, index), so that item 1000 needs no item before it and a resumed run
/// sees what an unbroken one does.
/// </summary>
/// <remarks>Blackman and Vigna, "Scrambled linear pseudorandom number generators" (2021).</remarks>
public sealed class LabRandom
{
    private ulong _a, _b, _c, _d;

    /// <summary>A generator whose stream is a function of the key alone.</summary>
    public LabRandom(params ReadOnlySpan<ulong> key)
    {
        ulong state = Hash(key);
        (_a, _b, _c, _d) = (Next(ref state), Next(ref state), Next(ref state), Next(ref state));
    }

    /// <summary>A 64-bit hash of the values in their order; also used for scene hashes.</summary>
    public static ulong Hash(params ReadOnlySpan<ulong> values)
    {
        ulong hash = 0x243F6A8885A308D3;
        foreach (ulong value in values)
        {
            ulong state = hash ^ value;
            hash = Next(ref state);
        }
        return hash;
    }

    /// <summary>64 uniform bits.</summary>
    public ulong Bits()
    {
        ulong result = BitOperations.RotateLeft(_b * 5, 7) * 9, t = _b << 17;
        _c ^= _a;
        _d ^= _b;
        _b ^= _c;
        _a ^= _d;
        _c ^= t;
        _d = BitOperations.RotateLeft(_d, 45);
        return result;
    }

    /// <summary>A uniform integer in [0, <paramref name="end"/>), without bias worth naming (64-bit multiply-high).</summary>
    public int Below(int end) => (int)Math.BigMul(Bits(), (ulong)end, out _);

    /// <summary>A uniform integer in [<paramref name="first"/>, <paramref name="last"/>], both included.</summary>
    public int Between(int first, int last) => first + Below(last - first + 1);

    /// <summary>A uniform number in [0, 1).</summary>
    public double Unit() => (Bits() >> 11) * (1.0 / (1UL << 53));

    /// <summary>True with the given probability.</summary>
    public bool Chance(double probability) => Unit() < probability;

    /// <summary>An index drawn in proportion to its weight.</summary>
    public int Weighted(ReadOnlySpan<double> weights)
    {
        double total = 0;
        foreach (double weight in weights)
            total += weight;
        double at = Unit() * total;
        for (int i = 0; i < weights.Length - 1; i++)
        {
            at -= weights[i];
            if (at < 0)
                return i;
        }
        return weights.Length - 1;
    }

    /// <summary>A uniform element.</summary>
    public T Pick<T>(IReadOnlyList<T> items) => items[Below(items.Count)];

    /// <summary>Puts the items into random order (Fisher-Yates).</summary>
    public void Shuffle<T>(IList<T> items)
    {
        for (int i = items.Count - 1; i > 0; i--)
        {
            int j = Below(i + 1);
            (items[i], items[j]) = (items[j], items[i]);
        }
    }

    /// <summary><paramref name="count"/> different integers in [0, <paramref name="end"/>), in random order.</summary>
    public int[] Distinct(int count, int end)
    {
        var all = new int[end];
        for (int i = 0; i < end; i++)
            all[i] = i;
        for (int i = 0; i < count; i++)
        {
            int j = Between(i, end - 1);
            (all[i], all[j]) = (all[j], all[i]);
        }
        return all[..count];
    }

    private static ulong Next(ref ulong state)
    {
        ulong z = state += 0x9E3779B97F4A7C15;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }
}
