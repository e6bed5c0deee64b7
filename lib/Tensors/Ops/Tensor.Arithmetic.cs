using static Aim.Tensors.Elementwise;

namespace Aim.Tensors;

public static partial class torch
{
    public partial class Tensor
    {
        public Tensor add(Tensor target) => add(target, 1);

        /// <summary><c>this + alpha * target</c>, broadcast.</summary>
        public Tensor add(Tensor target, Scalar alpha)
        {
            CheckAlpha(target, alpha);
            var other = alpha.ToDouble() == 1 ? target : target.mul(alpha);
            var type = Dtypes.Result(this, other);
            if (LowPrecision.Is(type) && !ReferenceEquals(other, target))
                return Wide().add(target.Wide(), alpha).to(type);
            var y = type == ScalarType.Bool ? logical_or(other) : Binary<Add>(this, other, type);
            return Autograd.Recording(this, other)
                ? y.Record("Add", [this, other], [], (n, g) =>
                {
                    n.Add(0, Reduce.To(g, n.Next[0]));
                    n.Add(1, Reduce.To(g, n.Next[1]));
                })
                : y;
        }

        public Tensor add(Scalar scalar) => add(Constant(scalar));

        public Tensor add(Scalar scalar, Scalar alpha) => add(Constant(scalar), alpha);

        public Tensor sub(Tensor target) => sub(target, 1);

        public Tensor sub(Tensor target, Scalar alpha)
        {
            CheckAlpha(target, alpha);
            var other = alpha.ToDouble() == 1 ? target : target.mul(alpha);
            var type = Dtypes.Result(this, other);
            if (type == ScalarType.Bool)
                throw new TensorException("Subtraction, the `-` operator, with two bool tensors is not supported: use ^ or "
                    + "logical_xor()");
            if (LowPrecision.Is(type) && !ReferenceEquals(other, target))
                return Wide().sub(target.Wide(), alpha).to(type);
            var y = Binary<Subtract>(this, other, type);
            return Autograd.Recording(this, other)
                ? y.Record("Sub", [this, other], [], (n, g) =>
                {
                    n.Add(0, Reduce.To(g, n.Next[0]));
                    if (n.Needs(1))
                        n.Add(1, Reduce.To(g, n.Next[1]).neg());
                })
                : y;
        }

        public Tensor sub(Scalar target) => sub(Constant(target));

        private void CheckAlpha(Tensor target, Scalar alpha)
        {
            if (alpha.Type == ScalarType.Float64 && !Dtypes.IsFloat(Dtypes.Result(this, target)))
                throw new TensorException("For integral input tensors, argument alpha must not be a floating point number.");
        }

        public Tensor mul(Tensor target)
        {
            var type = Dtypes.Result(this, target);
            var y = type == ScalarType.Bool ? logical_and(target) : Binary<Multiply>(this, target, type);
            if (!Autograd.Recording(this, target))
                return y;
            var a = target.requires_grad ? new Saved(this) : null;
            var b = requires_grad ? new Saved(target) : null;
            return y.Record("Mul", [this, target], Kept(a, b), (n, g) =>
            {
                if (n.Needs(0))
                    n.Add(0, Reduce.To(g.mul(b!.Value), n.Next[0]));
                if (n.Needs(1))
                    n.Add(1, Reduce.To(g.mul(a!.Value), n.Next[1]));
            });
        }

        public Tensor mul(Scalar target) => mul(Constant(target));

