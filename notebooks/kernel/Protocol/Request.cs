using System.Text.Json;

namespace Aim.Kernel.Protocol;

/// <summary>
/// One line that the wrapper sends: <c>execute</c>, <c>complete</c>, <c>inspect</c>, <c>is_complete</c>, <c>interrupt</c> or
/// <c>shutdown</c>.
/// </summary>
/// <param name="Type">Which of them.</param>
/// <param name="Id">Repeated in the reply; 0 where none is expected.</param>
/// <param name="Code">A cell's text, or a part of one.</param>
/// <param name="Count">The cell's number, Jupyter's <c>In [n]</c>.</param>
/// <param name="Cursor">Where the cursor is, in code points, as Jupyter counts.</param>
internal sealed record Request(string Type, long Id, string Code, int Count, int Cursor)
{
    /// <summary>Reads a line of JSON.</summary>
    /// <exception cref="InvalidDataException">It is no request.</exception>
    public static Request Parse(string line)
    {
        try
        {
            using var document = JsonDocument.Parse(line);
            var root = document.RootElement;
            return new Request(
                root.GetProperty("type").GetString() ?? "",
                root.TryGetProperty("id", out var id) ? id.GetInt64() : 0,
                root.TryGetProperty("code", out var code) ? code.GetString() ?? "" : "",
                root.TryGetProperty("count", out var count) ? count.GetInt32() : 0,
                root.TryGetProperty("cursor", out var cursor) ? cursor.GetInt32() : 0);
        }
        catch (Exception error)
            when (error is JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
        {
            throw new InvalidDataException($"not a request of the kernel's protocol: {error.Message}", error);
        }
    }
}
