using Aim.Tensors.Kernels;

namespace Aim.Tensors
{
    public static partial class torch
    {
        public static partial class nn
        {
            public static partial class functional
            {
                private unsafe delegate void Forward(float* x, float* y, long count);

                private unsafe delegate void Backward(float* saved, float* dy, float* dx, long count);

                public static Tensor relu(Tensor x, bool inplace = false) => inplace ? x.relu_() : x.relu();

                public static Tensor sigmoid(Tensor x) => x.sigmoid();

                public static Tensor tanh(Tensor x, bool inplace = false) => x.tanh();

                /// <summary>x times the sigmoid of x.</summary>
                public static unsafe Tensor silu(Tensor x, bool inplace = false) => x.dtype == ScalarType.Float32
                    ? Activation("Silu", x, Activations.Silu, Activations.SiluBackward)
                    : x.Wide().mul(x.Wide().sigmoid()).to(x.dtype);

                /// <summary>x times the normal distribution function of x.</summary>
                public static Tensor gelu(Tensor x) => gelu(x, Modules.GELU.Approximate.none);

                public static Tensor gelu(Tensor x, bool inplace) => gelu(x, Modules.GELU.Approximate.none);

                /// <summary>GELU, exact or with the tanh approximation.</summary>
                public static unsafe Tensor gelu(Tensor x, Modules.GELU.Approximate approximate, bool inplace = false)
                {
                    if (!Dtypes.IsFloat(x.dtype))
                        throw new TensorException($"\"GeluKernelImpl\" not implemented for '{Describe.Dtype(x.dtype)}'");
                    if (x.dtype == ScalarType.Float32)
                    {
                        return approximate == Modules.GELU.Approximate.tanh
                            ? Activation("GeluTanh", x, Activations.GeluTanh, Activations.GeluTanhBackward)
                            : Activation("Gelu", x, Activations.GeluErf, Activations.GeluErfBackward);
                    }

                    if (LowPrecision.Is(x.dtype))
                        return gelu(x.Wide(), approximate).to(x.dtype);
                    return approximate == Modules.GELU.Approximate.tanh
                        ? x.mul(0.5).mul(x.pow(3.0).mul(0.044715).add(x).mul(Math.Sqrt(2 / Math.PI)).tanh().add(1))
                        : x.mul(0.5).mul(x.mul(Math.Sqrt(0.5)).erf().add(1));
                }

                /// <summary><c>exp(x) / sum(exp(x))</c> along a dimension; a line of minus infinities gives NaN.</summary>
                public static unsafe Tensor softmax(Tensor input, long dim, ScalarType? dtype = null)
                {
                    var x = Floating("softmax", input, dtype);
                    if (LowPrecision.Is(x.dtype))
                        return softmax(x.Wide(), dim).to(x.dtype);
                    if (x.dtype != ScalarType.Float32)
                    {
                        var top = x.detach().amax([dim], keepdim: true);
                        var e = x.sub(top).exp();
                        return e.mul(e.sum(dim, keepdim: true).reciprocal());
                    }

                    return Lines("Softmax", x, dim, Softmax.Forward, Softmax.Backward);
                }

                /// <summary>The logarithm of <see cref="softmax"/>, computed without underflow.</summary>
                public static unsafe Tensor log_softmax(Tensor x, long dim)
                {
                    x = Floating("log_softmax", x, null);
                    if (LowPrecision.Is(x.dtype))
                        return log_softmax(x.Wide(), dim).to(x.dtype);
                    return x.dtype == ScalarType.Float32
                        ? Lines("LogSoftmax", x, dim, Softmax.LogForward, Softmax.LogBackward)
                        : x.sub(x.logsumexp(dim, keepdim: true));
                }

                private unsafe delegate void LineForward(float* x, float* y, long rows, int dim);

                private unsafe delegate void LineBackward(float* y, float* dy, float* dx, long rows, int dim);

                private static unsafe Tensor Activation(string name, Tensor x, Forward forward, Backward backward)
                {
                    var packed = Packed(x);
                    var y = Tensor.Empty(x._shape, x.dtype);
                    forward(packed.Floats, y.Floats, x.numel());
                    if (!Autograd.Recording(x))
                        return y;
                    var saved = new Saved(packed, x.GradientName);
                    return y.Record(name, [x], [saved], (n, g) =>
                    {
                        var dx = Tensor.Empty(g._shape, g.dtype);
                        backward(saved.Value.Floats, Packed(g).Floats, dx.Floats, g.numel());
                        n.Add(0, dx);
                    });
                }

                private static unsafe Tensor Lines(string name, Tensor x, long dim, LineForward forward, LineBackward backward)
                {
                    var d = Shapes.Dim(dim, x.Rank);
                    if (x.Rank == 0)
                        return Lines(name, x.view(1), 0, forward, backward).view([]);
                    if (d != x.Rank - 1)
                        return Lines(name, x.transpose(d, -1), -1, forward, backward).transpose(d, -1);
                    var width = Shapes.Int(x._shape[^1], name);
                    var y = Tensor.Empty(x._shape, x.dtype);
                    if (y.numel() > 0)
                        forward(Packed(x).Floats, y.Floats, x.numel() / width, width);
                    if (!Autograd.Recording(x))
                        return y;
                    var saved = new Saved(y, name);
                    return y.Record(name, [x], [saved], (n, g) =>
                    {
                        var dx = Tensor.Empty(g._shape, g.dtype);
                        if (g.numel() > 0)
                            backward(saved.Value.Floats, Packed(g).Floats, dx.Floats, g.numel() / width, width);
                        n.Add(0, dx);
                    });
                }

                private static Tensor Floating(string name, Tensor x, ScalarType? dtype)
                {
                    x = dtype is { } t ? x.to(t) : x;
                    return Dtypes.IsFloat(x.dtype)
                        ? x
                        : throw new TensorException($"\"{name}_lastdim_kernel_impl\" not implemented for "
                            + $"'{Describe.Dtype(x.dtype)}'");
                }
            }
        }

        public partial class Tensor
        {
            public Tensor softmax(long dim, ScalarType? dtype = null) => nn.functional.softmax(this, dim, dtype);

            public Tensor log_softmax(long dim, ScalarType? dtype = null) =>
                nn.functional.log_softmax(dtype is { } type ? to(type) : this, dim);

            public Tensor silu() => nn.functional.silu(this);

            public Tensor gelu() => nn.functional.gelu(this);

            public Tensor gelu(Modules.GELU.Approximate approximate) => nn.functional.gelu(this, approximate);
        }
    }
}

namespace Aim.Tensors.Modules
{
    /// <summary>Holds the choice of GELU's form, where TorchSharp has it.</summary>
    public sealed class GELU
    {
        public enum Approximate
        {
            none,
            tanh,
        }
    }
}
