using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Aim.Kernel.Scripting;

/// <summary>A compiled cell, or its C# part.</summary>
/// <param name="Compilation">What the next one is compiled on.</param>
/// <param name="Source">Its text, for the editor's sake.</param>
/// <param name="Run">Executes it over the earlier ones' states and adds its own.</param>
/// <param name="HasResult">It ends in an expression, whose value is the cell's.</param>
/// <param name="Declares">Later cells can see something of it; where not, they need not be compiled on it.</param>
internal sealed record Submission(
    CSharpCompilation Compilation, string Source, Func<object?[], Task<object?>> Run, bool HasResult, bool Declares)
{
    /// <summary>Whether a text has nothing to compile: blanks and comments.</summary>
    public static bool IsEmpty(string text)
    {
        var root = (CompilationUnitSyntax)CSharpSyntaxTree.ParseText(text, ScriptSession.Language).GetRoot();
        return !root.ContainsDiagnostics && root.Members.Count == 0 && root.Usings.Count == 0 && root.Externs.Count == 0
            && root.AttributeLists.Count == 0 && !root.ContainsDirectives;
    }

    /// <summary>Whether a text ends in an expression without a semicolon that has a value.</summary>
    public static bool EndsInValue(CSharpCompilation compilation, SyntaxTree tree, CancellationToken cancel)
    {
        var root = (CompilationUnitSyntax)tree.GetRoot(cancel);
        if (root.Members is not [.., GlobalStatementSyntax { Statement: ExpressionStatementSyntax last }]
            || !last.SemicolonToken.IsMissing)
            return false;
        var type = compilation.GetSemanticModel(tree).GetTypeInfo(last.Expression, cancel);
        return (type.ConvertedType ?? type.Type) is { SpecialType: not SpecialType.System_Void };
    }

    /// <summary>Whether later cells can see something of it: a variable, a function, a type, a using.</summary>
    public static bool DeclaresAnything(CSharpCompilation compilation, SyntaxTree tree)
    {
        var root = (CompilationUnitSyntax)tree.GetRoot();
        return root.Usings.Count > 0 || root.Externs.Count > 0
            || compilation.ScriptClass!.GetMembers().Any(m => !m.IsImplicitlyDeclared);
    }
}
