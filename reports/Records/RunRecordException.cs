namespace Aim.Reports.Records;

/// <summary>A record that cannot be read or must not be written; the message is one line naming file, field and fault.</summary>
public sealed class RunRecordException(string file, string field, string fault, Exception? inner = null)
    : FormatException($"{file}: {field}: {fault}", inner)
{
    /// <summary>The file, as the caller named it.</summary>
    public string File { get; } = file;

    /// <summary>The field's path, for example <c>cells[3].accuracy</c>.</summary>
    public string Field { get; } = field;
}
