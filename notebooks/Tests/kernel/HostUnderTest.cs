using System.IO.Pipes;
using System.Text.Json;
using System.Text.Json.Nodes;
using Aim.Kernel;

namespace Aim.Notebooks.Tests.Kernel;

/// <summary>A host in this process, spoken to as the wrapper does: lines of JSON on a pair of pipes.</summary>
internal sealed class HostUnderTest : IAsyncDisposable
{
    private readonly AnonymousPipeServerStream _requests = new(PipeDirection.Out);
    private readonly AnonymousPipeServerStream _events = new(PipeDirection.In);
    private readonly StreamReader _reader;
    private readonly StreamWriter _writer;
    private readonly Task _host;
    private int _ids;

    private HostUnderTest(KernelSetup setup)
    {
        var requests = new AnonymousPipeClientStream(PipeDirection.In, _requests.ClientSafePipeHandle);
        var events = new AnonymousPipeClientStream(PipeDirection.Out, _events.ClientSafePipeHandle);
        _reader = new StreamReader(_events);
        _writer = new StreamWriter(_requests) { AutoFlush = true };
        _host = Task.Factory.StartNew(
            () => KernelHost.Serve(requests, events, setup), TaskCreationOptions.LongRunning);
    }

    /// <summary>Starts one.</summary>
    /// <param name="setup">What its notebooks see beyond plain C#; null: nothing.</param>
    public static async Task<HostUnderTest> StartAsync(KernelSetup? setup = null)
    {
        var host = new HostUnderTest(setup ?? new KernelSetup([]));
        Assert.That((string?)(await host.NextAsync())["type"], Is.EqualTo("ready"));
        return host;
    }

    /// <summary>Runs a cell; interrupts it once it has shown something, where asked to.</summary>
    public async Task<CellOutcome> RunAsync(string code, bool interrupt = false)
    {
        int id = Send("execute", code, 0);
        var events = new List<JsonObject>();
        while (true)
        {
            var next = await NextAsync();
            if ((string?)next["type"] == "reply")
            {
                Assert.That((int)next["id"]!, Is.EqualTo(id));
                return new CellOutcome(events, next);
            }

            events.Add(next);
            if (interrupt && events.Count == 1)
                _writer.WriteLine("""{"type": "interrupt"}""");
        }
    }

    /// <summary>Asks about a text; the cursor is where the bar is.</summary>
    public async Task<JsonObject> AskAsync(string type, string code)
    {
        int cursor = code.IndexOf('|');
        Send(type, cursor < 0 ? code : code.Remove(cursor, 1), cursor < 0 ? 0 : code[..cursor].EnumerateRunes().Count());
        return await NextAsync();
    }

    public async ValueTask DisposeAsync()
    {
        _writer.Close();
        await _host.WaitAsync(TimeSpan.FromSeconds(30));
        _events.Dispose();
    }

    private int Send(string type, string code, int cursor)
    {
        _ids++;
        _writer.WriteLine(JsonSerializer.Serialize(new { type, id = _ids, code, cursor, count = _ids }));
        return _ids;
    }

    private async Task<JsonObject> NextAsync()
    {
        string? line = await _reader.ReadLineAsync().WaitAsync(TimeSpan.FromMinutes(2));
        return JsonNode.Parse(line ?? throw new EndOfStreamException("the host has ended"))!.AsObject();
    }
}

/// <summary>What a cell showed, and the reply.</summary>
internal sealed record CellOutcome(IReadOnlyList<JsonObject> Events, JsonObject Reply)
{
    public string? Status => (string?)Reply["status"];

    /// <summary>The text of an error.</summary>
    public string Error => (string?)Reply["text"] ?? "";

    public string Out => Printed("stdout");

    public string Err => Printed("stderr");

    /// <summary>The cell's value in a form.</summary>
    public string? Result(string type = "text/plain") => (string?)Of("result").SingleOrDefault()?["data"]?[type];

    /// <summary>Events of a type.</summary>
    public IEnumerable<JsonObject> Of(string type) => Events.Where(e => (string?)e["type"] == type);

    private string Printed(string stream) => string.Concat(
        Of("stream").Where(e => (string?)e["name"] == stream).Select(e => (string?)e["text"]));
}
