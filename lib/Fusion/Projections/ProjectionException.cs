namespace Aim.Fusion;

/// <summary>
/// A projection's file cannot be read, or belongs to another model or to other states than asked for; the message says which.
/// </summary>
public sealed class ProjectionException : IOException
{
    /// <summary>Makes one.</summary>
    public ProjectionException(string message) : base(message)
    {
    }

    /// <summary>Makes one of another error.</summary>
    public ProjectionException(string message, Exception inner) : base(message, inner)
    {
    }
}
