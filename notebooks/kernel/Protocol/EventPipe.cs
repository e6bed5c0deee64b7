using System.Buffers;
using System.Text.Json;

namespace Aim.Kernel.Protocol;

/// <summary>
/// What the host tells the wrapper, a line of JSON each. ASCII alone is written, so that no locale can spoil it. A full pipe
/// makes the writer wait: a cell cannot print faster than Jupyter reads.
/// </summary>
internal sealed class EventPipe(Stream to)
{
    /// <summary>The protocol's version; the wrapper refuses another one.</summary>
    public const int Version = 1;

    private readonly Lock _gate = new();

    /// <summary>Sends <c>{"type": type, ...}</c>; whatever <paramref name="write"/> adds follows the type.</summary>
    public void Send(string type, Action<Utf8JsonWriter> write)
    {
        var line = new ArrayBufferWriter<byte>(256);
        using (var json = new Utf8JsonWriter(line))
        {
            json.WriteStartObject();
            json.WriteString("type", type);
            write(json);
            json.WriteEndObject();
        }

        line.Write("\n"u8);
        try
        {
            lock (_gate)
            {
                to.Write(line.WrittenSpan);
                to.Flush();
            }
        }
        catch (IOException)
        {
            // The wrapper has gone; the end of its requests ends the host.
        }
    }
}
