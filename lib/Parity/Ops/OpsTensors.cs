using Aim.Models;

namespace Aim.Parity.Ops;

/// <summary>The tensors beside ops.json, read one by one.</summary>
internal sealed class OpsTensors(string path)
{
    private readonly Lazy<SafetensorsFile> _file = new(() => FixtureFiles.OpenTensors(path));

    /// <summary>The tensor <c>case/name</c>, in a new contiguous block.</summary>
    /// <exception cref="BadFixtureException">The file is missing or too large, or the tensor's type or bytes are of no
    /// use.</exception>
    /// <exception cref="CheckpointException">The file is broken, or the tensor missing.</exception>
    public Tensor Load(string id, string name)
    {
        var key = $"{id}/{name}";
        var info = _file.Value.Info(key);
        var y = empty(info.Shape, info.Dtype switch
        {
            SafetensorsType.F32 => ScalarType.Float32,
            SafetensorsType.F64 => ScalarType.Float64,
            SafetensorsType.F16 => ScalarType.Float16,
            SafetensorsType.BF16 => ScalarType.BFloat16,
            SafetensorsType.I64 => ScalarType.Int64,
            SafetensorsType.I32 => ScalarType.Int32,
            SafetensorsType.U8 => ScalarType.Byte,
            SafetensorsType.BOOL => ScalarType.Bool,
            _ => throw new BadFixtureException($"tensor {key} has the type {info.Dtype}, which no case uses"),
        });
        var bytes = _file.Value.ReadBytes(key);
        if (info.Dtype == SafetensorsType.BOOL && bytes.Any(b => b > 1))
            throw new BadFixtureException($"tensor {key} holds bytes that are neither 0 nor 1");
        bytes.CopyTo(y.bytes);
        return y;
    }
}
