namespace Aim.Kernel;

/// <summary>What the program that hosts the kernel adds to every notebook.</summary>
/// <param name="MoreImports">Namespaces, and types whose static members are, visible in every cell.</param>
/// <param name="OnCell">Is told, before each cell, the token that is cancelled when the cell is interrupted.</param>
public sealed record KernelSetup(IReadOnlyList<string> MoreImports, Action<CancellationToken>? OnCell = null)
{
    /// <summary>
    /// Packages whose content is there without a reference, by name: <c>#r "Name"</c> and <c>#r "nuget: Name"</c> add nothing.
    /// </summary>
    public IReadOnlyList<string> Packages { get; init; } = [];

    /// <summary>What every C# notebook sees.</summary>
    public static IReadOnlyList<string> Imports { get; } =
    [
        "System", "System.Collections.Generic", "System.Globalization", "System.IO", "System.Linq", "System.Text",
        "System.Text.Json", "System.Text.RegularExpressions", "System.Threading", "System.Threading.Tasks", "Aim.Kernel",
        "Aim.Kernel.Notebook",
    ];
}
