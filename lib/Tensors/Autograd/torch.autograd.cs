namespace Aim.Tensors;

public static partial class torch
{
    /// <summary>Differentiation as functions.</summary>
    public static class autograd
    {
        public static void backward(Tensor tensor, IList<Tensor>? grad_tensors = null, bool? retain_graph = null,
            bool create_graph = false, IList<Tensor>? inputs = null) =>
            backward([tensor], grad_tensors, retain_graph, create_graph, inputs);

        public static void backward(Tensor tensor, Tensor grad_tensor, bool? retain_graph = null, bool create_graph = false,
            IList<Tensor>? inputs = null) => backward([tensor], [grad_tensor], retain_graph, create_graph, inputs);

        /// <summary>Adds gradients to the <c>grad</c> of the leaves (of <paramref name="inputs"/> alone, if given).</summary>
        /// <exception cref="TensorException"><paramref name="create_graph"/> is set: there is no double backward; an input is no
        /// leaf.</exception>
        public static void backward(IList<Tensor> tensors, IList<Tensor>? grad_tensors = null, bool? retain_graph = null,
            bool create_graph = false, IList<Tensor>? inputs = null)
        {
            if (inputs?.FirstOrDefault(i => !i.is_leaf || !i.requires_grad) is { } other)
                throw new TensorException("One of the differentiated Tensors given as 'inputs' to backward is not a leaf that "
                    + $"requires grad (shape {Describe.Shape(other._shape)})");
            Autograd.Only = inputs is null ? null : [.. inputs];
            try
            {
                Autograd.Backward([.. tensors], grad_tensors is null ? null : [.. grad_tensors], retain_graph ?? create_graph,
                    create_graph);
            }
            finally
            {
                Autograd.Only = null;
            }
        }

        /// <summary>
        /// Gradients of <paramref name="outputs"/> with respect to <paramref name="inputs"/>; no tensor's <c>grad</c> changes.
        /// </summary>
        /// <exception cref="TensorException">An input does not require gradients, or was not used and
        /// <paramref name="allow_unused"/> is false; <paramref name="create_graph"/> is set: there is no double
        /// backward.</exception>
        public static IList<Tensor> grad(IList<Tensor> outputs, IList<Tensor> inputs, IList<Tensor>? grad_outputs = null,
            bool retain_graph = false, bool create_graph = false, bool allow_unused = false)
        {
            var nodes = inputs.Select(i => i.GradientNode() ?? throw new TensorException("One of the differentiated Tensors does "
                + $"not require grad (shape {Describe.Shape(i._shape)})")).ToArray();
            var leaves = inputs.Where(i => i.is_leaf).Distinct().ToArray();
            var before = leaves.Select(l => l.GradientBuffer).ToArray();
            foreach (var leaf in leaves)
                leaf.GradientBuffer = null;
            var wanted = nodes.Where(n => n.Leaf is null).Distinct().ToDictionary(n => n, _ => (Tensor?)null);
            (Autograd.Only, Autograd.Wanted) = ([.. leaves], wanted);
            try
            {
                Autograd.Backward([.. outputs], grad_outputs is null ? null : [.. grad_outputs], retain_graph, create_graph);
                return [.. inputs.Select((input, i) => Found(input, nodes[i]) ?? (allow_unused
                    ? null!
                    : throw new TensorException($"The differentiated Tensor at index {i} appears to not have been used in the "
                        + "graph. Set allow_unused=True if this is the desired behavior.")))];
            }
            finally
            {
                (Autograd.Only, Autograd.Wanted) = (null, null);
                foreach (var gradient in wanted.Values)
                    gradient?.Dispose();
                for (var i = 0; i < leaves.Length; i++)
                {
                    leaves[i].GradientBuffer?.Dispose();
                    leaves[i].GradientBuffer = before[i];
                }
            }

            Tensor? Found(Tensor input, Node node) => node.Leaf is not null
                ? input.grad
                : wanted[node]?.detach().to(input.dtype);
        }
    }
}
