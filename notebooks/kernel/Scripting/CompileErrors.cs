using System.Text;
using Microsoft.CodeAnalysis;

namespace Aim.Kernel.Scripting;

/// <summary>The compiler's errors as a cell shows them: where, what, and the line with the place marked.</summary>
internal static class CompileErrors
{
    private const int Shown = 10;

    /// <summary>The errors among the diagnostics, in the order of the text.</summary>
    public static CellException Of(IEnumerable<Diagnostic> diagnostics)
    {
        var errors = diagnostics.Where(d => d.Severity == DiagnosticSeverity.Error)
            .OrderBy(d => d.Location.SourceSpan.Start).ToList();
        var text = new StringBuilder();
        foreach (var error in errors.Take(Shown))
            Write(text, error);
        if (errors.Count > Shown)
            text.Append($"... and {errors.Count - Shown} more errors");
        return new CellException("CompilationError", text.ToString().TrimEnd('\n'));
    }

    private static void Write(StringBuilder text, Diagnostic error)
    {
        var span = error.Location.GetMappedLineSpan();
        if (error.Location.SourceTree is not { } tree)
        {
            text.Append($"error {error.Id}: {error.GetMessage()}\n");
            return;
        }

        var (line, column) = (span.StartLinePosition.Line, span.StartLinePosition.Character);
        text.Append($"{span.Path}, line {line + 1}: error {error.Id}: {error.GetMessage()}\n");
        var source = tree.GetText().Lines[error.Location.GetLineSpan().StartLinePosition.Line].ToString();
        if (source.Length == 0 || column > source.Length)
            return;
        int width = span.EndLinePosition.Line == line
            ? Math.Max(1, span.EndLinePosition.Character - column) : source.Length - column;

        // Tabs stay tabs, so that the mark stands below its place.
        string indent = new([.. source[..column].Select(c => c == '\t' ? '\t' : ' ')]);
        text.Append($"    {source}\n    {indent}{new string('^', Math.Max(1, width))}\n");
    }
}
