namespace Aim.Models;

/// <summary>
/// A checkpoint directory or one of its files cannot be used. The message is one line that names the file, the field or tensor,
/// what is wrong and what would be right; it is meant for the person at the terminal.
/// </summary>
public sealed class CheckpointException : IOException
{
    /// <summary>Makes the exception with its one-line message.</summary>
    public CheckpointException(string message) : base(message)
    {
    }

    /// <summary>Makes the exception with its one-line message and what brought it about.</summary>
    public CheckpointException(string message, Exception inner) : base(message, inner)
    {
    }
}
