using System.Text;

namespace Aim.Kernel.Display;

/// <summary><see cref="Console.Out"/> or <see cref="Console.Error"/> of the cells.</summary>
/// <param name="output">Where it goes.</param>
/// <param name="name"><c>stdout</c> or <c>stderr</c>.</param>
internal sealed class ConsoleStream(CellOutput output, string name) : TextWriter
{
    public override Encoding Encoding => Encoding.UTF8;

    public override void Write(char value) => output.Print(name, value.ToString());

    public override void Write(char[] buffer, int index, int count) => output.Print(name, new string(buffer, index, count));

    public override void Write(ReadOnlySpan<char> buffer) => output.Print(name, buffer.ToString());

    public override void Write(string? value) => output.Print(name, value ?? "");

    public override void WriteLine(string? value) => output.Print(name, value + "\n");

    public override void WriteLine() => output.Print(name, "\n");
}

/// <summary>Cells cannot ask: a notebook must run from top to bottom without anybody there.</summary>
internal sealed class NoInput : TextReader
{
    public override int Read() => throw Error();

    public override int Peek() => throw Error();

    public override string? ReadLine() => throw Error();

    public override string ReadToEnd() => throw Error();

    private static NotSupportedException Error() =>
        new("A cell cannot read from the console: assign the value in a cell instead.");
}