        public Tensor div(Tensor target, RoundingMode rounding_mode = RoundingMode.None)
        {
            var type = Dtypes.Result(this, target);
            if (rounding_mode != RoundingMode.None)
            {
                if (type == ScalarType.Bool)
                    throw new TensorException("div with a rounding mode is not implemented for 'Bool'");
                var rounded = rounding_mode == RoundingMode.floor
                    ? Binary<BinaryOps.Each<BinaryOps.FloorDivide>>(this, target, type)
                    : Binary<BinaryOps.Each<BinaryOps.TruncateDivide>>(this, target, type);
                return Autograd.Recording(this, target)
                    ? rounded.Record("Div", [this, target], [], (n, g) =>
                    {
                        for (var i = 0; i < 2; i++)
                        {
                            if (n.Needs(i))
                                n.Add(i, zeros(n.Next[i]!.Shape, g.dtype));
                        }
                    })
                    : rounded;
            }

            var y = Binary<Divide>(this, target, Dtypes.IsFloat(type) ? type : ScalarType.Float32);
            if (!Autograd.Recording(this, target))
                return y;
            var b = new Saved(target);
            var q = target.requires_grad ? new Saved(y, "Div") : null;
            return y.Record("Div", [this, target], Kept(b, q), (n, g) =>
            {
                var d = g.div(b.Value);
                n.Add(0, Reduce.To(d, n.Next[0]));
                if (n.Needs(1))
                    n.Add(1, Reduce.To(d.mul(q!.Value).neg(), n.Next[1]));
            });
        }

        public Tensor div(Scalar target, RoundingMode rounding_mode = RoundingMode.None) => div(Constant(target), rounding_mode);

        public Tensor floor_divide(Tensor other) => div(other, RoundingMode.floor);

        public Tensor floor_divide(Scalar other) => div(other, RoundingMode.floor);

        public Tensor remainder(Tensor target) => WithoutSecondGradient<BinaryOps.Remainder>("Remainder", target);

        public Tensor remainder(Scalar scalar) => remainder(Constant(scalar));

        public Tensor fmod(Tensor target) => WithoutSecondGradient<BinaryOps.Fmod>("Fmod", target);

        public Tensor fmod(Scalar scalar) => fmod(Constant(scalar));

        public Tensor pow(Tensor exponent)
        {
            var type = Dtypes.Result(this, exponent);
            var y = Binary<BinaryOps.Each<BinaryOps.Power>>(this, exponent, type);
            if (!Autograd.Recording(this, exponent))
                return y;
            var (x, e, p) = (new Saved(this), new Saved(exponent), new Saved(y, "Pow"));
            return y.Record("Pow", [this, exponent], [x, e, p], (n, g) =>
            {
                if (n.Needs(0))
                {
                    var d = e.Value.mul(x.Value.pow(e.Value.sub(1)));
                    n.Add(0, Reduce.To(g.mul(d.masked_fill(e.Value.eq(0), 0)), n.Next[0]));
                }

                if (n.Needs(1))
                {
                    var d = p.Value.mul(x.Value.log());
                    n.Add(1, Reduce.To(g.mul(d.masked_fill(x.Value.eq(0).logical_and(e.Value.ge(0)), 0)), n.Next[1]));
                }
            });
        }

        public Tensor pow(Scalar exponent)
        {
            if (Dtypes.IsInteger(dtype) && exponent.Type != ScalarType.Float64 && exponent.ToDouble() < 0)
                throw new TensorException("Integers to negative integer powers are not allowed.");
            if (exponent.ToDouble() == 2)
                return square();
            return exponent.ToDouble() == 0.5 && Dtypes.IsFloat(dtype) ? sqrt() : pow(Constant(exponent));
        }

        /// <summary>The larger of each pair; NaN wins. Ties share the gradient.</summary>
        public Tensor maximum(Tensor other) => Extremum<BinaryOps.Maximum>("Maximum", other, largest: true);

        /// <summary>The smaller of each pair; NaN wins. Ties share the gradient.</summary>
        public Tensor minimum(Tensor other) => Extremum<BinaryOps.Minimum>("Minimum", other, largest: false);

        public Tensor max(Tensor other) => maximum(other);

        public Tensor min(Tensor other) => minimum(other);

