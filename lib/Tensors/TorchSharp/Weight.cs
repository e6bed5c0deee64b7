namespace Aim.Tensors;

/// <content>Under TorchSharp every weight is a float32 tensor: files are converted when they are loaded.</content>
public sealed partial class Weight
{
    private const long Piece = 1 << 24;

    /// <summary>A float32 copy in the innermost dispose scope.</summary>
    public Tensor Widen() => Tensor.detach().clone();

    /// <summary>Copies whole rows of the last dimension.</summary>
    /// <param name="row">The first row, all dimensions but the last counted as one.</param>
    /// <param name="target">Room for a whole number of rows.</param>
    public void CopyRows(long row, Span<float> target)
    {
        using var scope = torch.NewDisposeScope();
        Tensor.detach().reshape(-1).narrow(0, row * Columns, target.Length).cpu().data<float>().ToArray().CopyTo(target);
    }

    internal void Free() => Tensor.Dispose();

    internal static Tensor ReadTensor(WeightRange range)
    {
        var y = torch.empty(range.Shape, range.Dtype);
        var flat = y.view(-1);
        for (long from = 0; from < flat.numel(); from += Piece)
        {
            var part = flat.narrow(0, from, Math.Min(Piece, flat.numel() - from));
            range.File.Read(range.Offset + (from * y.element_size()), part.bytes);
        }

        return y.to(ScalarType.Float32);
    }

    internal static Weight Read(string name, WeightRange range, WeightResidency residency) =>
        new(name, ReadTensor(range).DetachFromDisposeScope(), trainable: false);

    internal static Weight Stack(string name, IReadOnlyList<Weight> parts) =>
        new(name, torch.cat([.. parts.Select(p => p.Tensor)], 0).DetachFromDisposeScope(), trainable: false);
}
