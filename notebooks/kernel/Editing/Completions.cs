using Aim.Kernel.Cells;
using Aim.Kernel.Magics;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Completion;

namespace Aim.Kernel.Editing;

/// <summary>What could stand at a cell's cursor.</summary>
/// <param name="Items">Texts with their kinds, the likeliest first.</param>
/// <param name="Start">Where what they replace begins, in code points.</param>
/// <param name="End">Where it ends, likewise.</param>
internal sealed record Completions(IReadOnlyList<(string Text, string Kind)> Items, int Start, int End)
{
    // More than anybody reads.
    private const int Most = 500;

    /// <summary>Nothing.</summary>
    public static Completions None(string cell, int at) => new([], CellText.CodePoints(cell, at), CellText.CodePoints(cell, at));

    /// <summary>Magics that begin as the line does.</summary>
    /// <param name="line">Where the line begins.</param>
    /// <param name="at">The cursor's index.</param>
    public static Completions OfMagics(string cell, int line, int at)
    {
        string begun = cell[line..at];
        return new(
            [.. CellParts.Known.Where(k => k.Name.StartsWith(begun, StringComparison.Ordinal)).Select(k => (k.Name, "keyword"))],
            CellText.CodePoints(cell, line), CellText.CodePoints(cell, at));
    }

    /// <summary>What the compiler's editor services offer, those that begin with what is written.</summary>
    /// <param name="at">The cursor's index.</param>
    public static async Task<Completions> OfAsync(Document document, string code, int at, CancellationToken cancel)
    {
        var service = CompletionService.GetService(document)
            ?? throw new InvalidOperationException("this build has no completion service for C#");
        var list = await service.GetCompletionsAsync(document, at, cancellationToken: cancel);
        if (list.ItemsList.Count == 0)
            return None(code, at);

        string begun = code[Math.Min(list.Span.Start, at)..at];
        var items = list.ItemsList
            .Where(i => i.FilterText.StartsWith(begun, StringComparison.OrdinalIgnoreCase))
            .OrderBy(i => !i.FilterText.StartsWith(begun, StringComparison.Ordinal))
            .ThenBy(i => i.SortText, StringComparer.OrdinalIgnoreCase)
            .Select(i => (i.DisplayText, i.Tags.IsDefaultOrEmpty ? "" : i.Tags[0].ToLowerInvariant()))
            .DistinctBy(i => i.DisplayText)
            .Take(Most);
        return new([.. items], CellText.CodePoints(code, Math.Min(list.Span.Start, at)), CellText.CodePoints(code, at));
    }
}
