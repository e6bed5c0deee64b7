using System.Text;
using static Aim.Kernel.Notebook;

namespace Aim.Notebook;

/// <summary>
/// The output of a run in one place of the notebook: its newest line, and at its end how much was computed. The results say the
/// rest.
/// </summary>
/// <param name="name">What runs.</param>
internal sealed class StudyProgress(string name) : TextWriter
{
    // How the runner ends a line that it will rewrite.
    private const string EraseRest = "\u001b[K";

    private readonly StringBuilder _line = new();
    private readonly Kernel.Displayed _place = display($"{name} …");
    private string _shown = "", _computed = "";

    /// <inheritdoc/>
    public override Encoding Encoding => Encoding.UTF8;

    /// <inheritdoc/>
    public override void Write(char value)
    {
        switch (value)
        {
            case '\r':
                _line.Clear();
                break;
            case '\n':
                Flush();
                _line.Clear();
                break;
            default:
                _line.Append(value);
                break;
        }
    }

    /// <inheritdoc/>
    public override void Flush()
    {
        string text = _line.ToString().Replace(EraseRest, "", StringComparison.Ordinal).Trim();
        if (text.Length == 0 || text == _shown)
            return;
        _shown = text;
        if (text.StartsWith("computed", StringComparison.Ordinal))
            _computed = text;
        _place.Update($"{name}: {text}");
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        // An interrupted cell shows nothing more: what stands there says how far it came.
        if (disposing && _computed.Length > 0 && !Interrupted.IsCancellationRequested)
            _place.Update($"{name}: {_computed}");
        base.Dispose(disposing);
    }
}
