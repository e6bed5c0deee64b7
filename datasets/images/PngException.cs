namespace Aim.Datasets;

/// <summary>A PNG file that cannot be read: the message is one line and names the file and the reason.</summary>
public sealed class PngException(string file, string reason) : IOException($"{file}: {reason}")
{
    /// <summary>The name of the file or resource that was read.</summary>
    public string File { get; } = file;
}
