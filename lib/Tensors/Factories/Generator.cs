namespace Aim.Tensors;

public static partial class torch
{
    /// <summary>The generator used where a call names none.</summary>
    private static readonly Generator DefaultGenerator = new(0);

    /// <summary>Seeds the default generator.</summary>
    public static Generator manual_seed(long seed)
    {
        DefaultGenerator.manual_seed(seed);
        return DefaultGenerator;
    }

    /// <summary>
    /// Random numbers from xoshiro256** seeded with SplitMix64: one seed, one sequence, on every machine. (The sequences differ
    /// from libtorch's.)
    /// </summary>
    public sealed class Generator
    {
        private readonly Lock _gate = new();
        private readonly ulong[] _s = new ulong[4];

        public Generator(ulong seed = 0, Device? device = null)
        {
            _ = device;
            Seed(seed);
        }

        public Device device => CPU;

        public Generator manual_seed(long seed)
        {
            Seed(unchecked((ulong)seed));
            return this;
        }

        internal Lock Gate => _gate;

        internal ulong Next()
        {
            var s = _s;
            var result = ulong.RotateLeft(s[1] * 5, 7) * 9;
            var t = s[1] << 17;
            s[2] ^= s[0];
            s[3] ^= s[1];
            s[1] ^= s[2];
            s[0] ^= s[3];
            s[2] ^= t;
            s[3] = ulong.RotateLeft(s[3], 45);
            return result;
        }

        /// <summary>Uniform in [0, 1).</summary>
        internal double NextDouble() => (Next() >> 11) * (1.0 / (1UL << 53));

        /// <summary>Standard normal (Box and Muller).</summary>
        internal double NextNormal()
        {
            var radius = Math.Sqrt(-2 * Math.Log(1 - NextDouble()));
            return radius * Math.Cos(2 * Math.PI * NextDouble());
        }

        /// <summary>Uniform in [0, bound), without bias.</summary>
        internal ulong NextBelow(ulong bound)
        {
            var limit = ulong.MaxValue - (ulong.MaxValue % bound);
            while (true)
            {
                var x = Next();
                if (x < limit)
                    return x % bound;
            }
        }

        private void Seed(ulong seed)
        {
            for (var i = 0; i < 4; i++)
            {
                seed += 0x9E3779B97F4A7C15;
                var z = seed;
                z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
                z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
                _s[i] = z ^ (z >> 31);
            }
        }
    }
}
