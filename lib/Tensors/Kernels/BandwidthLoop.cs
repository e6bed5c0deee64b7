using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Aim.Tensors.Kernels;

/// <summary>The loops behind <see cref="Machine"/>'s bandwidths: which is the fastest depends on the prefetchers.</summary>
internal static unsafe class BandwidthLoop
{
    /// <summary>Ways to read.</summary>
    public const int Readers = 3;

    /// <summary>Ways to copy.</summary>
    public const int Copiers = 2;

    private const int Line = 64;
    private const int Ahead = 4096;

    /// <summary>Reads <paramref name="bytes"/> as 1 or 4 streams or as one fetched ahead; their sum.</summary>
    public static float Read(int way, byte* x, long bytes) => way switch
    {
        0 => Streams(x, bytes, 1),
        1 => Streams(x, bytes, 4),
        _ => Fetched(x, bytes),
    };

    /// <summary>Copies <paramref name="bytes"/> between aligned arrays, through the caches or past them.</summary>
    public static void Copy(int way, byte* x, byte* y, long bytes)
    {
        if (way == 0)
            System.Buffer.MemoryCopy(x, y, bytes, bytes);
        else
            CopyPast(x, y, bytes);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static float Streams(byte* x, long bytes, int streams)
    {
        var each = bytes / streams / (4 * Line) * (4 * Line);
        Vector512<float> a = default, b = default;
        for (long i = 0; i < each; i += 4 * Line)
        {
            for (var s = 0; s < streams; s++)
            {
                var p = x + s * each + i;
                a += Vector512.Load((float*)p) + Vector512.Load((float*)(p + Line));
                b += Vector512.Load((float*)(p + 2 * Line)) + Vector512.Load((float*)(p + 3 * Line));
            }
        }
        return Vector512.Sum(a + b);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static float Fetched(byte* x, long bytes)
    {
        Vector512<float> a = default, b = default;
        for (var end = x + bytes / (2 * Line) * (2 * Line); x < end; x += 2 * Line)
        {
            if (Sse.IsSupported)
            {
                Sse.Prefetch0(x + Ahead);
                Sse.Prefetch0(x + Ahead + Line);
            }
            a += Vector512.Load((float*)x);
            b += Vector512.Load((float*)(x + Line));
        }
        return Vector512.Sum(a + b);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void CopyPast(byte* x, byte* y, long bytes)
    {
        for (long i = 0; i < bytes / Line * Line; i += Line)
            Vector512.Load(x + i).StoreAlignedNonTemporal(y + i);
    }
}
