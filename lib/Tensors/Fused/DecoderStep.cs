using Aim.Tensors.Kernels;

namespace Aim.Tensors;

/// <summary>Which keys a decoding step sees.</summary>
internal readonly unsafe struct StepMask(bool causal, int* start, byte* visible, float* bias)
{
    public bool Causal => causal;

    public int* Start => start;

    public byte* Visible => visible;

    public float* Bias => bias;
}

/// <summary>The kernels of <see cref="FusedOps.decoder_step"/> one after the other; operands are checked there.</summary>
internal readonly unsafe struct DecoderStep
{
    private const int Line = 16;

    private readonly DecoderBlock _block;
    private readonly int _dim;
    private readonly int _heads;
    private readonly int _qkv;
    private readonly int _inner;

    internal DecoderStep(DecoderBlock block, int batch, int dim)
    {
        (_block, Batch, _dim) = (block, batch, dim);
        _heads = block.Heads * block.HeadDim;
        _qkv = _heads + (2 * block.KeyHeads * block.HeadDim);
        _inner = (int)block.Down.Dimensions[1];
    }

    internal int Batch { get; }

    /// <summary>Floats of working memory.</summary>
    internal long Floats => Room(_dim) + Room(_dim) + Room(_qkv) + Room(_heads) + Room(2 * _inner) + Room(_inner);

    internal void Run(float* memory, float* hidden, Tensor cos, Tensor sin, Tensor keys, Tensor values, int length,
        StepMask mask, float* y)
    {
        var set = KernelSet.Current;
        var (b, dim, eps) = (Batch, _dim, (float)_block.Eps);
        var normed = memory;
        var middle = normed + Room(dim);
        var qkv = middle + Room(dim);
        var attended = qkv + Room(_qkv);
        var gateUp = attended + Room(_heads);
        var gated = gateUp + Room(2 * _inner);

        set.RmsForwardRows(hidden, _block.InputNorm.Floats, normed, null, b, dim, eps);
        Multiply(_block.Qkv, _block.QkvBias, normed, dim, qkv, _qkv);
        Rotate(set, qkv, cos, sin, keys, values, length);
        Attend(qkv, keys, values, length, mask, attended);
        Multiply(_block.Output, null, attended, _heads, normed, dim);
        set.Map(BinaryFunction.Add, hidden, normed, middle, (long)b * dim);

        set.RmsForwardRows(middle, _block.PostNorm.Floats, normed, null, b, dim, eps);
        Multiply(_block.GateUp, null, normed, dim, gateUp, 2 * _inner);
        for (var i = 0; i < b; i++)
        {
            var gate = gateUp + ((long)i * 2 * _inner);
            set.Map(BinaryFunction.SiluTimes, gate, gate + _inner, gated + ((long)i * _inner), _inner);
        }

        Multiply(_block.Down, null, gated, _inner, normed, dim);
        set.Map(BinaryFunction.Add, middle, normed, y, (long)b * dim);
    }

    /// <summary>Queries turn in place; keys turn on their way into the cache, and values go there as they are.</summary>
    private void Rotate(KernelSet set, float* qkv, Tensor cos, Tensor sin, Tensor keys, Tensor values, int length)
    {
        var d = _block.HeadDim;
        for (var i = 0; i < Batch; i++)
        {
            var c = cos.Floats + (cos.Rank == 3 ? (long)i * d : 0);
            var s = sin.Floats + (sin.Rank == 3 ? (long)i * d : 0);
            var q = qkv + ((long)i * _qkv);
            set.Rotate(new RotaryGrid(1, _block.Heads, 0, d, 0, d, 0, 0, d / 2), q, c, s, q);
            var k = q + _heads;
            set.Rotate(new RotaryGrid(1, _block.KeyHeads, 0, d, 0, (nint)keys._strides[1], 0, 0, d / 2), k, c, s,
                Row(keys, i, 0, length));
            for (var h = 0; h < _block.KeyHeads; h++)
                Kernels.Elementwise.Copy(k + ((_block.KeyHeads + h) * d), Row(values, i, h, length), d);
        }

        static float* Row(Tensor cache, int item, int head, int row) =>
            cache.Floats + (item * cache._strides[0]) + (head * cache._strides[1]) + (row * cache._strides[2]);
    }

    private void Attend(float* qkv, Tensor keys, Tensor values, int length, StepMask mask, float* attended)
    {
        var d = _block.HeadDim;
        var shape = new AttentionShape
        {
            Batch = Batch,
            QueryHeads = _block.Heads,
            KeyHeads = _block.KeyHeads,
            Queries = 1,
            Keys = length + 1,
            HeadDim = d,
            Scale = (float)(1 / Math.Sqrt(d)),
            Causal = mask.Causal,
            Q = new HeadStrides(_qkv, d, _qkv),
            K = FusedOps.Strides(keys),
            V = FusedOps.Strides(values),
            O = new HeadStrides(_heads, d, _heads),
        };
        Attention.Forward(shape, qkv, keys.Floats, values.Floats, attended, null, mask.Start, mask.Visible, mask.Bias);
    }

    private void Multiply(IReadOnlyList<Weight> parts, IReadOnlyList<Tensor>? biases, float* x, int columns, float* y, int row)
    {
        for (var i = 0; i < parts.Count; i++)
        {
            Multiply(parts[i], biases?[i], x, columns, y, row);
            y += parts[i].Dimensions[0];
        }
    }

    private void Multiply(Weight weight, Tensor? bias, float* x, int columns, float* y, int row)
    {
        var b = bias is null ? null : bias.Floats;
        if (weight.IsTensor)
        {
            var n = (int)weight.Dimensions[0];
            Gemm.Run(Batch, n, columns, 1, x, columns, 1, weight.Tensor.Floats, 1, columns, 0, y, row, b);
            return;
        }

        using var held = weight.Hold();
        WeightGemm.Run(Batch, x, columns, held.Matrix, y, row, b);
    }

    /// <summary>Floats of [batch, columns], up to whole cache lines.</summary>
    private long Room(int columns) => (((long)Batch * columns) + Line - 1) / Line * Line;
}
