using System.ComponentModel;
using System.Diagnostics;
using System.Text;

namespace Aim.Datasets;

/// <summary>How a program ended.</summary>
internal enum ChildEnd
{
    Exited,
    NotFound,
    TimedOut,

    /// <summary>The reader of its output had enough.</summary>
    Stopped,
}

/// <summary>
/// Runs a program and hands its output to a reader, within a time limit. Whatever happens, cancellation too, the program and its
/// children are gone when the call returns.
/// </summary>
internal static class ChildProgram
{
    // Of the error stream the end is kept: it says what went wrong last.
    private const int LastWords = 4096;

    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(5);

    /// <summary>Runs it to its end.</summary>
    /// <param name="program">Its name or path.</param>
    /// <param name="arguments">Its arguments; nothing is interpreted by a shell.</param>
    /// <param name="time">How long it may run.</param>
    /// <param name="read">Reads its standard output; false: it is to be ended at once.</param>
    /// <param name="cancel">Ends it.</param>
    /// <returns>How it ended, its exit code, and the last lines of its error stream.</returns>
    /// <exception cref="OperationCanceledException"><paramref name="cancel"/> was raised.</exception>
    public static (ChildEnd End, int ExitCode, string[] Errors) Run(
        string program, IReadOnlyList<string> arguments, TimeSpan time, Func<Stream, bool> read, CancellationToken cancel)
    {
        cancel.ThrowIfCancellationRequested();
        using var process = new Process
        {
            StartInfo = new ProcessStartInfo(program, arguments)
            {
                RedirectStandardInput = true,
                RedirectStandardOutput = true,
                RedirectStandardError = true,
                UseShellExecute = false,
                CreateNoWindow = true,
            },
        };
        try
        {
            process.Start();
        }
        catch (Win32Exception)
        {
            return (ChildEnd.NotFound, -1, []);
        }

        using var limit = new CancellationTokenSource(time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancel, limit.Token);
        using var killing = either.Token.Register(() => Kill(process));
        var errors = Task.Run(() => Tail(process.StandardError.BaseStream), CancellationToken.None);
        bool wanted;
        try
        {
            process.StandardInput.Close();
            wanted = read(process.StandardOutput.BaseStream);

            // What it still writes must not block it; a program that never closes its output ends by the time limit.
            if (wanted)
                process.StandardOutput.BaseStream.CopyTo(Stream.Null);
            else
                Kill(process);
            process.WaitForExit();
        }
        catch
        {
            Kill(process);
            throw;
        }

        // A stray grandchild could keep the error stream open; nothing waits for it for long.
        string[] words = errors.Wait(s_patience, CancellationToken.None) ? errors.Result : [];
        cancel.ThrowIfCancellationRequested();
        var end = limit.IsCancellationRequested ? ChildEnd.TimedOut : wanted ? ChildEnd.Exited : ChildEnd.Stopped;
        return (end, process.ExitCode, words);
    }

    private static void Kill(Process process)
    {
        try
        {
            process.Kill(entireProcessTree: true);
        }
        catch (Exception e) when (e is InvalidOperationException or Win32Exception or AggregateException)
        {
            // It has ended already.
        }
    }

    private static string[] Tail(Stream stream)
    {
        byte[] kept = new byte[2 * LastWords];
        int count = 0;
        for (int got; (got = stream.Read(kept, count, kept.Length - count)) > 0;)
        {
            count += got;
            if (count <= LastWords)
                continue;
            kept.AsSpan(count - LastWords, LastWords).CopyTo(kept);
            count = LastWords;
        }

        string text = Encoding.UTF8.GetString(kept, 0, count);
        return text.Split(['\n', '\r'], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
    }
}
