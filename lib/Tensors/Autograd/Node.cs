namespace Aim.Tensors;

/// <summary>
/// One recorded operation: what it was called with, the values its derivative needs, and the gradient of its output while it
/// gathers. Counted by reference (the output tensor and the nodes after it), so that saved values go as soon as nobody can ask
/// for them. A node with <see cref="Leaf"/> set stands for a leaf tensor: what arrives there is added to the leaf's <c>grad</c>.
/// </summary>
internal sealed class Node
{
    private static long s_sequence;

    private readonly Action<Node, Tensor>? _backward;
    private Node?[] _next;
    private Saved[] _saved;
    private int _references = 1;

    internal Node(string name, Tensor output, ReadOnlySpan<Tensor?> inputs, Saved[] saved, Action<Node, Tensor> backward)
    {
        Name = name;
        Shape = output._shape;
        Dtype = output.dtype;
        _saved = saved;
        _backward = backward;
        _next = new Node?[inputs.Length];
        for (var i = 0; i < inputs.Length; i++)
            _next[i] = inputs[i]?.GradientNode()?.AddReference();
        Sequence = Interlocked.Increment(ref s_sequence);
    }

    internal Node(Tensor leaf)
    {
        Name = "AccumulateGrad";
        Shape = leaf._shape;
        Dtype = leaf.dtype;
        Leaf = leaf;
        _saved = [];
        _next = [];
        Sequence = long.MaxValue;
    }

    internal string Name { get; }

    internal long[] Shape { get; }

    internal torch.ScalarType Dtype { get; }

    internal Tensor? Leaf { get; }

    /// <summary>Later operations have higher numbers; backward runs them in falling order.</summary>
    internal long Sequence { get; }

    internal bool IsReleased { get; private set; }

    internal ReadOnlySpan<Node?> Next => _next;

    /// <summary>The output's gradient so far, during a backward pass; of a leaf only where that has a 16-bit type.</summary>
    internal Tensor? Buffer { get; set; }

    internal Node AddReference()
    {
        Interlocked.Increment(ref _references);
        return this;
    }

    /// <summary>Lets go of one reference; frees whole chains without recursion.</summary>
    internal void Release()
    {
        if (Interlocked.Decrement(ref _references) != 0)
            return;
        var pending = new Stack<Node>();
        pending.Push(this);
        while (pending.TryPop(out var node))
        {
            node.ReleaseSaved();
            foreach (var next in node._next)
            {
                if (next is not null && Interlocked.Decrement(ref next._references) == 0)
                    pending.Push(next);
            }

            node._next = [];
        }
    }

    internal void ReleaseSaved()
    {
        foreach (var saved in _saved)
            saved.Release();
        _saved = [];
        if (Leaf is null)
            IsReleased = true;
    }

    /// <summary>
    /// Before memory is overwritten: copies what this node and those that it was recorded with, from <paramref name="since"/> on,
    /// saved of it. (An in-place product needs the factor that it replaces.)
    /// </summary>
    internal void Preserve(TensorStorage storage, long since)
    {
        if (Sequence <= since || Leaf is not null)
            return;
        foreach (var saved in _saved)
            saved.Preserve(storage);
        foreach (var next in _next)
            next?.Preserve(storage, since);
    }

    /// <summary>The number of the operation recorded last.</summary>
    internal static long LastSequence => Interlocked.Read(ref s_sequence);

    internal void Run(Tensor gradient) => _backward!(this, gradient);

    /// <summary>Whether input <paramref name="i"/> takes part in differentiation.</summary>
    internal bool Needs(int i) => _next[i] is { } node && (node.Leaf is null || Autograd.Reaches(node.Leaf));

    /// <summary>Adds to the gradient of input <paramref name="i"/>, which the caller goes on owning.</summary>
    internal void Add(int i, Tensor gradient)
    {
        if (Needs(i))
            _next[i]!.Accumulate(gradient);
    }

