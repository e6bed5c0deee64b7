namespace Aim.Parity;

/// <summary>The kinds of cases that this library knows, in a folder's order of running. A new kind is one entry.</summary>
public static class ParityKinds
{
    public static IReadOnlyList<IParityKind> All { get; } =
    [
        new OpsKind(),
        new ErrorsKind(),
        new CaseFileKind(),
        new TokenizerKind(),
        new LlamaCppKind(),
        new ChatTemplateKind(),
        new DecodeKind(),
        new ResizeKind(),
        new GeometryKind(),
        new MetricsKind(),
    ];
}
