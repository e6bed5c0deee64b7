using System.Runtime.InteropServices;

namespace Aim.Kernel.Cells;

/// <summary>The signals that a thread blocks.</summary>
/// <remarks>
/// On Unix an abort leaves a signal's handler by an exception, and the operating system, which unblocks a signal when its handler
/// returns, keeps it blocked: on that thread, and on those that it starts.
/// </remarks>
internal sealed class SignalMask
{
    // SIG_SETMASK, and room for the largest sigset_t there is (glibc's).
    private static readonly int SetMask = OperatingSystem.IsLinux() ? 2 : 3;
    private readonly byte[] _mask = new byte[128];

    /// <summary>Notes the calling thread's mask.</summary>
    public SignalMask()
    {
        if (!OperatingSystem.IsWindows())
            _ = pthread_sigmask(SetMask, null, _mask);
    }

    /// <summary>Gives the calling thread that mask.</summary>
    public void Restore()
    {
        if (!OperatingSystem.IsWindows())
            _ = pthread_sigmask(SetMask, _mask, null);
    }

    [DllImport("libc")]
    private static extern int pthread_sigmask(int how, byte[]? set, byte[]? old);
}