        public Tensor atan2(Tensor other)
        {
            var type = Dtypes.Result(this, other);
            var y = Binary<BinaryOps.Each<BinaryOps.Atan2>>(this, other, Dtypes.IsFloat(type) ? type : ScalarType.Float32);
            if (!Autograd.Recording(this, other))
                return y;
            var (a, b) = (new Saved(this), new Saved(other));
            return y.Record("Atan2", [this, other], [a, b], (n, g) =>
            {
                var norm = a.Value.square().add(b.Value.square());
                n.Add(0, Reduce.To(g.mul(b.Value.div(norm)), n.Next[0]));
                if (n.Needs(1))
                    n.Add(1, Reduce.To(g.mul(a.Value.div(norm)).neg(), n.Next[1]));
            });
        }

        /// <summary><c>this + value * tensor1 * tensor2</c></summary>
        public Tensor addcmul(Tensor tensor1, Tensor tensor2, Scalar value) =>
            Narrowed(Wide().add(tensor1.Wide().mul(tensor2.Wide()).mul(value)), tensor1, tensor2);

        /// <summary><c>this + value * tensor1 / tensor2</c></summary>
        public Tensor addcdiv(Tensor tensor1, Tensor tensor2, Scalar value) =>
            Narrowed(Wide().add(tensor1.Wide().div(tensor2.Wide()).mul(value)), tensor1, tensor2);

        public Tensor addcdiv(Tensor tensor1, Tensor tensor2) => addcdiv(tensor1, tensor2, 1);

        /// <summary><c>this + weight * (end - this)</c></summary>
        public Tensor lerp(Tensor end, Tensor weight) =>
            Narrowed(Wide().add(weight.Wide().mul(end.Wide().sub(Wide()))), end, weight);

        /// <summary>A 0-d tensor for a scalar, typed so that promotion sees what the scalar's kind asks for.</summary>
        internal Tensor Constant(Scalar value)
        {
            var type = Dtypes.Result(this, value);
            return LowPrecision.Is(type) ? Number(value) : Empty([], type).Fill(value);
        }

        /// <summary>Rounds a result of widened operands to their common type.</summary>
        private Tensor Narrowed(Tensor y, Tensor a, Tensor b)
        {
            var type = Dtypes.Promote(Dtypes.Result(this, a), Dtypes.Result(this, b));
            return LowPrecision.Is(type) ? y.to(type) : y;
        }

        internal static Saved[] Kept(params ReadOnlySpan<Saved?> saved)
        {
            var list = new List<Saved>(saved.Length);
            foreach (var s in saved)
            {
                if (s is not null)
                    list.Add(s);
            }

            return [.. list];
        }

        private Tensor Extremum<TOp>(string name, Tensor other, bool largest)
            where TOp : struct, BinaryOps.IOne
        {
            var y = Binary<BinaryOps.Each<TOp>>(this, other, Dtypes.Result(this, other));
            if (!Autograd.Recording(this, other))
                return y;
            var (a, b) = (new Saved(this), new Saved(other));
            return y.Record(name, [this, other], [a, b], (n, g) =>
            {
                var half = g.mul(0.5);
                var ties = a.Value.eq(b.Value);
                var first = largest ? a.Value.gt(b.Value) : a.Value.lt(b.Value);
                var zero = zeros_like(g);
                n.Add(0, Reduce.To(torch.where(ties, half, torch.where(first, g, zero)), n.Next[0]));
                if (n.Needs(1))
                    n.Add(1, Reduce.To(torch.where(ties, half, torch.where(first, zero, g)), n.Next[1]));
            });
        }

        private Tensor WithoutSecondGradient<TOp>(string name, Tensor other)
            where TOp : struct, BinaryOps.IOne
        {
            var y = Binary<BinaryOps.Each<TOp>>(this, other, Dtypes.Result(this, other));
            if (!Autograd.Recording(this, other))
                return y;
            var (a, b, r) = (new Saved(this), new Saved(other), new Saved(y, name));
            return y.Record(name, [this, other], [a, b, r], (n, g) =>
            {
                n.Add(0, Reduce.To(g, n.Next[0]));
                if (n.Needs(1))
                    n.Add(1, Reduce.To(g.mul(a.Value.sub(r.Value).div(b.Value).round()).neg(), n.Next[1]));
            });
        }
    }
}
