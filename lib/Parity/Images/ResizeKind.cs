namespace Aim.Parity;

/// <summary>
/// resize.json: Pillow's and torch's picture operations, and transformers' image processors. This build has none of them.
/// </summary>
internal sealed class ResizeKind : IParityKind
{
    public IEnumerable<IParityCase> Find(string directory)
        => FileOfCases.Uncomputed(Path.Combine(directory, "resize.json"), "resize", "cases", (item, i) =>
        {
            string op = item.NeedText("op");
            return (item.TextOrNull("expected") ?? $"{op}/{i}", $"no {op}");
        });
}
