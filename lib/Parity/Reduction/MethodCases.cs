namespace Aim.Parity;

/// <summary>Other methods' cases, by the method's name in the case. A method that this build has is one entry here.</summary>
internal static class MethodCases
{
    private static readonly Dictionary<string, Func<string, CaseFile, IParityCase>> s_methods = new(StringComparer.Ordinal)
    {
        ["fastv"] = (name, file) => new FastVCase(name, file),
        ["vtw"] = (name, file) => new VtwCase(name, file),
        ["pdrop"] = (name, file) => new PDropCase(name, file),
        ["sparsevlm"] = (name, file) => new SparseVlmCase(name, file),
        ["dycoke-decode"] = (name, file) => new DyCokeDecodeCase(name, file),
        ["tome"] = (name, file) => new ToMeCase(name, file),
        ["tome-proportional-attention"] = (name, file) => new ToMeAttentionCase(name, file),
        ["prumerge"] = (name, file) => new PruMergeCase(name, file),
        ["prumerge+"] = (name, file) => new PruMergeCase(name, file),
        ["prumerge-siglip"] = (name, file) => new PruMergeCase(name, file),
        ["visionzip"] = (name, file) => new VisionZipCase(name, file),
        ["divprune"] = (name, file) => new DivPruneCase(name, file),
        ["vispruner"] = (name, file) => new VisPrunerCase(name, file),
        ["fastervlm"] = (name, file) => new FasterVlmCase(name, file),
        ["cdpruner"] = (name, file) => new CdPrunerCase(name, file),
        ["holov"] = (name, file) => new HoloVCase(name, file),
        ["hiprune"] = (name, file) => new HiPruneCase(name, file),
        ["dycoke-ttm"] = (name, file) => new DyCokeCase(name, file),
    };

    /// <summary>The case of a method, not supported where no entry has its name.</summary>
    public static IParityCase Create(string name, CaseFile file)
    {
        string method = file.Args.NeedText("method");
        return s_methods.TryGetValue(method, out var create)
            ? create(name, file)
            : SettledCase.NotSupported("method", name, $"no method named {method}");
    }
}
