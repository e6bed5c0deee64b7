using System.Globalization;
using System.Text;
using Aim.Kernel.Cells;
using Aim.Kernel.Protocol;

namespace Aim.Kernel.Display;

/// <summary>
/// What cells print and show, on its way to the wrapper: small writes are gathered, the order of all is kept, and a cell that
/// shows more than <see cref="Limit"/> is cut with a notice.
/// </summary>
internal sealed class CellOutput : IDisposable
{
    /// <summary>Bytes that one cell may show; a notebook that holds more is slow to open and slower to compare.</summary>
    public const long Limit = 5_000_000;

    // Writes are sent together when they reach this many characters or have waited this long.
    private const int Chunk = 8192;
    private static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(30);

    private readonly EventPipe _events;
    private readonly CellGuard _guard;
    private readonly Lock _gate = new();
    private readonly StringBuilder _pending = new();
    private readonly Timer _timer;
    private string _stream = "stdout";
    private long _shown;
    private bool _cut;

    public CellOutput(EventPipe events, CellGuard guard)
    {
        (_events, _guard) = (events, guard);
        _timer = new Timer(_ => Flush());
    }

    /// <summary>A new cell begins with nothing shown.</summary>
    public void Begin()
    {
        lock (_gate)
        {
            Send();
            (_shown, _cut) = (0, false);
        }
    }

    /// <summary>Prints.</summary>
    /// <param name="stream"><c>stdout</c> or <c>stderr</c>.</param>
    public void Print(string stream, string text) => Guarded(() =>
    {
        if (text.Length == 0 || _cut)
            return;
        if (stream != _stream)
            Send();
        _stream = stream;
        long size = Encoding.UTF8.GetByteCount(text);
        if (!Fits(size))
        {
            // Of a single large text as much as fits.
            int keep = (int)Math.Clamp(Limit - _shown, 0, text.Length);
            _pending.Append(text.AsSpan(0, keep > 0 && char.IsHighSurrogate(text[keep - 1]) ? keep - 1 : keep));
            Cut();
            return;
        }

        _shown += size;
        if (_pending.Length == 0)
            _timer.Change(Patience, Timeout.InfiniteTimeSpan);
        _pending.Append(text);
        if (_pending.Length >= Chunk)
            Send();
    });

    /// <summary>Shows a value, or shows it in the place of the one that has its <paramref name="id"/>.</summary>
    /// <param name="type"><c>display</c>, <c>update</c> or <c>result</c>.</param>
    /// <param name="id">The display's identity; null: it is never updated.</param>
    public void Show(string type, MimeBundle bundle, string? id = null) => Guarded(() =>
    {
        Send();
        long size = bundle.Size;
        if (!Fits(size))
        {
            Cut();
            return;
        }

        _shown += size;
        _events.Send(type, json =>
        {
            bundle.Write(json, "data");
            if (id is not null)
                json.WriteString("display_id", id);
        });
    });

    /// <summary>Removes what the cell has shown; when the next output comes, or at once.</summary>
    public void Clear(bool wait) => Guarded(() =>
    {
        Send();
        (_shown, _cut) = (0, false);
        _events.Send("clear", json => json.WriteBoolean("wait", wait));
    });

    /// <summary>Sends what was gathered.</summary>
    public void Flush()
    {
        lock (_gate)
            Send();
    }

    public void Dispose() => _timer.Dispose();

    private void Guarded(Action body) => _guard.Run(() =>
    {
        lock (_gate)
            body();
    });

    private bool Fits(long size) => !_cut && _shown + size <= Limit;

    private void Cut()
    {
        Send();
        if (_cut)
            return;
        _cut = true;
        string limit = (Limit / 1e6).ToString("0.#", CultureInfo.InvariantCulture);
        SendStream("stderr", $"\n[output cut: a cell may show {limit} MB; write more than that to a file]\n");
    }

    private void Send()
    {
        if (_pending.Length == 0)
            return;
        SendStream(_stream, _pending.ToString());
        _pending.Clear();
    }

    private void SendStream(string name, string text) => _events.Send("stream", json =>
    {
        json.WriteString("name", name);
        json.WriteString("text", text);
    });
}
