namespace Aim.Cost;

/// <summary>
/// The models whose costs the paper prints, read from the repository's <c>datasets/configs</c>, which this library embeds.
/// </summary>
public static class PublishedModels
{
    private static readonly (string Name, string File, string[] Aliases)[] _known =
    [
        ("Qwen2-7B", "llava-onevision-7b", ["LLaVA-OneVision-7B", "LLaVA-OV-7B"]),
        ("Qwen2-0.5B", "llava-onevision-0.5b", ["LLaVA-OneVision-0.5B", "LLaVA-OV-0.5B"]),
        ("Vicuna-7B", "llava-1.5-7b", ["LLaVA-1.5-7B"]),
        ("Qwen-VL-Chat-7B", "qwen-vl-chat", ["Qwen-VL-Chat"]),
        ("Qwen2-VL-7B", "qwen2-vl-7b", []),
        ("LongVA-7B", "longva-7b", []),
    ];

    /// <summary>Their shapes, in the order in which they are listed to users.</summary>
    public static IReadOnlyList<ModelShape> All { get; } = [.. _known.Select(m => Read(m.Name, m.File))];

    /// <summary>The model of a name or alias, upper and lower case alike; null where there is none.</summary>
    public static ModelShape? Find(string name)
    {
        for (var i = 0; i < _known.Length; i++)
        {
            string[] names = [_known[i].Name, _known[i].File, .. _known[i].Aliases];
            if (names.Contains(name, StringComparer.OrdinalIgnoreCase))
                return All[i];
        }
        return null;
    }

    internal static ModelShape Shape(string name) => All.Single(m => m.Name == name);

    private static ModelShape Read(string name, string file)
    {
        using var stream = typeof(PublishedModels).Assembly.GetManifestResourceStream($"configs/{file}.json")
            ?? throw new InvalidDataException($"configs/{file}.json is not in the assembly; build it from a whole clone");
        return HubConfig.Read(stream, $"configs/{file}.json", name).Shape;
    }
}
