namespace Aim.Tensors;

/// <summary>
/// Lets a long computation be stopped between two tiles of an operation, for those who cannot hand a token through the model's
/// code: a notebook's cell. One token holds for the whole process.
/// </summary>
public static class Interruption
{
    private static CancellationToken token;

    /// <summary>When this is cancelled, every operation throws, the running ones before their next tile.</summary>
    public static CancellationToken Token
    {
        get => token;
        set => token = value;
    }

    /// <summary>Throws where the token is cancelled.</summary>
    /// <exception cref="OperationCanceledException">It is.</exception>
    internal static void Poll() => token.ThrowIfCancellationRequested();
}
