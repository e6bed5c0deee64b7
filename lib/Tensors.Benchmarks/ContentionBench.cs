using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using Aim.Tensors.Kernels;

namespace Aim.Tensors.Benchmarks;

/// <summary>
/// Two processes on the cores of one: each runs small transformer layers on two threads for the same seconds; their throughput
/// together, as a share of what one alone reaches. Ideal is 1; a pool whose idle threads spin loses a multiple of it.
/// </summary>
internal static unsafe class ContentionBench
{
    private const int Threads = 2;

    public static int Run(string[] arguments)
    {
        if (arguments is ["child", var text] && double.TryParse(text, CultureInfo.InvariantCulture, out var seconds))
        {
            Pool.Threads = Threads;
            Console.WriteLine(Layers(seconds).ToString("R", CultureInfo.InvariantCulture));
            return 0;
        }
        if (arguments.Length > 0)
        {
            Console.Error.WriteLine("usage: contention");
            return 2;
        }
        Print(3);
        return 0;
    }

    /// <summary>Two rounds of one process alone and two together; the better of each.</summary>
    public static void Print(double seconds)
    {
        double alone = 0, together = 0;
        for (var round = 0; round < 2; round++)
        {
            alone = Math.Max(alone, Children(1, seconds));
            together = Math.Max(together, Children(2, seconds));
        }
        Console.WriteLine($"contention: one process of {Threads} threads {alone:F0} layers/s, two processes together "
            + $"{together:F0} layers/s: {together / alone:P0} of one alone");
    }

    private static double Children(int count, double seconds)
    {
        var start = new ProcessStartInfo(Environment.ProcessPath!) { RedirectStandardOutput = true };
        if (Path.GetFileNameWithoutExtension(Environment.ProcessPath!) == "dotnet")
            start.ArgumentList.Add(typeof(ContentionBench).Assembly.Location);
        foreach (var argument in new[] { "contention", "child", seconds.ToString("R", CultureInfo.InvariantCulture) })
            start.ArgumentList.Add(argument);
        var children = Enumerable.Range(0, count).Select(_ => Process.Start(start)!).ToArray();
        double sum = 0;
        foreach (var child in children)
        {
            sum += double.Parse(child.StandardOutput.ReadToEnd(), CultureInfo.InvariantCulture);
            child.WaitForExit();
            child.Dispose();
        }
        return sum;
    }

    /// <summary>Layers per second: norm, products, attention and activation of 800 tokens, width 128, after a warm-up.</summary>
    private static double Layers(double seconds)
    {
        const int Rows = 800, Dim = 128, Inner = 352;
        var s = AttentionShape.Contiguous(8, 4, 4, 100, 100, 32, true);
        var memory = Enumerable.Range(0, 9)
            .Select(_ => (nint)NativeMemory.AllocZeroed(Rows * 2 * Inner, sizeof(float))).ToArray();
        float* At(int i) => (float*)memory[i];
        void Product(int n, int k, int x, int w, int y) =>
            Gemm.Run(Rows, n, k, 1, At(x), k, 1, At(w), 1, k, 0, At(y), n);
        void Layer()
        {
            Norm.RmsForward(At(0), At(1), At(2), null, Rows, Dim, 1e-6);
            for (var i = 3; i < 6; i++)
                Product(Dim, Dim, 2, 1, i);
            Attention.Forward(s, At(3), At(4), At(5), At(6), null, null, null);
            Product(Dim, Dim, 6, 1, 2);
            Kernels.Elementwise.Add(At(2), At(0), At(3), Rows * Dim);
            Product(2 * Inner, Dim, 3, 1, 7);
            Activations.Swiglu(At(7), At(8), Rows, Inner);
            Product(Dim, Inner, 8, 1, 2);
        }
        BenchClock.Mean(Layer, 0.5);
        return 1 / BenchClock.Mean(Layer, seconds);
    }
}
