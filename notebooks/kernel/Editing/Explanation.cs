using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.QuickInfo;

namespace Aim.Kernel.Editing;

/// <summary>Quick info of a name: its signature and documentation.</summary>
internal static class Explanation
{
    /// <summary>
    /// Of the name at an index, the one before it, or the method whose arguments it stands in; numbers explain nothing.
    /// </summary>
    public static async Task<string?> OfAsync(Document document, int at, CancellationToken cancel)
    {
        var service = QuickInfoService.GetService(document)
            ?? throw new InvalidOperationException("this build has no quick info service for C#");
        var root = (await document.GetSyntaxRootAsync(cancel))!;
        int end = root.FullSpan.End;
        bool IsNumber(int p) => p >= 0 && root.FindToken(p).IsKind(SyntaxKind.NumericLiteralToken);
        int[] tries = [at, at - 1, Called(root, Math.Min(at, end)) ?? -1];
        foreach (int position in tries.Where(p => p >= 0 && p <= end && !IsNumber(p) && !IsNumber(p - 1)))
        {
            var info = await service.GetQuickInfoAsync(document, position, cancel);
            var sections = info?.Sections.Select(s => s.Text).Where(t => t.Length > 0).ToList() ?? [];
            if (sections.Count > 0)
                return string.Join("\n\n", sections.Select(s => s.ReplaceLineEndings("\n").Trim()));
        }

        return null;
    }

    private static int? Called(SyntaxNode root, int at)
    {
        for (var node = root.FindToken(Math.Max(0, at - 1)).Parent; node is not null; node = node.Parent)
        {
            switch (node)
            {
                case InvocationExpressionSyntax { Expression: MemberAccessExpressionSyntax member }:
                    return member.Name.SpanStart;
                case InvocationExpressionSyntax call:
                    return call.Expression.SpanStart;
                case ObjectCreationExpressionSyntax creation:
                    return creation.Type.SpanStart;
            }
        }

        return null;
    }
}
