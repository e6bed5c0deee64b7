using static Aim.Tensors.BinaryOps;

namespace Aim.Tensors;

public static partial class torch
{
    public partial class Tensor
    {
        public Tensor eq(Tensor target) => Compared<Eq>(target);

        public Tensor ne(Tensor target) => Compared<Ne>(target);

        public Tensor lt(Tensor target) => Compared<Lt>(target);

        public Tensor le(Tensor target) => Compared<Le>(target);

        public Tensor gt(Tensor target) => Compared<Gt>(target);

        public Tensor ge(Tensor target) => Compared<Ge>(target);

        public Tensor eq(Scalar target) => eq(Constant(target));

        public Tensor ne(Scalar target) => ne(Constant(target));

        public Tensor lt(Scalar target) => lt(Constant(target));

        public Tensor le(Scalar target) => le(Constant(target));

        public Tensor gt(Scalar target) => gt(Constant(target));

        public Tensor ge(Scalar target) => ge(Constant(target));

        public Tensor logical_and(Tensor other) => Bits<And>(Truth(), other.Truth(), ScalarType.Bool);

        public Tensor logical_or(Tensor other) => Bits<Or>(Truth(), other.Truth(), ScalarType.Bool);

        public Tensor logical_xor(Tensor other) => Bits<Xor>(Truth(), other.Truth(), ScalarType.Bool);

        public Tensor logical_not() => Dtypes.IsFloat(dtype) ? eq(0.0) : eq(Constant(dtype == ScalarType.Bool ? false : 0));

        public Tensor bitwise_and(Tensor other) => Bits<And>(this, other, Integral("bitwise_and", other));

        public Tensor bitwise_or(Tensor other) => Bits<Or>(this, other, Integral("bitwise_or", other));

        public Tensor bitwise_xor(Tensor other) => Bits<Xor>(this, other, Integral("bitwise_xor", other));

        public Tensor bitwise_not() => dtype == ScalarType.Bool
            ? logical_not()
            : Bits<Xor>(this, full([], -1, ScalarType.Int64).to(Integral("bitwise_not", this)), dtype);

        public Tensor isclose(Tensor other, double rtol = 1e-05, double atol = 1e-08, bool nanEqual = false)
        {
            var near = sub(other).abs().le(other.abs().mul(rtol).add(atol)).logical_and(isfinite()).logical_and(other.isfinite());
            var same = eq(other).logical_or(near);
            return nanEqual ? same.logical_or(isnan().logical_and(other.isnan())) : same;
        }

        public bool allclose(Tensor target, double rtol = 1e-05, double atol = 1e-08, bool equal_nan = false)
        {
            using var scope = NewDisposeScope();
            return isclose(target, rtol, atol, equal_nan).all().item<bool>();
        }

        /// <summary>True if shape and every value are equal.</summary>
        public bool equal(Tensor target)
        {
            using var scope = NewDisposeScope();
            return Shapes.Same(_shape, target._shape) && eq(target).all().item<bool>();
        }

        private Tensor Compared<TOp>(Tensor other)
            where TOp : struct, ICompare => Elementwise.Compare<TOp>(this, other, Dtypes.Result(this, other));

        private static Tensor Bits<TOp>(Tensor a, Tensor b, ScalarType type)
            where TOp : struct, IOne => Elementwise.Binary<Each<TOp>>(a, b, type);

        private Tensor Truth() => dtype == ScalarType.Bool ? this : detach().to(ScalarType.Bool);

        private ScalarType Integral(string name, Tensor other)
        {
            var type = Dtypes.Result(this, other);
            return Dtypes.IsFloat(type)
                ? throw new TensorException($"\"{name}_cpu\" not implemented for '{Describe.Dtype(type)}'")
                : type;
        }
    }
}
