using System.Collections.Immutable;
using System.Reflection;
using System.Text;
using Aim.Kernel.References;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.Emit;
using Microsoft.CodeAnalysis.Text;

namespace Aim.Kernel.Scripting;

/// <summary>
/// The cells of a session as a chain of Roslyn submissions: each sees what the earlier ones declared. A cell that declares
/// nothing is left out of the chain, so that a thousand of them cost the next one nothing.
/// </summary>
/// <param name="imports">Namespaces, and types whose static members are, visible in every cell.</param>
/// <param name="references">What cells compile against.</param>
/// <param name="loader">Loads what they compile to.</param>
internal sealed class ScriptSession(IReadOnlyList<string> imports, ReferenceBook references, SubmissionLoader loader)
{
    /// <summary>The language of cells.</summary>
    public static CSharpParseOptions Language { get; } =
        new(LanguageVersion.Latest, DocumentationMode.Parse, SourceCodeKind.Script);

    private ImmutableList<Submission> _chain = [];
    private object?[] _states = new object?[2];
    private int _compiled;

    /// <summary>What later cells can see.</summary>
    public IReadOnlyList<Submission> Chain => _chain;

    /// <summary>Namespaces, and types whose static members are, visible in every cell.</summary>
    public IReadOnlyList<string> Imports => imports;

    /// <summary>Options that cells are compiled with.</summary>
    /// <remarks>
    /// Optimised: notebooks compute. Nullable annotations are read, their warnings are for programs, not for cells.
    /// </remarks>
    public static CSharpCompilationOptions Options(IEnumerable<string> imports) => new(
        OutputKind.DynamicallyLinkedLibrary,
        usings: imports,
        optimizationLevel: OptimizationLevel.Release,
        allowUnsafe: true,
        nullableContextOptions: NullableContextOptions.Annotations,
        sourceReferenceResolver: new SourceFileResolver([], Environment.CurrentDirectory),
        assemblyIdentityComparer: DesktopAssemblyIdentityComparer.Default,
        concurrentBuild: false);

    /// <summary>Compiles a cell's C# on what is there.</summary>
    /// <param name="code">Its text.</param>
    /// <param name="name">How errors and stack traces call it.</param>
    /// <param name="cancel">Ends it.</param>
    /// <exception cref="CellException">It does not compile.</exception>
    public Submission Compile(string code, string name, CancellationToken cancel)
    {
        int number = ++_compiled;
        string assemblyName = $"cell-{number}";
        var tree = CSharpSyntaxTree.ParseText(SourceText.From(code, Encoding.UTF8), Language, name, cancel);
        var compilation = CSharpCompilation.CreateScriptCompilation(
            assemblyName,
            tree,
            references.All,
            Options(imports).WithScriptClassName($"Cell{number}"),
            _chain.Count > 0 ? _chain[^1].Compilation : null,
            typeof(object));
        using var assembly = new MemoryStream();
        using var symbols = new MemoryStream();
        var result = compilation.Emit(
            assembly, symbols, options: new EmitOptions(debugInformationFormat: DebugInformationFormat.PortablePdb),
            cancellationToken: cancel);
        if (!result.Success)
            throw CompileErrors.Of(result.Diagnostics);

        assembly.Position = symbols.Position = 0;
        var entry = compilation.GetEntryPoint(cancel)!;
        var loaded = loader.Submission(assemblyName, name, code, assembly, symbols);
        var factory = loaded.GetType(entry.ContainingType.MetadataName, throwOnError: true)!
            .GetMethod(entry.MetadataName, BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic)!;
        return new Submission(
            compilation,
            code,
            factory.CreateDelegate<Func<object?[], Task<object?>>>(),
            Submission.EndsInValue(compilation, tree, cancel),
            Submission.DeclaresAnything(compilation, tree));
    }

    /// <summary>
    /// Starts a compiled cell. What it declares is there for later cells from now on, even if it fails half-way.
    /// </summary>
    public Task<object?> Start(Submission submission)
    {
        // Slot 0 would hold a host object; a submission keeps its state in the slot of its place in the chain.
        int slot = _chain.Count + 1;
        if (_states.Length <= slot)
            Array.Resize(ref _states, slot * 2);
        if (submission.Declares)
            _chain = _chain.Add(submission);
        return submission.Run(_states);
    }
}
