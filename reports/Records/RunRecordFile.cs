using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Aim.Reports.Records;

/// <summary>
/// Reads and writes <c>results.json</c> and <c>timings.json</c>. Strict both ways: unknown, missing, repeated and
/// inconsistent fields are errors that name file and field. Equal records give equal bytes (UTF-8, LF, two spaces, keys
/// in declaration order, doubles in their shortest form that reads back to the same bits), and a file appears whole or not at
/// all.
/// </summary>
public static class RunRecordFile
{
    public const string ResultsName = "results.json";
    public const string TimingsName = "timings.json";

    private static readonly JsonSerializerOptions Options = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        WriteIndented = true,
        NewLine = "\n",
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, // the file is never embedded in HTML as it stands
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        AllowDuplicateProperties = false,
        RespectNullableAnnotations = true,
        RespectRequiredConstructorParameters = true,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase, allowIntegerValues: false) },
    };

    /// <summary>Writes the record to <paramref name="path"/> atomically.</summary>
    /// <exception cref="RunRecordException">The record contradicts itself or holds a number that is not finite.</exception>
    public static void Write(string path, RunRecord record)
    {
        RunRecordValidation.Check(record, path);
        AtomicFile.Write(path, Serialize(record));
    }

    /// <inheritdoc cref="Write(string, RunRecord)"/>
    public static void Write(string path, Timings timings)
    {
        RunRecordValidation.Check(timings, path);
        AtomicFile.Write(path, Serialize(timings));
    }

    /// <summary>The bytes of the file.</summary>
    public static byte[] Serialize<T>(T record) => Encoding.UTF8.GetBytes(JsonSerializer.Serialize(record, Options) + "\n");

    /// <exception cref="RunRecordException">The file is missing, is not such a record, or contradicts itself.</exception>
    public static RunRecord ReadResults(string path)
    {
        var record = Read<RunRecord>(path);
        RunRecordValidation.Check(record, path);
        return record;
    }

    /// <inheritdoc cref="ReadResults"/>
    public static Timings ReadTimings(string path)
    {
        var timings = Read<Timings>(path);
        RunRecordValidation.Check(timings, path);
        return timings;
    }

    /// <exception cref="RunRecordException">The file cannot be read.</exception>
    internal static byte[] ReadBytes(string path)
    {
        try
        {
            return File.ReadAllBytes(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new RunRecordException(path, "file", $"cannot be read ({OneLine(e.Message)})", e);
        }
    }

    /// <exception cref="RunRecordException">
    /// The file is missing or not of this form; its contents are not checked further.
    /// </exception>
    internal static T Read<T>(string path)
    {
        var bytes = ReadBytes(path);
        try
        {
            return JsonSerializer.Deserialize<T>(bytes, Options)
                ?? throw new RunRecordException(path, "document", "is null, but should be an object");
        }
        catch (NotSupportedException e)
        {
            // an exhibit without its type; this exception has its path in the message only
            var (from, to) = (e.Message.IndexOf("Path: $.", StringComparison.Ordinal),
                e.Message.IndexOf(" |", StringComparison.Ordinal));
            throw new RunRecordException(path, from >= 0 && to > from ? e.Message[(from + 8)..to] : "document",
                OneLine(e.Message), e);
        }
        catch (JsonException e)
        {
            var field = e.Path is { Length: > 0 } p && p != "$" ? p.TrimStart('$').TrimStart('.') : "document";
            throw new RunRecordException(path, field, OneLine(e.Message), e);
        }
    }

    // JsonException appends " Path: ... | LineNumber: ..."; the field is named already, the line is worth keeping.
    private static string OneLine(string message) => message.ReplaceLineEndings(" ").Replace(" Path: $ |", "");
}
