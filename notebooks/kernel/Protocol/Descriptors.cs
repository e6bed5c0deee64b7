using System.Runtime.InteropServices;

namespace Aim.Kernel.Protocol;

/// <summary>
/// Pipes that the wrapper handed down. A program that a cell starts must not inherit them: it would hold them open behind the
/// host's end, and the wrapper would not see that end.
/// </summary>
internal static partial class Descriptors
{
    private const int SetDescriptorFlags = 2;
    private const int CloseOnExec = 1;

    public static void KeepFromChildren(params ReadOnlySpan<int> descriptors)
    {
        if (OperatingSystem.IsWindows())
            return;
        foreach (int descriptor in descriptors)
        {
            if (fcntl(descriptor, SetDescriptorFlags, CloseOnExec) == -1)
                throw new IOException(
                    $"{descriptor} is no open pipe of this process: the kernel's host is started by Jupyter, not by hand");
        }
    }

    [DllImport("libc", SetLastError = true)]
    private static extern int fcntl(int descriptor, int command, int argument);
}
