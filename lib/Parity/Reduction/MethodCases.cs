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
