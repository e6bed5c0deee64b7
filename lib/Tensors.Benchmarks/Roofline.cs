using System.Diagnostics;
using System.Runtime.InteropServices;
using Aim.Tensors.Kernels;

namespace Aim.Tensors.Benchmarks;

/// <summary>
/// The machine's read bandwidth, measured again and again: others use it too, and what it gave a second ago is no measure of now.
/// The memory that bandwidth is read from is also where cases find operands that no cache holds.
/// </summary>
internal sealed unsafe class Roofline : IDisposable
{
    /// <summary>Of the block: a layer of Qwen2-7B in float32, many times any cache.</summary>
    public const long Bytes = 960L << 20;

    private const long ReadBytes = 48L << 20;
    private long at;

    public Roofline()
    {
        Block = (byte*)NativeMemory.AlignedAlloc((nuint)Bytes, 4096);
        Pool.Run((int)(Bytes >> 22), part =>
        {
            // each half of a word is a bfloat16 of magnitude 1/4 to 1/2, and the word a float32 of that size
            var words = new Span<uint>(Block + ((long)part << 22), 1 << 20);
            for (var i = 0; i < words.Length; i++)
                words[i] = 0x3E803E80u ^ (uint)i * 0x9E3779B9u & 0x807F807Fu;
        });
    }

    public byte* Block { get; }

    /// <summary>Bytes per second read by all threads together, the best of the ways to read: about four milliseconds.</summary>
    public double Bandwidth()
    {
        double best = 0;
        for (var way = 0; way < BandwidthLoop.Readers; way++)
        {
            at = at + 2 * ReadBytes <= Bytes ? at + ReadBytes : 0;
            var (begin, wall) = (BenchClock.Now, Stopwatch.StartNew());
            var rate = Machine.ReadRate(way, Block + at, ReadBytes);
            var waited = Pool.Threads == 1 ? Math.Max(1, wall.Elapsed.TotalSeconds / (BenchClock.Now - begin)) : 1;
            best = Math.Max(best, rate * waited);
        }
        return best;
    }

    public void Dispose() => NativeMemory.AlignedFree(Block);
}
