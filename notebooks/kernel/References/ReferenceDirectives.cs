using Aim.Kernel.Cells;
using Aim.Kernel.Scripting;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Aim.Kernel.References;

/// <summary>
/// <c>#r</c> lines of a cell: <c>#r "path.dll"</c>, <c>#r "nuget: Name, 1.2.3"</c>, or the name of an assembly that is there
/// already. They are carried out before the cell is compiled.
/// </summary>
/// <param name="book">What cells compile against.</param>
/// <param name="loader">Loads what is added.</param>
/// <param name="packages">Restores packages.</param>
/// <param name="provided">Names of packages whose content is there already.</param>
internal sealed class ReferenceDirectives(
    ReferenceBook book, SubmissionLoader loader, PackageRestore packages, IReadOnlyList<string> provided)
{
    /// <summary>Carries out a cell's <c>#r</c> lines.</summary>
    /// <param name="code">C#.</param>
    /// <param name="cell">How errors call the cell.</param>
    /// <param name="onNotice">Is told what was restored, and what was left as it is.</param>
    /// <param name="cancel">Ends a restore.</param>
    /// <returns>The code with those lines blank, all positions kept.</returns>
    /// <exception cref="CellException">A reference is not to be had.</exception>
    public string CarryOut(string code, string cell, Action<string> onNotice, CancellationToken cancel)
    {
        if (!code.Contains("#r", StringComparison.Ordinal))
            return code;
        var tree = CSharpSyntaxTree.ParseText(code, ScriptSession.Language, cancellationToken: cancel);
        var directives = ((CompilationUnitSyntax)tree.GetRoot(cancel)).GetReferenceDirectives()
            .Where(d => d.IsActive && !d.File.IsMissing).ToList();
        foreach (var directive in directives)
        {
            int line = tree.GetLineSpan(directive.Span, cancel).StartLinePosition.Line;
            string name = directive.File.ValueText.Trim();
            try
            {
                if (name.StartsWith("nuget:", StringComparison.OrdinalIgnoreCase))
                    AddPackage(name["nuget:".Length..], onNotice, cancel);
                else
                    AddFile(name);
            }
            catch (InvalidDataException error)
            {
                throw CellException.At("ReferenceError", cell, line, $"#r \"{name}\": {error.Message}");
            }
        }

        // The last one first: blanking keeps every position.
        foreach (var span in directives.Select(d => d.Span))
            code = CellText.Blank(code, span.Start, span.End);
        return code;
    }

    private void AddPackage(string specification, Action<string> onNotice, CancellationToken cancel)
    {
        string[] parts = specification.Split(',', StringSplitOptions.TrimEntries);
        if (parts.Length > 2 || parts[0].Length == 0 || parts.Any(p => p.Contains(' ') || p.Contains('"')))
            throw new InvalidDataException("give it as \"nuget: Name, 1.2.3\"");
        if (IsProvided(parts[0]))
            return;
        var package = CellRun.Await(() => packages.RestoreAsync(parts[0], parts.Length == 2 ? parts[1] : null, cancel));
        foreach (var (run, compile) in package.Assemblies)
        {
            string name = Path.GetFileNameWithoutExtension(run);
            if (!book.Add(run, compile) && book.IsPlatform(name))
                onNotice($"{name}: the kernel's own is used, not the package's");
        }

        foreach (string native in package.Native)
            loader.AddNative(native);
        onNotice($"{package.Name} {package.Version} added");
    }

    private void AddFile(string name)
    {
        string path = Path.GetFullPath(name, Environment.CurrentDirectory);
        if (!File.Exists(path))
        {
            string bare = name.EndsWith(".dll", StringComparison.OrdinalIgnoreCase) ? name[..^4] : name;
            if (IsProvided(bare) || book.IsPlatform(bare) || book.Added(bare) is not null)
                return;
            throw new InvalidDataException($"no such file: {path}");
        }

        string assembly;
        try
        {
            assembly = System.Reflection.AssemblyName.GetAssemblyName(path).Name!;
        }
        catch (Exception error) when (error is BadImageFormatException or IOException or UnauthorizedAccessException)
        {
            throw new InvalidDataException($"{path} is no .NET assembly: {error.Message}", error);
        }

        if (book.Added(assembly) is { } other && other != path)
        {
            throw new InvalidDataException(
                $"{assembly} is referenced from {other} already; restart the kernel to use {path} in its place");
        }

        book.Add(path);
    }

    private bool IsProvided(string name) => provided.Contains(name, StringComparer.OrdinalIgnoreCase);
}
