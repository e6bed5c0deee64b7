namespace Aim.Models;

/// <summary>A template could not be read or rendered.</summary>
/// <param name="message">One line that names the construct.</param>
/// <param name="unsupported">Whether it is Jinja that this renderer does not have, rather than an error in any.</param>
internal sealed class JinjaException(string message, bool unsupported = false) : FormatException(message)
{
    /// <summary>Whether upstream might have rendered the template.</summary>
    public bool Unsupported { get; } = unsupported;

    /// <summary>The error for a construct that this renderer does not have.</summary>
    public static JinjaException NotSupported(string construct) => new($"{construct} is not supported", unsupported: true);
}
