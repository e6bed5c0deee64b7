using System.Globalization;
using Aim.Models;

namespace Aim.Fusion;

/// <summary>
/// A trained projection on disk: one safetensors file whose metadata says which model's states it maps, of which layer, and how.
/// It is refused where it does not belong: a projection is worth nothing on another backbone.
/// </summary>
public static class ProjectionFile
{
    /// <summary>The note that says how a projection was trained.</summary>
    public const string Training = "training";

    private const string Kind = "aim-fusion-projection", Version = "1";

    /// <summary>Writes a projection, atomically.</summary>
    /// <param name="path">The file.</param>
    /// <param name="projection">The projection.</param>
    /// <param name="host">The model that it was trained for.</param>
    /// <param name="aggregation">The states that it maps.</param>
    /// <param name="notes">Further metadata (how it was trained).</param>
    public static void Save(
        string path, FusionProjection projection, IFusionHost host, AggregationOptions aggregation,
        IReadOnlyDictionary<string, string>? notes = null)
    {
        ArgumentNullException.ThrowIfNull(projection);
        ArgumentNullException.ThrowIfNull(host);
        ArgumentNullException.ThrowIfNull(aggregation);
        var metadata = new Dictionary<string, string>
        {
            ["format"] = "pt",
            ["kind"] = Kind,
            ["version"] = Version,
            ["backbone"] = host.Hash,
            ["layer"] = aggregation.LayerIn(host).ToString(CultureInfo.InvariantCulture),
            ["norm"] = Flag(aggregation.Norm),
            ["positions"] = aggregation.Positions.ToString(),
            ["bias"] = Flag(projection.Options.Bias),
            ["layer_norm"] = Flag(projection.Options.LayerNorm),
        };
        foreach (var (key, value) in notes ?? new Dictionary<string, string>())
            metadata.TryAdd(key, value);
        SafetensorsWriter.Write(path, projection.Named.Select(p => SafetensorsEntry.Float(
            p.Name, SafetensorsType.F32, p.Parameter.shape, p.Parameter.detach().cpu().data<float>().ToArray())), metadata);
    }

    /// <summary>How a projection was trained, as whoever wrote it noted; null where nothing is noted.</summary>
    /// <param name="path">The file.</param>
    /// <exception cref="ProjectionException">The file is broken.</exception>
    public static string? TrainingOf(string path)
    {
        try
        {
            using var file = SafetensorsFile.Open(path);
            return file.Metadata.GetValueOrDefault(Training);
        }
        catch (CheckpointException e)
        {
            throw new ProjectionException(e.Message, e);
        }
    }

    /// <summary>Reads a projection for a model.</summary>
    /// <param name="path">The file.</param>
    /// <param name="host">The model that it is to serve.</param>
    /// <returns>The projection, and the states that it maps.</returns>
    /// <exception cref="ProjectionException">The file is broken, or belongs to another model.</exception>
    public static (FusionProjection Projection, AggregationOptions Aggregation) Load(string path, IFusionHost host)
    {
        ArgumentNullException.ThrowIfNull(host);
        try
        {
            using var file = SafetensorsFile.Open(path);
            string Of(string key) => file.Metadata.TryGetValue(key, out string? value)
                ? value
                : throw new ProjectionException($"{path}: metadata lacks '{key}': this is no projection written by this program");
            if (Of("kind") != Kind || Of("version") != Version)
                throw new ProjectionException(
                    $"{path}: '{Of("kind")}' version {Of("version")}; {Kind} version {Version} can be read");
            if (Of("backbone") != host.Hash)
            {
                throw new ProjectionException($"{path}: it was trained for the model with sha256 {Of("backbone")}, "
                    + $"but this one has {host.Hash}; train a projection for it, or load the other model");
            }

            if (!int.TryParse(Of("layer"), NumberStyles.None, CultureInfo.InvariantCulture, out int layer) || layer > host.Layers)
                throw new ProjectionException($"{path}: layer: '{Of("layer")}', but the model has layers 0 to {host.Layers}");
            if (!Enum.TryParse(Of("positions"), out TextPositions positions) || !Enum.IsDefined(positions))
                throw new ProjectionException($"{path}: positions: '{Of("positions")}'; All and Reference are known");
            var options = new ProjectionOptions { Bias = IsSet("bias"), LayerNorm = IsSet("layer_norm") };
            var tensors = Expected(options, host.Dim).ToDictionary(e => e.Name, e => Read(file, e.Name, e.Shape));
            if (file.Names.Count != tensors.Count)
                throw new ProjectionException(
                    $"{path}: unexpected tensors: {string.Join(", ", file.Names.Except(tensors.Keys))}");
            return (new FusionProjection(tensors, options), new AggregationOptions(layer, IsSet("norm"), positions));

            bool IsSet(string key) => Of(key) switch
            {
                "true" => true,
                "false" => false,
                var other => throw new ProjectionException($"{path}: {key}: '{other}'; true or false is expected"),
            };
        }
        catch (CheckpointException e)
        {
            throw new ProjectionException(e.Message, e);
        }
    }

    private static string Flag(bool value) => value ? "true" : "false";

    private static IEnumerable<(string Name, long[] Shape)> Expected(ProjectionOptions options, long dim)
    {
        yield return ("weight", [dim, dim]);
        if (options.Bias)
            yield return ("bias", [dim]);
        if (options.LayerNorm)
        {
            yield return ("norm.weight", [dim]);
            yield return ("norm.bias", [dim]);
        }
    }

    private static Tensor Read(SafetensorsFile file, string name, long[] shape)
    {
        if (!file.Contains(name))
            throw new ProjectionException($"{file.FilePath}: tensor '{name}' is missing");
        var info = file.Info(name);
        return info.Dtype == SafetensorsType.F32 && info.Shape.SequenceEqual(shape)
            ? tensor(file.ReadFloat32(name), shape)
            : throw new ProjectionException($"{file.FilePath}: '{name}' is {info.Dtype} [{string.Join(", ", info.Shape)}]; "
                + $"F32 [{string.Join(", ", shape)}] is needed by this model");
    }
}
