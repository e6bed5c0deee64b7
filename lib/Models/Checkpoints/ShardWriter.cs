using System.Text.Json;
using System.Text.Json.Nodes;

namespace Aim.Models;

/// <summary>
/// Writes tensors as upstream's <c>save_pretrained</c> lays them out: one model.safetensors, or, beyond a size, shards in the
/// order of the tensors with an index beside them.
/// </summary>
public static class ShardWriter
{
    /// <summary>Upstream's largest shard, in bytes: <c>max_shard_size="5GB"</c>.</summary>
    public const long DefaultShardBytes = 5_000_000_000;

    /// <summary>Bytes that the files will take, headers and index roughly counted.</summary>
    public static long ByteLength(IReadOnlyCollection<SafetensorsEntry> entries)
    {
        const int HeaderOfOne = 256;
        ArgumentNullException.ThrowIfNull(entries);
        return entries.Sum(e => e.ByteLength + HeaderOfOne);
    }

    /// <summary>Writes the files; each is written atomically, the index last.</summary>
    /// <param name="directory">Made if need be.</param>
    /// <param name="entries">The tensors, in the order in which they fill the shards.</param>
    /// <param name="shardBytes">Most bytes of a shard, unless one tensor alone has more.</param>
    /// <param name="onFile">Is told each file's name before it is written.</param>
    /// <exception cref="IOException">A file cannot be written.</exception>
    public static void Write(
        string directory, IReadOnlyCollection<SafetensorsEntry> entries, long shardBytes = DefaultShardBytes,
        Action<string>? onFile = null)
    {
        ArgumentNullException.ThrowIfNull(entries);
        ArgumentOutOfRangeException.ThrowIfLessThan(shardBytes, 1);
        var shards = Split(entries, shardBytes);
        var map = new JsonObject();
        for (int i = 0; i < shards.Count; i++)
        {
            string name = shards.Count == 1
                ? CheckpointFiles.FileName : $"model-{i + 1:00000}-of-{shards.Count:00000}.safetensors";
            onFile?.Invoke(name);
            SafetensorsWriter.Write(Path.Combine(directory, name), shards[i]);
            foreach (var entry in shards[i])
                map[entry.Name] = name;
        }

        if (shards.Count == 1)
            return;
        var index = new JsonObject
        {
            ["metadata"] = new JsonObject { ["total_size"] = entries.Sum(e => e.ByteLength) },
            ["weight_map"] = map,
        };
        string json = index.ToJsonString(new JsonSerializerOptions { WriteIndented = true });
        AtomicFile.WriteText(Path.Combine(directory, ShardIndex.FileName), json + "\n");
    }

    private static List<List<SafetensorsEntry>> Split(IEnumerable<SafetensorsEntry> entries, long most)
    {
        var shards = new List<List<SafetensorsEntry>> { new() };
        long filled = 0;
        foreach (var entry in entries)
        {
            if (shards[^1].Count > 0 && filled + entry.ByteLength > most)
            {
                shards.Add([]);
                filled = 0;
            }

            shards[^1].Add(entry);
            filled += entry.ByteLength;
        }

        return shards;
    }
}
