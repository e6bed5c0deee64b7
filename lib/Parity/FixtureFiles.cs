using System.Text;
using System.Text.Json;
using Aim.Models;

namespace Aim.Parity;

/// <summary>A fixture's file is missing or too large, or what it holds is not what it should be; the message names it.</summary>
public sealed class BadFixtureException(string message) : IOException(message);

/// <summary>
/// Reads a fixture's files, which are untrusted: nothing is read before its size is known, and no pipe or device is opened.
/// </summary>
public static class FixtureFiles
{
    /// <summary>The most bytes that a JSON or text file may have.</summary>
    public const long MaxText = 256L << 20;

    /// <summary>The most bytes that a file of tensors may have.</summary>
    public const long MaxTensors = 4L << 30;

    /// <summary>A path relative to a case's directory; the case may name any.</summary>
    public static string Resolve(string directory, string path) => Path.GetFullPath(Path.Combine(directory, path));

    /// <summary>
    /// Whether something has this name, be it a link that leads nowhere: reading that is an error, not an absence.
    /// </summary>
    public static bool Lies(string path) => Path.Exists(path) || new FileInfo(path).LinkTarget is not null;

    /// <summary>The root of a JSON file, which must be an object.</summary>
    /// <exception cref="BadFixtureException">It cannot be read.</exception>
    public static JsonElement ReadObject(string path)
    {
        byte[] bytes = ReadBytes(path, MaxText);
        try
        {
            using var document = JsonDocument.Parse(bytes.AsMemory(bytes.AsSpan().StartsWith("\uFEFF"u8) ? 3 : 0));
            if (document.RootElement.ValueKind != JsonValueKind.Object)
                throw new BadFixtureException($"{path}: a JSON object is expected, not {document.RootElement.ValueKind}");
            return document.RootElement.Clone();
        }
        catch (JsonException e)
        {
            throw new BadFixtureException($"{path}: not valid JSON at line {e.LineNumber + 1}");
        }
    }

    /// <summary>A text file, UTF-8.</summary>
    /// <exception cref="BadFixtureException">It cannot be read.</exception>
    public static string ReadText(string path) => Encoding.UTF8.GetString(ReadBytes(path, MaxText));

    /// <summary>A whole file. An empty one may be a pipe, whose opening would wait for a writer: it is not opened.</summary>
    /// <exception cref="BadFixtureException">It cannot be read.</exception>
    public static byte[] ReadBytes(string path, long most, bool mayBeEmpty = false)
    {
        if (mayBeEmpty && Length(path) == 0)
            return [];
        Check(path, most);
        try
        {
            return File.ReadAllBytes(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new BadFixtureException($"{path}: cannot be read: {e.Message}");
        }
    }

    /// <summary>Opens a safetensors file.</summary>
    /// <exception cref="BadFixtureException">It is missing or too large.</exception>
    /// <exception cref="CheckpointException">It is broken.</exception>
    public static SafetensorsFile OpenTensors(string path)
    {
        Check(path, MaxTensors);
        return SafetensorsFile.Open(path);
    }

    /// <summary>Checks a file's existence and size. Pipes and devices have none and count as empty.</summary>
    /// <exception cref="BadFixtureException">It is missing, empty or too large.</exception>
    public static void Check(string path, long most)
    {
        long length = Length(path);
        if (length < 0)
            throw new BadFixtureException($"{path}: no such file");
        if (length == 0)
            throw new BadFixtureException($"{path}: empty, or no plain file");
        if (length > most)
            throw new BadFixtureException($"{path}: {length} bytes, more than the {most} that are read");
    }

    // Links are followed; one that leads in a circle or nowhere is no file.
    private static long Length(string path)
    {
        try
        {
            var info = new FileInfo(path);
            if (info.LinkTarget is not null)
                info = info.ResolveLinkTarget(returnFinalTarget: true) as FileInfo ?? info;
            return info.Exists ? info.Length : -1;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return -1;
        }
    }
}
