namespace Aim.Datasets;

/// <summary>A video that cannot be read: the message is one line and names the file and the reason.</summary>
public sealed class VideoException(string file, string reason) : IOException($"{file}: {reason}")
{
    /// <summary>The name of the file or directory that was read.</summary>
    public string File { get; } = file;
}
