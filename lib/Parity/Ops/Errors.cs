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
