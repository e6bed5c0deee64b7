using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Aim.Kernel.Cells;
using Aim.Kernel.Display;
using Aim.Kernel.Editing;
using Aim.Kernel.Magics;
using Aim.Kernel.Protocol;
using Aim.Kernel.References;
using Aim.Kernel.Scripting;

namespace Aim.Kernel;

/// <summary>A notebook's state and what can be done with it: run a cell, stop it, complete and explain its text.</summary>
internal sealed class Session : INotebookHost, IDisposable
{
    private readonly EventPipe _events;
    private readonly CellThread _thread;
    private readonly ReferenceBook _references = new();
    private readonly PackageRestore _packages = new();
    private readonly ReferenceDirectives _directives;
    private readonly KernelSetup _setup;

    /// <summary>Starts with nothing declared.</summary>
    /// <param name="setup">What the program adds to every notebook.</param>
    /// <param name="events">Where outputs go.</param>
    public Session(KernelSetup setup, EventPipe events)
    {
        (_setup, _events) = (setup, events);
        _thread = new CellThread(stray => Output!.Print("stderr", stray + "\n"));
        Output = new CellOutput(events, _thread.Guard);
        var loader = new SubmissionLoader(_references);
        Script = new ScriptSession([.. KernelSetup.Imports, .. setup.MoreImports], _references, loader);
        _directives = new ReferenceDirectives(_references, loader, _packages, setup.Packages);
        Editor = new Editor(Script, _references);
        Notebook.Host = this;
    }

    /// <summary>What cells print and show.</summary>
    public CellOutput Output { get; }

    /// <summary>What was declared.</summary>
    public ScriptSession Script { get; }

    /// <summary>Completion and explanations.</summary>
    public Editor Editor { get; }

    /// <inheritdoc/>
    public CancellationToken Interrupted => _thread.Interrupted;

    /// <summary>Runs a cell to its end.</summary>
    /// <param name="code">Its text.</param>
    /// <param name="count">Its number, which names it in errors.</param>
    /// <returns>What to tell of an error; null: there was none.</returns>
    public CellError? Execute(string code, int count)
    {
        string cell = count > 0 ? $"cell {count}" : "cell";
        Output.Begin();
        try
        {
            _thread.Run(run =>
            {
                _setup.OnCell?.Invoke(run.Interrupted);
                var clock = Stopwatch.StartNew();
                var parts = CellParts.Of(code, cell);
                try
                {
                    foreach (var part in parts.Parts)
                        Execute(part, cell, run);
                }
                finally
                {
                    if (parts.Timed && !run.Interrupted.IsCancellationRequested)
                        Output.Print("stdout", Time(clock.Elapsed));
                }
            }).GetAwaiter().GetResult();
            return null;
        }
        catch (CellException error)
        {
            return new CellError(error.Name, error.Message.Split('\n')[0], error.Message);
        }
        catch (OperationCanceledException) when (_thread.WasInterrupted)
        {
            return new CellError(
                "Interrupted", "the cell was interrupted", "Interrupted: the cell was interrupted; its state is kept");
        }
        catch (Exception error)
        {
            error = CellTrace.Unwrapped(error);
            return new CellError(Formatter.TypeName(error.GetType()), error.Message, CellTrace.Of(error));
        }
        finally
        {
            Output.Flush();
        }
    }

    /// <summary>Stops the running cell.</summary>
    public void Interrupt() => _thread.Interrupt();

    /// <inheritdoc/>
    public void Show(object? value, string id, bool update) =>
        Output.Show(update ? "update" : "display", Formatter.Format(value), id);

    /// <inheritdoc/>
    public void Clear(bool wait) => Output.Clear(wait);

    public void Dispose()
    {
        _thread.Dispose();
        Output.Dispose();
        Editor.Dispose();
        _packages.Dispose();
    }

    private void Execute(CellPart part, string cell, CellRun run)
    {
        run.Interrupted.ThrowIfCancellationRequested();
        switch (part.Kind)
        {
            case PartKind.CSharp:
                Evaluate(part.Text, cell, run, value => Output.Show("result", Formatter.Format(value)));
                break;
            case PartKind.Html:
                Output.Show("display", MimeBundle.Of(MimeBundle.Html, part.Text));
                break;
            case PartKind.Markdown:
                Output.Show("display", MimeBundle.Of(MimeBundle.Markdown, part.Text));
                break;
            case PartKind.JavaScript:
                var constants = new List<string>();
                foreach (var share in part.Shares)
                    Evaluate(share.Expression, $"{cell}, #!share", run,
                        value => constants.Add(SharedValues.Constant(share.Name, value)));
                Output.Show("display", MimeBundle.Of(MimeBundle.JavaScript, SharedValues.Script(constants, part.Text)));
                break;
            case PartKind.Bash:
                CellRun.Await(async () =>
                {
                    await BashScript.RunAsync(part.Text, Output.Print, run.Interrupted);
                    return true;
                });
                break;
            default:
                throw new InvalidOperationException($"no way to run a part of kind {part.Kind}");
        }
    }

    private void Evaluate(string code, string cell, CellRun run, Action<object?> onValue)
    {
        string text = _directives.CarryOut(code, cell, notice => Output.Print("stdout", notice + "\n"), run.Interrupted);
        if (Submission.IsEmpty(text))
            return;
        var submission = Script.Compile(text, cell, run.Interrupted);
        run.UserCode(
            () => Script.Start(submission),
            value =>
            {
                if (submission.HasResult)
                    onValue(value);
            });
    }

    private static string Time(TimeSpan elapsed) => elapsed.TotalSeconds < 1
        ? string.Create(CultureInfo.InvariantCulture, $"{elapsed.TotalMilliseconds:0.0} ms\n")
        : string.Create(CultureInfo.InvariantCulture, $"{elapsed.TotalSeconds:0.00} s\n");
}

/// <summary>How a cell failed.</summary>
/// <param name="Name">Jupyter's <c>ename</c>.</param>
/// <param name="Value">Jupyter's <c>evalue</c>, one line.</param>
/// <param name="Text">What is shown.</param>
internal sealed record CellError(string Name, string Value, string Text);
