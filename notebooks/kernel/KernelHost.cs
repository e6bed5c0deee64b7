using System.Collections.Concurrent;
using System.IO.Pipes;
using System.Text;
using System.Text.Json;
using Aim.Kernel.Display;
using Aim.Kernel.Editing;
using Aim.Kernel.Protocol;

namespace Aim.Kernel;

/// <summary>
/// The C# process behind a Jupyter kernel. Requests come and events go as lines of JSON on two pipes of their own: standard
/// output is the notebook's.
/// </summary>
public static class KernelHost
{
    /// <summary>Serves the wrapper until it closes its end.</summary>
    /// <param name="requestPipe">The descriptor of the pipe that requests are read from.</param>
    /// <param name="eventPipe">The descriptor of the pipe that events are written to.</param>
    /// <param name="setup">What the program adds to every notebook.</param>
    public static void Run(int requestPipe, int eventPipe, KernelSetup setup)
    {
        Descriptors.KeepFromChildren(requestPipe, eventPipe);
        using var requests = new AnonymousPipeClientStream(PipeDirection.In, $"{requestPipe}");
        using var events = new AnonymousPipeClientStream(PipeDirection.Out, $"{eventPipe}");
        Serve(requests, events, setup);
    }

    /// <summary>The same on any streams.</summary>
    internal static void Serve(Stream requests, Stream events, KernelSetup setup)
    {
        var pipe = new EventPipe(events);
        using var session = new Session(setup, pipe);
        var (output, error, input) = (Console.Out, Console.Error, Console.In);
        Console.SetOut(new ConsoleStream(session.Output, "stdout"));
        Console.SetError(new ConsoleStream(session.Output, "stderr"));
        Console.SetIn(new NoInput());
        try
        {
            // The compiler is made ready before the first cell comes.
            session.Execute("_ = 1 + 1;", 0);
            pipe.Send("ready", json => json.WriteNumber("version", EventPipe.Version));
            Read(new StreamReader(requests, Encoding.UTF8), session, pipe);
        }
        finally
        {
            Console.SetOut(output);
            Console.SetError(error);
            Console.SetIn(input);
        }
    }

    // Interrupts are heard at once; the rest is done one by one, in its order. Both have threads of their own: a cell may keep
    // every thread of the pool busy.
    private static void Read(StreamReader requests, Session session, EventPipe events)
    {
        using var queue = new BlockingCollection<Request>();
        var work = new Thread(() =>
        {
            bool warm = false;
            foreach (var request in queue.GetConsumingEnumerable())
            {
                Answer(request, session, events);

                // Behind the first cell the machine is idle: the first Tab shall not wait for what completion loads.
                if (request.Type == "execute" && !warm)
                    _ = Task.Run(session.Editor.WarmAsync);
                warm |= request.Type == "execute";
            }
        })
        { IsBackground = true, Name = "Aim.Kernel answers" };
        work.Start();
        while (requests.ReadLine() is { } line)
        {
            var request = Request.Parse(line);
            if (request.Type == "shutdown")
                break;
            if (request.Type == "interrupt")
                session.Interrupt();
            else
                queue.Add(request);
        }

        queue.CompleteAdding();
        session.Interrupt();
        work.Join(TimeSpan.FromSeconds(1));
    }

    private static void Answer(Request request, Session session, EventPipe events)
    {
        Action<Utf8JsonWriter> answer;
        try
        {
            answer = request.Type switch
            {
                "execute" => Executed(session.Execute(request.Code, request.Count)),
                "complete" => Completed(
                    session.Editor.CompleteAsync(request.Code, request.Cursor, default).GetAwaiter().GetResult()),
                "inspect" => Explained(
                    session.Editor.ExplainAsync(request.Code, request.Cursor, default).GetAwaiter().GetResult()),
                "is_complete" => Judged(Completeness.Of(request.Code)),
                _ => throw new InvalidDataException($"'{request.Type}' is no request of the kernel's protocol"),
            };
        }
        catch (Exception fault)
        {
            // A fault of the kernel itself: told in the notebook, which goes on.
            answer = Executed(new CellError("KernelFault", fault.Message, $"a fault of the kernel, please report it: {fault}"));
        }

        events.Send("reply", json =>
        {
            json.WriteNumber("id", request.Id);
            answer(json);
        });
    }

    private static Action<Utf8JsonWriter> Executed(CellError? error) => json =>
    {
        json.WriteString("status", error is null ? "ok" : "error");
        if (error is null)
            return;
        json.WriteString("ename", error.Name);
        json.WriteString("evalue", error.Value);
        json.WriteString("text", error.Text);
    };

    private static Action<Utf8JsonWriter> Completed(Completions completions) => json =>
    {
        json.WriteString("status", "ok");
        json.WriteNumber("start", completions.Start);
        json.WriteNumber("end", completions.End);
        json.WriteStartArray("items");
        foreach (var (text, kind) in completions.Items)
        {
            json.WriteStartArray();
            json.WriteStringValue(text);
            json.WriteStringValue(kind);
            json.WriteEndArray();
        }

        json.WriteEndArray();
    };

    private static Action<Utf8JsonWriter> Explained(string? text) => json =>
    {
        json.WriteString("status", "ok");
        json.WriteString("text", text);
    };

    private static Action<Utf8JsonWriter> Judged((string Status, string Indent) judgement) => json =>
    {
        json.WriteString("status", judgement.Status);
        json.WriteString("indent", judgement.Indent);
    };
}
