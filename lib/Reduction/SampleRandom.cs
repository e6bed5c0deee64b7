using System.Text;

namespace Aim.Reduction;

/// <summary>
/// Random numbers (SplitMix64) that depend on a seed and a sample's id alone, so that a sample meets the same draw in any batch,
/// order or run.
/// </summary>
internal struct SampleRandom
{
    private ulong _state;

    public SampleRandom(ulong seed, string sampleId, int place)
    {
        // FNV-1a over the id; the two mixes keep neighbouring seeds and places apart.
        ulong hash = 14695981039346656037;
        foreach (byte b in Encoding.UTF8.GetBytes(sampleId))
            hash = (hash ^ b) * 1099511628211;
        _state = Mix(Mix(seed) ^ hash) + (ulong)place * 0x9E3779B97F4A7C15;
        _state = Mix(_state);
    }

    private static ulong Mix(ulong z)
    {
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }

    public ulong Next()
    {
        _state += 0x9E3779B97F4A7C15;
        return Mix(_state);
    }

    /// <summary>Uniform in 0 .. bound - 1, without bias.</summary>
    public int Below(int bound)
    {
        ulong limit = ulong.MaxValue - ulong.MaxValue % (ulong)bound;
        ulong next;
        do
            next = Next();
        while (next >= limit);
        return (int)(next % (ulong)bound);
    }

    /// <summary>k of 0 .. n - 1, every subset equally likely, ascending.</summary>
    public int[] Subset(int n, int k)
    {
        var all = new int[n];
        for (int i = 0; i < n; i++)
            all[i] = i;
        for (int i = 0; i < k; i++)
        {
            int j = i + Below(n - i);
            (all[i], all[j]) = (all[j], all[i]);
        }

        Array.Sort(all, 0, k);
        return all[..k];
    }
}
