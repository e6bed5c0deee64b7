using System.Runtime.InteropServices;

namespace Aim.Tensors;

/// <summary>
/// A call that torch would reject: the message names the sizes, dimensions or indices at fault.
/// Derives from <see cref="ExternalException"/>, which is what TorchSharp throws.
/// </summary>
public sealed class TensorException(string message) : ExternalException(message);

/// <summary>Texts that several operations share.</summary>
internal static class Describe
{
    /// <summary><c>[2, 3]</c></summary>
    internal static string Shape(ReadOnlySpan<long> shape) => "[" + string.Join(", ", shape.ToArray()) + "]";

    /// <summary>Torch's C++ names of element types, as its messages use them.</summary>
    internal static string Dtype(torch.ScalarType dtype) => dtype switch
    {
        torch.ScalarType.Byte => "Byte",
        torch.ScalarType.Int8 => "Char",
        torch.ScalarType.Int16 => "Short",
        torch.ScalarType.Int32 => "Int",
        torch.ScalarType.Int64 => "Long",
        torch.ScalarType.Float16 => "Half",
        torch.ScalarType.Float32 => "Float",
        torch.ScalarType.Float64 => "Double",
        torch.ScalarType.Bool => "Bool",
        _ => dtype.ToString(),
    };
}
