using System.Runtime.InteropServices;

namespace Aim.Parity.Ops;

/// <summary>A call that this build cannot express.</summary>
internal sealed class NotExpressibleException(string reason) : Exception(reason)
{
    /// <summary>The operation that lacks what was asked for; null where there is no such operation at all.</summary>
    public Operation? Operation { get; set; }
}

/// <summary>What Python or torch's Python layer raises before the engine is reached.</summary>
internal sealed class TorchException(string message) : ExternalException(message);

/// <summary>A file, or a part of it, that does not follow the fixtures' format.</summary>
internal sealed class FixtureException(string message) : Exception(message);
