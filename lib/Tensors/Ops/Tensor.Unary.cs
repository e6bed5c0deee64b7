using static Aim.Tensors.Elementwise;

namespace Aim.Tensors;

public static partial class torch
{
    public partial class Tensor
    {
        public Tensor exp() => FromOutput<UnaryOps.Exp>("Exp", (g, y) => g.mul(y));

        public Tensor exp2() => FromOutput<UnaryOps.Exp2>("Exp2", (g, y) => g.mul(y).mul(Math.Log(2)));

        public Tensor expm1() => FromOutput<UnaryOps.Expm1>("Expm1", (g, y) => g.mul(y.add(1)));

        public Tensor sqrt() => FromOutput<UnaryOps.Sqrt>("Sqrt", (g, y) => g.div(y.mul(2)));

        public Tensor rsqrt() => FromOutput<UnaryOps.Rsqrt>("Rsqrt", (g, y) => g.mul(y.mul(y).mul(y)).mul(-0.5));

        public Tensor reciprocal() => FromOutput<UnaryOps.Reciprocal>("Reciprocal", (g, y) => g.mul(y.mul(y)).neg());

        public Tensor tanh() => FromOutput<UnaryOps.Tanh>("Tanh", (g, y) => g.mul(y.mul(y).neg().add(1)));

        public Tensor sigmoid() => FromOutput<UnaryOps.Sigmoid>("Sigmoid", (g, y) => g.mul(y.mul(y.neg().add(1))));

        public Tensor relu() => FromOutput<UnaryOps.Relu>("Relu", (g, y) => g.masked_fill(y.le(0), 0));

        public Tensor log() => FromInput<UnaryOps.Log>("Log", (g, x) => g.div(x));

        public Tensor log2() => FromInput<UnaryOps.Log2>("Log2", (g, x) => g.div(x.mul(Math.Log(2))));

        public Tensor log10() => FromInput<UnaryOps.Log10>("Log10", (g, x) => g.div(x.mul(Math.Log(10))));

        public Tensor log1p() => FromInput<UnaryOps.Log1p>("Log1p", (g, x) => g.div(x.add(1)));

        public Tensor sin() => FromInput<UnaryOps.Sin>("Sin", (g, x) => g.mul(x.cos()));

        public Tensor cos() => FromInput<UnaryOps.Cos>("Cos", (g, x) => g.mul(x.sin()).neg());

        public Tensor atan() => FromInput<UnaryOps.Atan>("Atan", (g, x) => g.div(x.square().add(1)));

        public Tensor erf() =>
            FromInput<UnaryOps.Erf>("Erf", (g, x) => g.mul(x.square().neg().exp()).mul(2 / Math.Sqrt(Math.PI)));

        public Tensor square() => Dtypes.IsFloat(dtype)
            ? FromInput<UnaryOps.Square>("Square", (g, x) => g.mul(x).mul(2))
            : mul(this);

        public Tensor abs() => Dtypes.IsFloat(dtype)
            ? FromInput<UnaryOps.Abs>("Abs", (g, x) => g.mul(x.sign()))
            : dtype is ScalarType.Byte or ScalarType.Bool ? clone() : maximum(neg());

        public Tensor neg()
        {
            if (dtype == ScalarType.Bool)
                throw new TensorException("Negation, the `-` operator, on a bool tensor is not supported: use ~ or "
                    + "logical_not()");
            return Dtypes.IsFloat(dtype)
                ? FromInput<UnaryOps.Negate>("Neg", (g, _) => g.neg())
                : full([], 0, dtype).sub(this);
        }

        public Tensor sign() => Dtypes.IsFloat(dtype)
            ? FromInput<UnaryOps.Sign>("Sign", (g, _) => zeros_like(g))
            : Unary<UnaryOps.Sign>(to(ScalarType.Float64)).to(dtype);

        public Tensor floor() => Kept<UnaryOps.Floor>("Floor", (g, _) => zeros_like(g));

        public Tensor ceil() => Kept<UnaryOps.Ceiling>("Ceil", (g, _) => zeros_like(g));

        public Tensor trunc() => Kept<UnaryOps.Truncate>("Trunc", (g, _) => zeros_like(g));

        public Tensor frac() => FromInput<UnaryOps.Frac>("Frac", (g, _) => g);

