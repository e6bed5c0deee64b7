using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Aim.Experiments.Planning;

namespace Aim.Experiments.Running;

/// <summary>
/// What a result depends on beside its cell and sample: the model, the data and the program that computed it. Results are found
/// again by content, so a changed model, data generator, engine or assembly never meets an old answer.
/// </summary>
/// <param name="ModelSha256">sha256 of the checkpoint's weights.</param>
/// <param name="DataVersion">Version of the data set or of its generator.</param>
/// <param name="Engine">The tensor engine.</param>
/// <param name="InstructionSet">The kernels' instruction set: bits are equal only within one.</param>
/// <param name="Assemblies">Content hashes of the assemblies that an answer passes through, in name order.</param>
internal sealed record RunKeys(
    string ModelSha256, string DataVersion, string Engine, string InstructionSet, IReadOnlyList<AssemblyHash> Assemblies)
{
    /// <summary>One hash of all of it.</summary>
    public string Hash => CanonicalForm.Sha256(
        string.Join('\n', [ModelSha256, DataVersion, Engine, InstructionSet, .. Assemblies.Select(a => $"{a.Name} {a.Sha256}")]));

    /// <summary>The key of one answer.</summary>
    /// <param name="keysHash"><see cref="Hash"/>.</param>
    /// <param name="cell">The cell: equal settings share answers.</param>
    /// <param name="sample">Index of the sample in the cell's test set.</param>
    public static string Answer(string keysHash, PlannedCell cell, int sample) =>
        Of(keysHash, cell.Settings, cell.Set.SampleKey(sample));

    /// <summary>The key of one recording.</summary>
    /// <inheritdoc cref="Answer" path="/param"/>
    /// <param name="kind">What is recorded.</param>
    public static string Recording(string keysHash, PlannedCell cell, int sample, Recordings kind) =>
        Of(keysHash, string.Create(CultureInfo.InvariantCulture, $"{cell.Settings} record={kind}/{SampleRecording.Version}"),
            cell.Set.SampleKey(sample));

    private static string Of(string keysHash, string settings, string sample) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{keysHash}\n{settings}\n{sample}")).AsSpan(0, 16));

    /// <summary>Hashes the files of the given types' assemblies.</summary>
    public static IReadOnlyList<AssemblyHash> HashAssemblies(IEnumerable<Type> types) =>
    [
        .. types.Select(t => t.Assembly).Distinct()
            .Select(a => new AssemblyHash(
                a.GetName().Name!, Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(a.Location)))))
            .OrderBy(a => a.Name, StringComparer.Ordinal),
    ];
}

/// <summary>One assembly's name and the sha256 of its file.</summary>
internal sealed record AssemblyHash(string Name, string Sha256);
