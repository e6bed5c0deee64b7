namespace Aim.Tensors;

/// <summary>
/// Records operations and runs them backwards, in falling order of recording, on the calling thread: the sum is always the same.
/// </summary>
internal static class Autograd
{
    internal const string SecondTime = "Trying to backward through the graph a second time (or directly access saved tensors "
        + "after they "
        + "have already been freed). Specify retain_graph=True if you need to backward through the graph a second time.";

    [ThreadStatic]
    private static bool t_disabled;

    /// <summary>While <c>autograd.grad</c> runs: the leaves that may receive a gradient; null for all.</summary>
    [field: ThreadStatic]
    internal static HashSet<Tensor>? Only { get; set; }

    /// <summary>While <c>autograd.grad</c> runs: the nodes whose gradients are asked for.</summary>
    [field: ThreadStatic]
    internal static Dictionary<Node, Tensor?>? Wanted { get; set; }

    internal static bool Enabled
    {
        get => !t_disabled;
        set => t_disabled = !value;
    }

    internal static bool Reaches(Tensor leaf) => !leaf.IsInvalid && (Only is null || Only.Contains(leaf));

    internal static bool Recording(Tensor a) => !t_disabled && a.requires_grad;

    internal static bool Recording(Tensor a, Tensor? b) => !t_disabled && (a.requires_grad || b is { requires_grad: true });

    internal static bool Recording(Tensor a, Tensor? b, Tensor? c) =>
        Recording(a, b) || (!t_disabled && c is { requires_grad: true });

    internal static bool Recording(IEnumerable<Tensor> tensors) => !t_disabled && tensors.Any(t => t.requires_grad);

    /// <summary>Runs backward from <paramref name="roots"/>.</summary>
    internal static void Backward(IReadOnlyList<Tensor> roots, IReadOnlyList<Tensor?>? gradients, bool retainGraph,
        bool createGraph)
    {
        if (createGraph)
            throw new TensorException("double backward (create_graph: true) is not supported by the managed engine");
        for (var i = 0; i < roots.Count; i++)
        {
            if (!roots[i].requires_grad)
                throw new TensorException($"element {i} of tensors does not require grad and does not have a grad_fn");
        }

        var wasEnabled = Enabled;
        Enabled = false;
        var touched = new List<Node>();
        try
        {
            using var scope = torch.NewDisposeScope();
            var queue = new PriorityQueue<Node, long>();
            var queued = new HashSet<Node>();
            for (var i = 0; i < roots.Count; i++)
            {
                var seed = Seed(roots[i], gradients is null || i >= gradients.Count ? null : gradients[i], i);
                var node = roots[i].GradientNode()!;
                node.Accumulate(seed);
                Enqueue(node, queue, queued, touched);
            }

            while (queue.TryDequeue(out var node, out _))
            {
                var gradient = node.Buffer;
                if (gradient is null)
                    continue;
                if (Wanted?.ContainsKey(node) == true)
                    Wanted[node] = gradient.Alias();
                if (node.IsReleased)
                    throw new TensorException(SecondTime);
                try
                {
                    using var step = torch.NewDisposeScope();
                    node.Run(gradient);
                }
                finally
                {
                    // After an error too: what these gathered must not be left for the next pass.
                    foreach (var next in node.Next)
                    {
                        if (next is { Buffer: not null })
                            Enqueue(next, queue, queued, touched);
                    }
                }

                node.Buffer = null;
                gradient.Dispose();

                if (!retainGraph)
                    node.ReleaseSaved();
            }

            foreach (var node in touched)
                node.Deliver();
        }
        finally
        {
            Enabled = wasEnabled;
            foreach (var node in touched)
            {
                node.Buffer?.Dispose();
                node.Buffer = null;
            }
        }
    }

    private static void Enqueue(Node node, PriorityQueue<Node, long> queue, HashSet<Node> queued, List<Node> touched)
    {
        if (!queued.Add(node))
            return;
        touched.Add(node);
        if (node.Leaf is null)
            queue.Enqueue(node, -node.Sequence);
    }

    private static Tensor Seed(Tensor root, Tensor? gradient, int index)
    {
        if (gradient is not null)
        {
            return Shapes.Same(gradient._shape, root._shape)
                ? gradient.Alias(register: true)
                : throw new TensorException($"Mismatch in shape: grad_output[{index}] has a shape of "
                    + $"{Describe.Shape(gradient._shape)} "
                    + $"and output[{index}] has a shape of {Describe.Shape(root._shape)}");
        }

        if (root.numel() != 1)
            throw new TensorException("grad can be implicitly created only for scalar outputs, "
                + $"but this one has the shape {Describe.Shape(root._shape)}");
        return torch.ones(root._shape, root.dtype);
    }
}
