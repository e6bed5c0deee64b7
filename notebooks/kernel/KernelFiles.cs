namespace Aim.Kernel;

/// <summary>The Python side of the kernel, as this build has it: what a kernelspec holds beside <c>kernel.json</c>.</summary>
public static class KernelFiles
{
    /// <summary>The file that Jupyter starts.</summary>
    public const string Entry = "aim_kernel.py";

    /// <summary>All files, <see cref="Entry"/> among them.</summary>
    public static IReadOnlyList<string> Names { get; } = ["aim_host.py", Entry];

    /// <summary>A file's content.</summary>
    public static byte[] Bytes(string name)
    {
        using var stream = typeof(KernelFiles).Assembly.GetManifestResourceStream(name)
            ?? throw new InvalidOperationException($"the resource '{name}' is not embedded in this build");
        using var memory = new MemoryStream();
        stream.CopyTo(memory);
        return memory.ToArray();
    }
}
