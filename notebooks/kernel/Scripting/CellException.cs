namespace Aim.Kernel.Scripting;

/// <summary>
/// A cell that cannot run, with what to tell its author: a compile error, a wrong magic, a reference that is not there.
/// </summary>
/// <param name="name">What kind of error, as Jupyter's <c>ename</c>.</param>
/// <param name="message">The text, whole: no stack trace is shown with it.</param>
internal sealed class CellException(string name, string message) : Exception(message)
{
    /// <summary>What kind of error.</summary>
    public string Name => name;

    /// <summary>An error in what a cell says to the kernel.</summary>
    /// <param name="line">The line, from 0.</param>
    public static CellException At(string name, string cell, int line, string message) =>
        new(name, $"{cell}, line {line + 1}: {message}");
}
