using System.Security.Cryptography;
using System.Text;

namespace Aim.Reduction;

/// <summary>The reduction methods by name.</summary>
public static class Methods
{
    // One line makes a method known: to definitions, the command line, the reports and the tests.
    private static readonly IReadOnlyList<MethodDefinition> BuiltIn =
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

    // Replaced whole, so that whoever reads goes on with what it has.
    private static volatile IReadOnlyList<(MethodDefinition Method, string Source)> _registered = [];

    /// <summary>All methods, the registered ones last.</summary>
    public static IReadOnlyList<MethodDefinition> All => [.. BuiltIn, .. _registered.Select(r => r.Method)];

    /// <summary>Their names.</summary>
    public static IReadOnlyList<string> Names => [.. All.Select(m => m.Name)];

    /// <summary>
    /// Makes a method known that this library does not have, as one that a notebook's cell declares. Another one of its name, if
    /// it was registered too, is forgotten.
    /// </summary>
    /// <param name="method">The method.</param>
    /// <param name="source">
    /// All that its decisions follow from: its text, or its assembly's hash. Results are kept by it (<see cref="SourceOf"/>).
    /// </param>
    /// <exception cref="ArgumentException">The name is one of the library's own, or none.</exception>
    public static void Register(MethodDefinition method, string source)
    {
        ArgumentNullException.ThrowIfNull(method);
        ArgumentException.ThrowIfNullOrEmpty(source);
        if (method.Name.Length == 0 || !method.Name.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '+' or '.'))
        {
            throw new ArgumentException(
                $"'{method.Name}' is no name of a method: letters, digits, '-', '_', '+' and '.' make one", nameof(method));
        }

        if (BuiltIn.Any(m => m.Name == method.Name))
        {
            throw new ArgumentException(
                $"'{method.Name}' is a method of the library; give this one another name", nameof(method));
        }

        string hash = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(source)));
        _registered = [.. _registered.Where(r => r.Method.Name != method.Name), (method, hash)];
    }

    /// <summary>
    /// The sha256 of a registered method's source; null for the library's own, which its assembly's hash covers.
    /// </summary>
    public static string? SourceOf(string name) => _registered.FirstOrDefault(r => r.Method.Name == name).Source;

    /// <summary>The method of a name.</summary>
    /// <exception cref="ArgumentException">There is none.</exception>
    public static MethodDefinition Get(string name)
        => All.FirstOrDefault(m => m.Name == name)
            ?? throw new ArgumentException(
                $"no reduction method is named '{name}'; there are {string.Join(", ", Names)}", nameof(name));

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
