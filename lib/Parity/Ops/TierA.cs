namespace Aim.Parity.Ops;

/// <summary>
/// The operations that this project's own assemblies call (tier-a.txt, held to the compiled code by a test): these may not end
/// unsupported.
/// </summary>
internal static class TierA
{
    /// <summary>Python names, sorted.</summary>
    public static IReadOnlyCollection<string> Names { get; } = Read();

    private static readonly HashSet<Operation> Operations = [.. Names.Select(OperationTable.Find).OfType<Operation>()];

    public static bool Contains(Operation? operation) => operation is not null && Operations.Contains(operation);

    /// <summary>A case that this build cannot express: a failure if the operation is of tier A.</summary>
    /// <exception cref="UnsupportedCaseException">It is not.</exception>
    public static void Unsupported(Comparison c, Operation? operation, string reason)
    {
        if (!Contains(operation))
            throw new UnsupportedCaseException(reason);
        c.Holds(false, $"{operation!.Names[0]} may not be unsupported: {reason}");
    }

    private static string[] Read()
    {
        using var stream = typeof(TierA).Assembly.GetManifestResourceStream("Aim.Parity.Ops.tier-a.txt")!;
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
    }
}
