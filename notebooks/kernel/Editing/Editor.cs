using System.Collections.Immutable;
using Aim.Kernel.Cells;
using Aim.Kernel.Magics;
using Aim.Kernel.References;
using Aim.Kernel.Scripting;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.Host.Mef;
using Microsoft.CodeAnalysis.Text;

namespace Aim.Kernel.Editing;

/// <summary>
/// The cell being written, as the compiler's own editor services see it: a document behind those that later cells can see. The
/// services take a second to load, so they are when they are first asked, or by <see cref="WarmAsync"/>.
/// </summary>
internal sealed class Editor(ScriptSession script, ReferenceBook references) : IDisposable
{
    private readonly Lock _gate = new();
    private readonly List<(Submission Submission, ProjectId Project)> _history = [];
    private AdhocWorkspace? _workspace;
    private Solution? _solution;
    private DocumentedReferences? _documented;

    /// <summary>Loads what completion needs, so that the first Tab does not wait for it.</summary>
    public Task WarmAsync() => Completions.OfAsync(Document("Console."), "Console.", "Console.".Length, CancellationToken.None);

    /// <summary>What could stand at the cursor.</summary>
    /// <param name="cell">A cell's text.</param>
    /// <param name="cursor">In code points.</param>
    /// <param name="cancel">Ends it.</param>
    public async Task<Completions> CompleteAsync(string cell, int cursor, CancellationToken cancel)
    {
        int at = CellText.Index(cell, cursor);
        int line = at == 0 ? 0 : cell.LastIndexOf('\n', at - 1) + 1;
        if (cell.AsSpan(line, at - line).StartsWith("#!"))
            return Completions.OfMagics(cell, line, at);
        return CSharp(cell) is { } code
            ? await Completions.OfAsync(Document(code), code, at, cancel) : Completions.None(cell, at);
    }

    /// <summary>What is known of the name at the cursor, with its documentation; null: nothing.</summary>
    /// <inheritdoc cref="CompleteAsync" path="/param"/>
    public async Task<string?> ExplainAsync(string cell, int cursor, CancellationToken cancel) => CSharp(cell) is { } code
        ? await Explanation.OfAsync(Document(code), CellText.Index(cell, cursor), cancel) : null;

    public void Dispose() => _workspace?.Dispose();

    // The C# of a cell, with all positions kept; null where its magics are wrong.
    private static string? CSharp(string cell)
    {
        try
        {
            var parts = CellParts.Of(cell, "cell").Parts.Where(p => p.Kind == PartKind.CSharp).ToList();
            if (parts.Count == 0)
                return null;

            // Parts of one cell see each other: lay them over each other.
            char[] code = parts[0].Text.ToCharArray();
            foreach (var part in parts.Skip(1))
            {
                for (int i = 0; i < code.Length; i++)
                    code[i] = part.Text[i] == ' ' ? code[i] : part.Text[i];
            }

            return new string(code);
        }
        catch (CellException)
        {
            return null;
        }
    }

    private Document Document(string code)
    {
        lock (_gate)
        {
            _workspace ??= new AdhocWorkspace(MefHostServices.DefaultHost);
            _documented ??= new DocumentedReferences();
            _solution ??= _workspace.CurrentSolution;
            foreach (var submission in script.Chain.Skip(_history.Count))
                _history.Add((submission, Add(ref _solution, submission.Source)));
            var solution = _solution;
            var project = Add(ref solution, code);
            return solution.GetProject(project)!.Documents.Single();
        }
    }

    private ProjectId Add(ref Solution solution, string code)
    {
        string name = $"cell-{_history.Count + 1}";
        var id = ProjectId.CreateNewId(name);
        var document = DocumentInfo.Create(
            DocumentId.CreateNewId(id), name, sourceCodeKind: SourceCodeKind.Script,
            loader: TextLoader.From(TextAndVersion.Create(SourceText.From(code), VersionStamp.Create())));
        solution = solution.AddProject(ProjectInfo.Create(
            id, VersionStamp.Create(), name, name, LanguageNames.CSharp,
            compilationOptions: ScriptSession.Options(script.Imports).WithScriptClassName(name.Replace('-', '_')),
            parseOptions: ScriptSession.Language,
            documents: [document],
            projectReferences: _history.Count > 0 ? [new ProjectReference(_history[^1].Project)] : [],
            metadataReferences: _documented!.Of(references.All),
            isSubmission: true));
        return id;
    }
}

/// <summary>
/// References with their documentation: the framework's assemblies have none, those of the SDK's reference pack do. Where there
/// is no such pack, the names are still known.
/// </summary>
internal sealed class DocumentedReferences
{
    private readonly string _framework = Path.GetDirectoryName(typeof(object).Assembly.Location)!;
    private readonly ImmutableArray<MetadataReference> _documented;

    public DocumentedReferences()
    {
        string root = Path.GetFullPath(Path.Combine(_framework, "..", "..", ".."));
        string packs = Path.Combine(root, "packs", "Microsoft.NETCore.App.Ref");
        string moniker = $"net{Environment.Version.Major}.{Environment.Version.Minor}";
        string? pack = Directory.Exists(packs)
            ? Directory.GetDirectories(packs).Select(d => Path.Combine(d, "ref", moniker)).LastOrDefault(Directory.Exists) : null;
        _documented = pack is null ? [] : [.. Directory.GetFiles(pack, "*.dll").Select(ReferenceBook.Reference)];
    }

    /// <summary>The same references, the framework's exchanged.</summary>
    public IEnumerable<MetadataReference> Of(ImmutableArray<MetadataReference> references) => _documented.IsEmpty
        ? references
        : _documented.Concat(
            references.Where(r => Path.GetDirectoryName((r as PortableExecutableReference)?.FilePath) != _framework));
}
