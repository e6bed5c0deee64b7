using System.Text.Json;
using Aim.Models;

namespace Aim.Fusion;

/// <summary>
/// Demonstrations and interleaved documents in JSON lines. A demonstration is <c>{"image": "a.jpg", "instruction": "...",
/// "reference": "..."}</c>, the two texts joined as they are; a document is <c>{"pairs": [demonstration, ...]}</c>, as an
/// interleaved corpus gives them once each picture has been matched with its text. Paths are relative to the file's directory and
/// stay within it. Lines that are empty are left out. A line may say for which model it was written, <c>"backbone": "sha256 of
/// its weights"</c>, and is refused for any other.
/// </summary>
public static class DemonstrationFile
{
    private const int LongestLine = 1 << 20;

    /// <summary>Reads demonstrations.</summary>
    /// <param name="path">The file.</param>
    /// <param name="readPicture">Reads a picture; its errors are given with file and line.</param>
    /// <param name="backbone">sha256 of the weights of the model that they are for; null: lines are not asked.</param>
    /// <exception cref="DemonstrationException">The file or a line of it is not as it should be, or there is no line.</exception>
    public static IReadOnlyList<Demonstration> Read(string path, Func<string, RgbImage> readPicture, string? backbone = null)
    {
        var read = new List<Demonstration>();
        foreach (var (json, number) in Lines(path))
        {
            if (backbone is not null)
                CheckBackbone(json, path, number, backbone);
            read.Add(Demonstration(json, path, number, "", readPicture));
        }

        return read.Count > 0 ? read : throw At(path, 1, "there is no demonstration; give a line for each");
    }

    /// <summary>Reads interleaved documents.</summary>
    /// <inheritdoc cref="Read" path="/param"/>
    /// <inheritdoc cref="Read" path="/exception"/>
    public static IEnumerable<FusionDocument> ReadDocuments(string path, Func<string, RgbImage> readPicture)
    {
        foreach (var (json, number) in Lines(path))
        {
            if (!json.TryGetProperty("pairs", out var pairs) || pairs.ValueKind != JsonValueKind.Array
                || pairs.GetArrayLength() < 2)
                throw At(path, number, "pairs: a list of two or more pairs of image and texts is needed");
            yield return FusionDocument.OfPairs(
                [.. pairs.EnumerateArray().Select((p, i) => Demonstration(p, path, number, $"pairs[{i}].", readPicture))]);
        }
    }

    private static void CheckBackbone(JsonElement json, string path, int number, string backbone)
    {
        if (!json.TryGetProperty("backbone", out var named))
            return;
        if (named.ValueKind != JsonValueKind.String)
            throw At(path, number, "backbone: a text is needed, the sha256 of a model's weights");
        if (named.GetString() != backbone)
        {
            throw At(path, number,
                $"backbone: the line was written for the model with sha256 {named.GetString()}, but this one has {backbone}; "
                + "load the other model, or take the field out");
        }
    }

    private static Demonstration Demonstration(JsonElement json, string path, int number, string prefix, Func<string,
        RgbImage> readPicture)
    {
        string Text(string field, bool needed)
        {
            if (json.ValueKind == JsonValueKind.Object && json.TryGetProperty(field, out var value))
            {
                return value.ValueKind == JsonValueKind.String
                    ? value.GetString()!
                    : throw At(path, number, $"{prefix}{field}: a text is needed");
            }

            return !needed ? "" : throw At(path, number,
                $"{prefix}{field} is missing; image, instruction and reference make a demonstration");
        }

        string image = Text("image", needed: true), instruction = Text("instruction", needed: false),
            reference = Text("reference", needed: true);
        if (string.IsNullOrWhiteSpace(reference))
            throw At(path, number, $"{prefix}reference is empty: nothing would stand for the picture");
        string directory = Path.GetDirectoryName(Path.GetFullPath(path))!;
        string file = Path.GetFullPath(Path.Combine(directory, image));
        if (Path.IsPathRooted(image) || !file.StartsWith(directory + Path.DirectorySeparatorChar, StringComparison.Ordinal))
            throw At(path, number, $"{prefix}image: '{image}' leaves the file's directory");
        if (!File.Exists(file))
            throw At(path, number, $"{prefix}image: there is no picture {file}");
        try
        {
            return new Demonstration(readPicture(file), instruction, reference);
        }
        catch (Exception e) when (e is IOException or FormatException or ArgumentException)
        {
            throw new DemonstrationException($"{path}:{number}: {prefix}image: {e.Message}", e);
        }
    }

    private static IEnumerable<(JsonElement Json, int Number)> Lines(string path)
    {
        if (!File.Exists(path))
            throw new DemonstrationException($"{path}: no such file; demonstrations are JSON lines with image, instruction and "
                + $"reference");
        int number = 0;
        using var reader = new StreamReader(path);
        while (ReadLine(reader, path, number + 1) is { } line)
        {
            number++;
            if (string.IsNullOrWhiteSpace(line))
                continue;
            JsonElement json;
            try
            {
                using var document = JsonDocument.Parse(line, new JsonDocumentOptions { MaxDepth = 16 });
                json = document.RootElement.Clone();
            }
            catch (JsonException e)
            {
                throw new DemonstrationException($"{path}:{number}: not JSON: {e.Message}", e);
            }

            yield return json.ValueKind == JsonValueKind.Object
                ? (json, number)
                : throw At(path, number, "an object is needed, {\"image\": ..., \"instruction\": ..., \"reference\": ...}");
        }
    }

    // A line without end must not fill the memory.
    private static string? ReadLine(StreamReader reader, string path, int number)
    {
        var line = new System.Text.StringBuilder();
        int next;
        while ((next = reader.Read()) >= 0 && next != '\n')
        {
            if (line.Length == LongestLine)
                throw At(path, number, $"the line is longer than {LongestLine} characters");
            line.Append((char)next);
        }

        return next < 0 && line.Length == 0 ? null : line.ToString();
    }

    private static DemonstrationException At(string path, int number, string what) => new($"{path}:{number}: {what}");
}
