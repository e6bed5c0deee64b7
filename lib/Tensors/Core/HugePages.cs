using System.Runtime.InteropServices;

namespace Aim.Tensors;

/// <summary>
/// Asks the operating system for pages of 2 MB. Weights are read front to back, more of them than any cache holds: with pages of
/// 4 KB one thread reads a tenth slower, since every 64 lines it waits for a page table. Linux gives them where it is asked to
/// ("madvise" in /sys/kernel/mm/transparent_hugepage/enabled, the usual setting); elsewhere, and where it has none left, pages
/// stay small.
/// </summary>
internal static unsafe class HugePages
{
    /// <summary>Bytes of a page, and the alignment of memory that is to have some.</summary>
    internal const long Size = 2 << 20;

    private const int AdviseHugePage = 14;

    /// <summary>To be called before the memory is touched.</summary>
    internal static void AskFor(byte* memory, long bytes)
    {
        if (!OperatingSystem.IsLinux())
            return;
        try
        {
            _ = madvise(memory, (nuint)bytes, AdviseHugePage); // advice: an error leaves small pages
        }
        catch (Exception e) when (e is DllNotFoundException or EntryPointNotFoundException)
        {
            // a Linux without this libc has small pages, too
        }
    }

    [DllImport("libc")]
    private static extern int madvise(void* address, nuint length, int advice);
}
