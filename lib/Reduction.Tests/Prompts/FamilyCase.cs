using Aim.Models;
using Aim.Parity;

namespace Aim.Reduction.Tests.Prompts;

/// <summary>
/// A recorded case of a family: its checkpoint, its prompts' ids with one placeholder a picture or video, what stands there, and
/// what transformers generated.
/// </summary>
internal sealed class FamilyCase : IDisposable
{
    private FamilyCase(
        MultimodalModel model,
        IReadOnlyList<(IReadOnlyList<int> Ids, IReadOnlyList<PromptVisual> Visuals, string SampleId)> prompts,
        int[][] generated)
    {
        (Model, Prompts, Generated) = (model, prompts, generated);
    }

    public static string Root => Path.Combine(TestContext.CurrentContext.TestDirectory, "ModelFixtures", "models");

    /// <summary>All cases with their checkpoints' names.</summary>
    public static IEnumerable<(string Name, string Checkpoint)> All
        => Directory.GetDirectories(Path.Combine(AppContext.BaseDirectory, "ModelFixtures", "models"))
            .Where(d => File.Exists(Path.Combine(d, "case.json"))).Order(StringComparer.Ordinal)
            .Select(d => (Path.GetFileName(d), Checkpoint(d)));

    private static string Checkpoint(string directory)
        => Path.GetFileName(CaseFile.Read(Path.Combine(directory, "case.json")).Root.NeedText("checkpoint"));

    public MultimodalModel Model { get; }

    public IReadOnlyList<(IReadOnlyList<int> Ids, IReadOnlyList<PromptVisual> Visuals, string SampleId)> Prompts { get; }

    /// <summary>[prompt][step].</summary>
    public int[][] Generated { get; }

    /// <summary>The case; its model is loaded if none is given.</summary>
    public static FamilyCase Open(string name, MultimodalModel? model = null)
    {
        using var file = CaseFile.Read(Path.Combine(Root, name, "case.json"));
        model ??= MultimodalModel.Load(file.Resolve(file.Root.NeedText("checkpoint")));
        string[] pictures = CaseFrames.Pictures(file), frames = CaseFrames.Paths(file);
        var visuals = new List<PromptVisual>();
        int first = 0;
        int[] perPrompt = file.Root.NeedInts("images_per_prompt");
        foreach (int count in perPrompt)
        {
            visuals.AddRange(model.Pictures([.. pictures.Skip(first).Take(count).Select(CaseFrames.Read)]));
            first += count;
        }

        if (frames.Length > 0)
            visuals.Add(model.Video([.. frames.Select(CaseFrames.Read)]));
        var ids = new ModelPrompt(file).Collapse([.. model.Config.PlaceholderIds], [.. visuals.Select(v => v.Tokens)]);
        var prompts = new List<(IReadOnlyList<int>, IReadOnlyList<PromptVisual>, string)>();
        int next = 0;
        foreach (int[] row in ids)
        {
            int count = row.Count(model.Config.PlaceholderIds.Contains);
            prompts.Add((row, visuals.GetRange(next, count), $"{name}-{prompts.Count}"));
            next += count;
        }

        int steps = (int)file.Shape("generated_ids")[1];
        int[][] generated = [.. file.Integers("generated_ids").Select(i => (int)i).Chunk(steps)];
        return new FamilyCase(model, prompts, generated);
    }

    public void Dispose()
    {
        foreach (var visual in Prompts.SelectMany(p => p.Visuals))
            visual.Dispose();
        Model.Dispose();
    }
}
