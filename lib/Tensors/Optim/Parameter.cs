namespace Aim.Tensors
{
    public static partial class torch
    {
        public static partial class nn
        {
            /// <summary>Makes a tensor a parameter; the given handle is taken over.</summary>
            public static Modules.Parameter Parameter(Tensor data, bool requires_grad = true) => new(data, requires_grad);
        }
    }
}

namespace Aim.Tensors.Modules
{
    /// <summary>
    /// A leaf tensor that an optimiser changes. Shares the memory of what it was made from and disposes that handle.
    /// </summary>
    public sealed class Parameter : torch.Tensor
    {
        public Parameter(torch.Tensor data, bool requires_grad = true)
            : base(data)
        {
            data.Dispose();
            requires_grad_(requires_grad);
        }
    }
}
