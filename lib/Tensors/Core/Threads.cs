using Aim.Tensors.Kernels;

namespace Aim.Tensors;

public static partial class torch
{
    /// <summary>Threads that the engine computes with.</summary>
    public static int get_num_threads() => Pool.Threads;

    /// <summary>Sets them; results do not depend on the number.</summary>
    public static void set_num_threads(int num) => Pool.Threads = num > 0
        ? num
        : throw new TensorException($"set_num_threads: expected a positive number of threads, got {num}");
}
