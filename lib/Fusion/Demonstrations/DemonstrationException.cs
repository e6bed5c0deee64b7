namespace Aim.Fusion;

/// <summary>A file of demonstrations holds something that is none; the message names file, line and reason.</summary>
public sealed class DemonstrationException : FormatException
{
    /// <summary>Makes one.</summary>
    public DemonstrationException(string message) : base(message)
    {
    }

    /// <summary>Makes one of another error.</summary>
    public DemonstrationException(string message, Exception inner) : base(message, inner)
    {
    }
}
