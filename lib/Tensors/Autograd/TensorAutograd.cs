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
        /// <param name="inputs">The leaves that receive gradients; null for all.</param>
        public void backward(IList<Tensor>? grad_tensors = null, bool retain_graph = false, bool create_graph = false,
            IList<Tensor>? inputs = null)
        {
            autograd.backward([this], grad_tensors, retain_graph, create_graph, inputs);
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
}
