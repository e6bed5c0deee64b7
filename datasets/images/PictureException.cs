namespace Aim.Datasets;

/// <summary>A picture that cannot be read: the message is one line and names the file and the reason.</summary>
public sealed class PictureException(string file, string reason) : IOException($"{file}: {reason}")
{
    /// <summary>The name of the file or resource that was read.</summary>
    public string File { get; } = file;
}