        /// <summary>Rounds half to even, at <paramref name="decimals"/> decimal places.</summary>
        public Tensor round(long decimals = 0L)
        {
            if (LowPrecision.Is(dtype))
                return Wide().round(decimals).to(dtype);
            if (decimals == 0)
                return Kept<UnaryOps.Round>("Round", (g, _) => zeros_like(g));
            var scale = Math.Pow(10, decimals);
            return mul(scale).round().div(scale);
        }

        public Tensor isnan() => Dtypes.IsFloat(dtype) ? ne(this) : zeros_like(this, ScalarType.Bool);

        public Tensor isinf() => Dtypes.IsFloat(dtype) ? abs().eq(double.PositiveInfinity) : zeros_like(this, ScalarType.Bool);

        public Tensor isfinite() => Dtypes.IsFloat(dtype) ? sub(this).eq(0) : ones_like(this, ScalarType.Bool);

        /// <summary>Bounds values; the gradient is 1 on the bounds. With min above max the result is max.</summary>
        public Tensor clamp(Scalar? min = null, Scalar? max = null)
        {
            if (min is null && max is null)
                throw new TensorException("torch.clamp: At least one of 'min' or 'max' must not be None");
            return clamp(min is null ? null : Constant(min), max is null ? null : Constant(max));
        }

        public Tensor clamp(Tensor? min = null, Tensor? max = null)
        {
            if (min is null && max is null)
                throw new TensorException("torch.clamp: At least one of 'min' or 'max' must not be None");
            using var off = no_grad();
            var type = Dtypes.Result(this, min ?? max!);
            type = max is null ? type : Dtypes.Promote(type, Dtypes.Result(this, max));
            var y = min is null ? detach() : Binary<BinaryOps.Each<BinaryOps.Maximum>>(this, min, type);
            y = max is null ? y : Binary<BinaryOps.Each<BinaryOps.Minimum>>(y, max, type);
            off.Dispose();
            if (!Autograd.Recording(this))
                return y;
            var (x, lo, hi) = (new Saved(this), min is null ? null : new Saved(min), max is null ? null : new Saved(max));
            return y.Record("Clamp", [this], Kept(x, lo, hi), (n, g) =>
            {
                if (lo is not null)
                    g = g.masked_fill(x.Value.ge(lo.Value).logical_not(), 0);
                if (hi is not null)
                    g = g.masked_fill(x.Value.le(hi.Value).logical_not(), 0);
                n.Add(0, Reduce.To(g, n.Next[0]));
            });
        }

        public Tensor clamp_min(Scalar min) => clamp(min, null);

        public Tensor clamp_max(Scalar max) => clamp(null, max);

        /// <summary>Replaces NaN and infinities (by the largest finite values unless given).</summary>
        public Tensor nan_to_num(double nan = 0d, double? posinf = null, double? neginf = null)
        {
            if (!Dtypes.IsFloat(dtype))
                return clone();
            var largest = dtype switch
            {
                ScalarType.Float64 => double.MaxValue,
                ScalarType.Float16 => (double)Half.MaxValue,
                ScalarType.BFloat16 => BFloat16.Largest,
                _ => float.MaxValue,
            };
            return masked_fill(isnan(), nan).masked_fill(eq(double.PositiveInfinity), posinf ?? largest)
                .masked_fill(eq(double.NegativeInfinity), neginf ?? -largest);
        }

        private Tensor FromOutput<TOp>(string name, Func<Tensor, Tensor, Tensor> derivative)
            where TOp : struct, IUnary
        {
            var y = Unary<TOp>(this);
            if (!Autograd.Recording(this))
                return y;
            var saved = new Saved(y, name);
            return y.Record(name, [this], [saved], (n, g) => n.Add(0, derivative(g, saved.Value)));
        }

        private Tensor FromInput<TOp>(string name, Func<Tensor, Tensor, Tensor> derivative)
            where TOp : struct, IUnary
        {
            var y = Unary<TOp>(this);
            if (!Autograd.Recording(this))
                return y;
            var saved = new Saved(this);
            return y.Record(name, [this], [saved], (n, g) => n.Add(0, derivative(g, saved.Value)));
        }

        /// <summary>Functions that leave integers as they are.</summary>
        private Tensor Kept<TOp>(string name, Func<Tensor, Tensor, Tensor> derivative)
            where TOp : struct, IUnary =>
            Dtypes.IsFloat(dtype) ? FromInput<TOp>(name, derivative) : clone();
    }
}
