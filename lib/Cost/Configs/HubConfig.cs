using System.Text.Json;

namespace Aim.Cost;

/// <summary>
/// The sizes in a Hugging Face <c>config.json</c>: a decoder with a gated MLP (Llama, Mistral, Qwen2 and their like), alone or
/// as the language model of a multimodal one (<c>llava*</c>, <c>llava_onevision</c>, <c>qwen2_vl</c>). No weights are looked at.
/// </summary>
/// <remarks>
/// The file is untrusted: at most <see cref="MaxBytes"/> of it are read and every size has a bound. In a nested
/// <c>text_config</c> transformers leaves out what equals its default, so those defaults are filled in and named in <see
/// cref="Assumed"/>; in a flat file a missing size is an error.
/// </remarks>
public sealed record HubConfig
{
    /// <summary>The largest file that is read.</summary>
    public const int MaxBytes = 4 << 20;

    /// <summary>The language model's sizes.</summary>
    public required ModelShape Shape { get; init; }

    /// <summary>Sizes that the file leaves to transformers' defaults, as <c>key value</c>.</summary>
    public required IReadOnlyList<string> Assumed { get; init; }

    /// <summary>Reads a <c>config.json</c>, or that of a checkpoint directory.</summary>
    /// <exception cref="InvalidDataException">A field is missing or wrong; the message names file and field.</exception>
    /// <exception cref="IOException">There is no such file, or it cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be read.</exception>
    public static HubConfig Load(string path)
    {
        var directory = Directory.Exists(path);
        var file = directory ? Path.Combine(path, "config.json") : path;
        if (!File.Exists(file))
        {
            throw new FileNotFoundException(
                $"{file}: no such file; a checkpoint directory in Hugging Face's layout holds a config.json", file);
        }
        var full = Path.GetFullPath(file);
        var stem = Path.GetFileNameWithoutExtension(full);
        var folder = Path.GetFileName(Path.GetDirectoryName(full));
        using var stream = File.OpenRead(file);
        return Read(stream, file, stem == "config" && folder is { Length: > 0 } ? folder : stem);
    }

    /// <summary>Reads a <c>config.json</c>.</summary>
    /// <param name="stream">The text, UTF-8.</param>
    /// <param name="file">What messages call it.</param>
    /// <param name="name">What the model is called.</param>
    /// <exception cref="InvalidDataException">A field is missing or wrong; the message names file and field.</exception>
    public static HubConfig Read(Stream stream, string file, string name)
    {
        using var document = Parse(stream, file);
        try
        {
            return new HubConfigReader(document.RootElement, file).Read(name);
        }
        catch (InvalidOperationException e)
        {
            // What JsonElement throws for a string that is no text: broken UTF-8, half of a surrogate pair.
            throw new InvalidDataException(
                $"{file}: holds a string that is not valid Unicode; download or write the file again", e);
        }
    }

    private static JsonDocument Parse(Stream stream, string file)
    {
        // Read to a bound and not by the length: a device has none.
        var bytes = new byte[64 << 10];
        var count = 0;
        while (stream.Read(bytes, count, bytes.Length - count) is > 0 and var read)
        {
            count += read;
            if (count > MaxBytes)
            {
                throw new InvalidDataException(
                    $"{file}: larger than {MaxBytes >> 20} MiB, which no config.json is; name the right file");
            }
            if (count == bytes.Length)
                Array.Resize(ref bytes, 2 * bytes.Length);
        }
        var text = bytes.AsMemory(0, count);
        if (text.Span.StartsWith("\uFEFF"u8))
            text = text[3..];
        try
        {
            return JsonDocument.Parse(text, new JsonDocumentOptions { AllowDuplicateProperties = false });
        }
        catch (JsonException e)
        {
            throw new InvalidDataException(
                $"{file}: not valid JSON at line {e.LineNumber + 1}; download or write the file again", e);
        }
    }
}
