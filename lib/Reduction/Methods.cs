namespace Aim.Reduction;

/// <summary>The reduction methods by name.</summary>
public static class Methods
{
    /// <summary>
    /// All methods. One line makes a method known: to definitions, the command line, the reports and the tests.
    /// </summary>
    public static IReadOnlyList<MethodDefinition> All { get; } =
    [
        new NoneMethod(),
        new AimMethod(),
        new RandomMethod(),
        new DownsampleMethod(),
        new UniformMethod(),
        new FastV(),
        new Vtw(),
        new PDrop(),
        new SparseVlm(),
        new PruMergeMethod(plus: false),
        new PruMergeMethod(plus: true),
        new ToMeMethod(),
        new VisionZipMethod(),
        new DivPruneMethod(),
        new DyCokeMethod(),
        new VisPrunerMethod(),
        new FasterVlmMethod(),
        new CdPrunerMethod(),
        new HoloVMethod(),
        new HiPruneMethod(),
        new TemporalMergeMethod(),
        new TextPrune(),
    ];

    /// <summary>Their names.</summary>
    public static IReadOnlyList<string> Names { get; } = [.. All.Select(m => m.Name)];

    /// <summary>The method of a name.</summary>
    /// <exception cref="ArgumentException">There is none.</exception>
    public static MethodDefinition Get(string name)
        => All.FirstOrDefault(m => m.Name == name)
            ?? throw new ArgumentException($"no reduction method is named '{name}'; there are {string.Join(", ", Names)}", nameof(name));

    /// <summary>Makes a method ready for a host from settings as a definition gives them.</summary>
    /// <exception cref="ArgumentException">
    /// No method has this name, a setting is wrong (<see cref="SettingException"/>) or the host lacks something.
    /// </exception>
    public static ReductionMethod Create(string name, IReadOnlyDictionary<string, string> settings, HostTraits host)
    {
        var method = Get(name);
        return method.Create(method.Read(settings), host);
    }
}
