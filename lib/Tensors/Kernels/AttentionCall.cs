namespace Aim.Tensors.Kernels;

/// <summary>Shape and operands of a forward pass, as <see cref="Attention.Forward"/> names them.</summary>
internal readonly unsafe struct AttentionCall
{
    public required AttentionShape Shape { get; init; }
    public required float* Q { get; init; }
    public required float* K { get; init; }
    public required float* V { get; init; }
    public required float* O { get; init; }

    /// <summary>Log-sum-exp of every query row; null: not wanted.</summary>
    public required float* Lse { get; init; }

    /// <summary>The first key of every item; null: all are seen.</summary>
    public required int* Start { get; init; }

    /// <summary>Whether a key is seen; null: all are.</summary>
    public required byte* KeyVisible { get; init; }

    /// <summary>What is added to a key's scores; null: nothing.</summary>
    public required float* KeyBias { get; init; }

    /// <summary>
    /// The part of one item's key head and of the query heads that read it; <paramref name="i"/> counts heads within items.
    /// </summary>
    public AttentionCall KeyHead(int i)
    {
        var s = Shape;
        var (b, h) = (i / s.KeyHeads, i % s.KeyHeads * s.Group);
        return new()
        {
            Shape = s.OneKeyHead,
            Q = Q + s.Q.At(b, h),
            K = K + s.K.At(b, h / s.Group),
            V = V + s.V.At(b, h / s.Group),
            O = O + s.O.At(b, h),
            Lse = Lse == null ? null : Lse + ((long)b * s.QueryHeads + h) * s.Queries,
            Start = Start == null ? null : Start + b,
            KeyVisible = KeyVisible == null ? null : KeyVisible + (long)b * s.Keys,
            KeyBias = KeyBias == null ? null : KeyBias + (long)b * s.Keys,
        };
    }
}
