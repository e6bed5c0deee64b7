namespace Aim.Tensors;

public static partial class torch
{
    public partial class Tensor
    {
        private Node? _node;
        private Node? _leafNode;
        private Tensor? _gradient;
        private bool _requiresGrad;

        /// <summary>Whether operations on this tensor are recorded for differentiation.</summary>
        public bool requires_grad
        {
            get
            {
                FollowBase();
                return _requiresGrad;
            }

            set => requires_grad_(value);
        }

        /// <summary>True for tensors that no recorded operation made: gradients gather in their <see cref="grad"/>.</summary>
        public bool is_leaf
        {
            get
            {
                FollowBase();
                return _node is null;
            }
        }

        /// <summary>
        /// The gathered gradient (a handle on it, owned by the innermost scope); null before the first backward pass.
        /// </summary>
        public Tensor? grad
        {
            get => _gradient?.Alias(register: true);
            set
            {
                var kept = value?.Alias();
                _gradient?.Dispose();
                _gradient = kept;
            }
        }

        internal string GradientName => _node?.Name ?? "a leaf";

        /// <summary>The gradient itself, without a new handle.</summary>
        internal Tensor? GradientBuffer
        {
            get => _gradient;
            set => _gradient = value;
        }

        /// <exception cref="TensorException">The tensor is not a leaf, or not of a floating-point type.</exception>
        public Tensor requires_grad_(bool requires_grad = true)
        {
            if (requires_grad && !Dtypes.IsFloat(dtype))
                throw new TensorException($"only Tensors of floating point dtype can require gradients, not {dtype}");
            if (_node is not null && !requires_grad)
            {
                throw new TensorException("you can only change requires_grad flags of leaf variables; "
                    + "use detach() for a value that takes no part in differentiation");
            }

            _requiresGrad = requires_grad;
            return this;
        }

        /// <summary>A view of the same memory that takes no part in differentiation.</summary>
        public Tensor detach() => Alias(register: true);

        /// <summary>
        /// Differentiates this scalar: gradients are added to the <see cref="grad"/> of the leaves it came from.
        /// </summary>
        public void backward() => Autograd.Backward([this], null, retainGraph: false, createGraph: false);

        /// <param name="grad_tensors">The gradient of this tensor; may be null for a scalar.</param>
        /// <param name="retain_graph">Keeps saved values, so that backward may run again.</param>
        /// <param name="create_graph">Not supported: true throws.</param>
        /// <param name="inputs">Not supported: use <see cref="autograd.grad"/>.</param>
        public void backward(IList<Tensor>? grad_tensors = null, bool retain_graph = false, bool create_graph = false,
            IList<Tensor>? inputs = null)
        {
            if (inputs is not null)
                throw new TensorException("backward(inputs:) is not supported by the managed engine: use torch.autograd.grad");
            Autograd.Backward([this], grad_tensors is null ? null : [.. grad_tensors], retain_graph, create_graph);
        }

        internal Node? GradientNode()
        {
            FollowBase();
            if (_node is not null)
                return _node;
            return _requiresGrad ? _leafNode ??= new Node(this) : null;
        }

        /// <summary>Attaches the operation that made this tensor.</summary>
        internal Tensor Record(string name, ReadOnlySpan<Tensor?> inputs, Saved[] saved, Action<Node, Tensor> backward)
        {
            var node = new Node(name, this, inputs, saved, backward);
            _node?.Release();
            _node = node;
            _requiresGrad = true;
            return this;
        }

        private void ReleaseGraph()
        {
            _node?.Release();
            _node = null;
            _viewBase = null;
            _followed = null;
            _gradient?.Dispose();
            _gradient = null;
        }
    }

    /// <summary>Switches recording off until disposed, on this thread.</summary>
    public static IDisposable no_grad() => new GradMode(false);

    public static IDisposable inference_mode(bool mode = true) => new GradMode(!mode && Autograd.Enabled);

    public static IDisposable enable_grad(bool enabled = true) => new GradMode(enabled);

    public static IDisposable set_grad_enabled(bool mode = true) => new GradMode(mode);

    public static bool is_grad_enabled() => Autograd.Enabled;

    private sealed class GradMode : IDisposable
    {
        private readonly bool _before = Autograd.Enabled;

        internal GradMode(bool enabled) => Autograd.Enabled = enabled;

        public void Dispose() => Autograd.Enabled = _before;
    }

    /// <summary>Differentiation as functions.</summary>
    public static class autograd
    {
        public static void backward(Tensor tensor, IList<Tensor>? grad_tensors = null, bool? retain_graph = null,
            bool create_graph = false) => backward([tensor], grad_tensors, retain_graph, create_graph);

        public static void backward(IList<Tensor> tensors, IList<Tensor>? grad_tensors = null, bool? retain_graph = null,
            bool create_graph = false) => Autograd.Backward([.. tensors], grad_tensors is null ? null : [.. grad_tensors],
                retain_graph ?? false, create_graph);

        /// <summary>
        /// Gradients of <paramref name="outputs"/> with respect to leaf <paramref name="inputs"/>; their <c>grad</c> stays as it
        /// was.
        /// </summary>
        /// <exception cref="TensorException">An input is not a leaf, or was not used and <paramref name="allow_unused"/> is
        /// false.</exception>
        public static IList<Tensor> grad(IList<Tensor> outputs, IList<Tensor> inputs, IList<Tensor>? grad_outputs = null,
            bool retain_graph = false, bool create_graph = false, bool allow_unused = false)
        {
            foreach (var input in inputs)
            {
                if (!input.is_leaf || !input.requires_grad)
                    throw new TensorException("autograd.grad: inputs must be leaves that require grad");
            }

            var before = inputs.Select(i => i.GradientBuffer).ToArray();
            foreach (var input in inputs)
                input.GradientBuffer = null;
            var result = new Tensor[inputs.Count];
            Autograd.Only = [.. inputs];
            try
            {
                Autograd.Backward([.. outputs], grad_outputs is null ? null : [.. grad_outputs], retain_graph, create_graph);
                for (var i = 0; i < inputs.Count; i++)
                {
                    result[i] = inputs[i].grad is { } g
                        ? g
                        : allow_unused
                            ? null!
                            : throw new TensorException($"The differentiated Tensor at index {i} appears to not have been used "
                                + $"in the "
                                + "graph. Set allow_unused=True if this is the desired behavior.");
                }
            }
            finally
            {
                Autograd.Only = null;
                for (var i = 0; i < inputs.Count; i++)
                {
                    inputs[i].GradientBuffer?.Dispose();
                    inputs[i].GradientBuffer = before[i];
                }
            }

            return result;
        }
    }
}
