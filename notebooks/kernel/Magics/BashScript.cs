using System.Diagnostics;
using Aim.Kernel.Scripting;

namespace Aim.Kernel.Magics;

/// <summary>A part of a cell that bash runs, in the notebook's folder; what it prints is shown as it comes.</summary>
internal static class BashScript
{
    /// <summary>Runs it to its end.</summary>
    /// <param name="script">The script.</param>
    /// <param name="print">Is told the stream, <c>stdout</c> or <c>stderr</c>, and what was printed.</param>
    /// <param name="interrupted">Ends it and what it started.</param>
    /// <exception cref="CellException">There is no bash, or the script's exit code is not 0.</exception>
    /// <exception cref="OperationCanceledException">It was interrupted.</exception>
    public static async Task RunAsync(string script, Action<string, string> print, CancellationToken interrupted)
    {
        string file = Path.GetTempFileName();
        try
        {
            await File.WriteAllTextAsync(file, script.ReplaceLineEndings("\n"), interrupted);
            using var process = Start(file);
            process.StandardInput.Close();
            using var end = interrupted.Register(() => process.Kill(entireProcessTree: true));
            await Task.WhenAll(
                Copy(process.StandardOutput, text => print("stdout", text)),
                Copy(process.StandardError, text => print("stderr", text)));
            await process.WaitForExitAsync(CancellationToken.None);
            interrupted.ThrowIfCancellationRequested();
            if (process.ExitCode != 0)
                throw new CellException("BashError", $"bash ended with exit code {process.ExitCode}");
        }
        finally
        {
            File.Delete(file);
        }
    }

    private static Process Start(string file)
    {
        try
        {
            return Process.Start(new ProcessStartInfo("bash", [file])
            {
                RedirectStandardInput = true,
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            })!;
        }
        catch (System.ComponentModel.Win32Exception error)
        {
            throw new CellException("BashError", $"bash does not start: {error.Message}");
        }
    }

    private static async Task Copy(StreamReader from, Action<string> print)
    {
        var buffer = new char[4096];
        for (int count; (count = await from.ReadAsync(buffer)) > 0;)
            print(new string(buffer, 0, count));
    }
}