    /// <summary>
    /// Adds to the gradient gathered here. The tensor given may be shared; it is never written to unless it is exclusive.
    /// </summary>
    internal void Accumulate(Tensor gradient)
    {
        if (!Shapes.Same(gradient._shape, Shape))
        {
            throw new TensorException($"gradient of shape {Describe.Shape(gradient._shape)} for an output of shape "
                + $"{Describe.Shape(Shape)} of {Name}");
        }

        var type = LowPrecision.Computing(Dtype);
        if (gradient.dtype != type)
            gradient = gradient.to(type);
        var present = Gradient;
        if (present is null)
        {
            Gradient = GathersInLeaf && !gradient.Storage.IsExclusive
                ? Copy.Contiguous(gradient, register: false)
                : gradient.Alias();
            return;
        }

        var kept = gradient.Alias();
        if (present.is_contiguous() && (GathersInLeaf || present.Storage.IsExclusive))
        {
            Elementwise.AddInPlace(present, kept);
            kept.Dispose();
        }
        else
        {
            var sum = Elementwise.Sum(present, kept);
            kept.Dispose();
            present.Dispose();
            Gradient = sum;
        }
    }

    /// <summary>
    /// Memory into which the derivative for input <paramref name="i"/> is to be written (contiguous, the input's shape):
    /// <paramref name="beta"/> is 1 when it must be added to what is there, 0 when it must overwrite. Saves the temporary and the
    /// addition.
    /// </summary>
    internal Tensor Into(int i, out float beta) => _next[i]!.Target(out beta);

    private Tensor Target(out float beta)
    {
        var present = Gradient;
        if (present is null)
        {
            beta = 0;
            return Gradient = Tensor.Empty(Shape, LowPrecision.Computing(Dtype), register: false);
        }

        beta = 1;
        if (present.is_contiguous() && (GathersInLeaf || present.Storage.IsExclusive))
            return present;
        var copy = Tensor.Empty(Shape, present.dtype, register: false);
        Copy.Run(present, copy);
        present.Dispose();
        return Gradient = copy;
    }

    /// <summary>
    /// At the end of a backward pass: what was gathered for a 16-bit leaf is added to its gradient, rounded once.
    /// </summary>
    internal void Deliver()
    {
        if (Leaf is null || Buffer is not { } gathered)
            return;
        using var scope = torch.NewDisposeScope();
        var present = Leaf.GradientBuffer;
        var sum = present is null ? gathered : Elementwise.Sum(LowPrecision.Widened(present), gathered);
        if (present is null)
            Leaf.GradientBuffer = Tensor.Empty(Shape, Dtype, register: false);
        Copy.Run(sum, Leaf.GradientBuffer!);
        if (!ReferenceEquals(sum, gathered))
            sum.Dispose();
    }

    /// <summary>
    /// A leaf's gradient outlives the pass: it may be added to in place, and must share its memory with nothing.
    /// </summary>
    private bool GathersInLeaf => Leaf is not null && !LowPrecision.Is(Dtype);

    private Tensor? Gradient
    {
        get => GathersInLeaf ? Leaf!.GradientBuffer : Buffer;
        set
        {
            if (GathersInLeaf)
                Leaf!.GradientBuffer = value;
            else
                Buffer = value;
        }
    }
}

/// <summary>
/// A value that a derivative needs. Remembers the memory's version, so that an in-place change in between is an error.
/// </summary>
internal sealed class Saved
{
    private int _version;
    private readonly string _producer;
    private Tensor? _alias;

    internal Saved(Tensor tensor, string? producer = null)
    {
        _alias = tensor.Alias();
        _version = tensor.Storage.Version;
        _producer = producer ?? tensor.GradientName;
    }

    /// <summary>The value, widened to float32 if its type has 16 bits.</summary>
    /// <exception cref="TensorException">The value was freed by an earlier backward pass or overwritten in place.</exception>
    internal Tensor Value
    {
        get
        {
            if (_alias is null)
                throw new TensorException(Autograd.SecondTime);
            if (_alias.Storage.Version != _version)
            {
                throw new TensorException("one of the variables needed for gradient computation has been modified by an inplace "
                    + $"operation: [torch.{Describe.Dtype(_alias.dtype)}Tensor {Describe.Shape(_alias._shape)}], which is "
                        + $"output 0 of "
                    + $"{_producer}, is at version {_alias.Storage.Version}; expected version {_version} instead");
            }

            return LowPrecision.Widened(_alias);
        }
    }

    internal void Preserve(TensorStorage storage)
    {
        if (_alias is null || _alias.Storage != storage)
            return;
        var copy = Copy.Contiguous(_alias, register: false);
        _alias.Dispose();
        _alias = copy;
        _version = copy.Storage.Version;
    }

    internal void Release()
    {
        _alias?.Dispose();
        _alias = null;
    }
}
