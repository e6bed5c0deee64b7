namespace Aim.Datasets;

/// <summary>The lab's models; <see cref="LabModelKinds"/> spells them.</summary>
public enum LabModelKind
{
    /// <summary>Pictures and clips: a LLaVA-OneVision.</summary>
    Video,

    /// <summary>Single pictures and text: LLaVA-1.5's form with a SigLIP tower of 144 tokens and a Qwen2 decoder.</summary>
    Single,

    /// <summary>
    /// <see cref="Single"/>'s data with another backbone: a tower of 64 tokens, a projector of one layer, a Llama decoder (no
    /// biases, as many key as query heads, an output head of its own).
    /// </summary>
    SingleB,

    /// <summary><see cref="Single"/> trained on with documents of several pictures: the same shape.</summary>
    Multi,
}

/// <summary>Names of the lab's models.</summary>
public static class LabModelKinds
{
    private static readonly (LabModelKind Kind, string Name)[] s_names =
    [
        (LabModelKind.Video, "video"),
        (LabModelKind.Single, "single"),
        (LabModelKind.SingleB, "single-b"),
        (LabModelKind.Multi, "multi"),
    ];

    /// <summary>The names, as a command line spells them: <c>video</c>, <c>single</c>, <c>single-b</c>, <c>multi</c>.</summary>
    public static IReadOnlyList<string> Names { get; } = [.. s_names.Select(n => n.Name)];

    /// <summary>The name of a kind, say <c>single-b</c>; its checkpoint directory is <c>lab-single-b</c>.</summary>
    public static string Name(this LabModelKind kind) => s_names.Single(n => n.Kind == kind).Name;

    /// <summary>The kind of a name.</summary>
    /// <exception cref="ArgumentException">There is no model of that name; the message lists those that there are.</exception>
    public static LabModelKind Parse(string name)
        => s_names.Where(n => n.Name == name).Select(n => (LabModelKind?)n.Kind).SingleOrDefault()
        ?? throw new ArgumentException($"there is no lab model '{name}'; there are {string.Join(", ", Names)}");
}
