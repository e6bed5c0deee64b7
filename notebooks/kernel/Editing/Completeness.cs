using Aim.Kernel.Magics;
using Aim.Kernel.Scripting;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace Aim.Kernel.Editing;

/// <summary>Whether a console may run what was typed, or the next line belongs to it.</summary>
internal static class Completeness
{
    // A comment, a verbatim text, a raw text without an end.
    private static readonly string[] Unterminated = ["CS1035", "CS1039", "CS8997"];

    /// <summary>Jupyter's word for it, and by how many spaces the next line of an incomplete text is indented.</summary>
    public static (string Status, string Indent) Of(string cell)
    {
        IReadOnlyList<CellPart> parts;
        try
        {
            parts = CellParts.Of(cell, "cell").Parts;
        }
        catch (CellException)
        {
            return ("invalid", "");
        }

        if (parts is not [.., { Kind: PartKind.CSharp } last])
            return ("complete", "");
        var tree = CSharpSyntaxTree.ParseText(last.Text, ScriptSession.Language);
        var errors = tree.GetDiagnostics().Where(d => d.Severity == DiagnosticSeverity.Error).ToList();
        if (SyntaxFactory.IsCompleteSubmission(tree))
            return (errors.Count > 0 ? "invalid" : "complete", "");

        // What is wrong before the end stays wrong, whatever follows; comments and long texts are told where they begin.
        int end = last.Text.TrimEnd().Length;
        return errors.Any(e =>
            e.Location.SourceSpan.Start < end && e.Location.SourceSpan.End <= end && !Unterminated.Contains(e.Id)
            && last.Text[e.Location.SourceSpan.Start] is not ' ')
            ? ("invalid", "") : ("incomplete", Indent(cell));
    }

    private static string Indent(string cell)
    {
        string line = cell.TrimEnd('\n').Split('\n')[^1];
        string indent = line[..(line.Length - line.TrimStart().Length)];
        return line.TrimEnd().EndsWith('{') ? indent + "    " : indent;
    }
}
