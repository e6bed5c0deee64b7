namespace Aim.Tensors;

/// <summary>
/// Owns the tensors made while it is the innermost scope of its thread and disposes them with itself, except those moved or
/// detached.
/// </summary>
public sealed class DisposeScope : IDisposable
{
    [ThreadStatic]
    private static DisposeScope? t_current;

    /// <summary>Empty lists of scopes that are over, for those to come: a decoding step opens one a layer.</summary>
    [ThreadStatic]
    private static Stack<List<torch.Tensor?>>? t_lists;

    private List<torch.Tensor?>? _tensors;
    private DisposeScope? _outer;
    private bool _disposed;
    private int _live;

    internal DisposeScope()
    {
        _outer = t_current;
        t_current = this;
    }

    internal static DisposeScope? Current => t_current;

    /// <summary>The scope around this one; null for the outermost.</summary>
    public DisposeScope? OuterScope => _outer;

    /// <summary>How many tensors this scope would dispose now.</summary>
    public int DisposablesCount => _live;

    /// <summary>Hands a tensor to the next outer scope (to none, if this is the outermost).</summary>
    public torch.Tensor MoveToOuter(torch.Tensor tensor) => MoveToOther(_outer, tensor);

    /// <summary>Hands a tensor to another scope.</summary>
    public torch.Tensor MoveToOther(DisposeScope? scope, torch.Tensor tensor)
    {
        tensor.LeaveScope();
        scope?.Include(tensor);
        return tensor;
    }

    /// <summary>Takes a tensor out of all scopes: its holder disposes it.</summary>
    public torch.Tensor Detach(torch.Tensor tensor)
    {
        tensor.LeaveScope();
        return tensor;
    }

    /// <summary>Makes this scope the owner of a tensor.</summary>
    public torch.Tensor Attach(torch.Tensor tensor)
    {
        tensor.LeaveScope();
        Include(tensor);
        return tensor;
    }

    /// <summary>Disposes everything owned but one tensor.</summary>
    public torch.Tensor DisposeEverythingBut(torch.Tensor keep)
    {
        DisposeOwned(keep);
        return keep;
    }

    public void Dispose()
    {
        if (_disposed)
            return;
        _disposed = true;
        DisposeOwned(null);

        // Scopes normally end in reverse order; one that ends early is cut out of the middle.
        if (t_current == this)
        {
            t_current = _outer;
            return;
        }

        for (var scope = t_current; scope is not null; scope = scope._outer)
        {
            if (scope._outer == this)
                scope._outer = _outer;
        }
    }

    internal static void Register(torch.Tensor tensor) => t_current?.Include(tensor);

    internal void Remove(int slot)
    {
        _tensors![slot] = null;
        _live--;
        while (_tensors.Count > 0 && _tensors[^1] is null)
            _tensors.RemoveAt(_tensors.Count - 1);
    }

    private void Include(torch.Tensor tensor)
    {
        _tensors ??= t_lists is not null && t_lists.TryPop(out var list) ? list : [];
        tensor.EnterScope(this, _tensors.Count);
        _tensors.Add(tensor);
        _live++;
    }

    private void DisposeOwned(torch.Tensor? keep)
    {
        if (_tensors is not { } owned)
            return;
        _tensors = null;
        _live = 0;
        foreach (var tensor in owned)
        {
            if (tensor is null)
                continue;
            if (ReferenceEquals(tensor, keep))
            {
                Include(tensor);
                continue;
            }

            tensor.ForgetScope();
            tensor.Dispose();
        }

        const int Lists = 64;
        const int Length = 1024;
        owned.Clear();
        t_lists ??= [];
        if (owned.Capacity <= Length && t_lists.Count < Lists)
            t_lists.Push(owned);
    }
}

public static partial class torch
{
    /// <summary>Opens a scope that owns the tensors made until it is disposed, on this thread.</summary>
    public static DisposeScope NewDisposeScope() => new();

    /// <summary>Evaluates an expression in a scope of its own; only its result survives.</summary>
    public static Tensor WrappedTensorDisposeScope(Func<Tensor> expr)
    {
        using var scope = NewDisposeScope();
        return expr().MoveToOuterDisposeScope();
    }
}
