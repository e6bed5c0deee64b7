namespace Aim.Tensors;

public static partial class torch
{
    public partial class Tensor
    {
        /// <summary>Writes another tensor's values here (broadcast, converted).</summary>
        public Tensor copy_(Tensor source, bool nonBlocking = false)
        {
            if (Autograd.Enabled || source.dtype != dtype || source.Storage == Storage || !Shapes.Same(source._shape, _shape))
                return CopyInPlace(source);
            BeforeInPlace();
            Copy.Run(source, this);
            return this;
        }

        private Tensor CopyInPlace(Tensor source) => InPlace(() =>
            source.Storage == Storage ? source.expand(_shape).clone() : source.expand(_shape).to(dtype));

        /// <exception cref="TensorException">The value is beyond the range of this tensor's type.</exception>
        public Tensor fill_(Scalar value)
        {
            value.Checked(dtype);
            if (Autograd.Recording(this, _viewBase))
                return InPlace(() => full(_shape, value, dtype));
            BeforeInPlace();
            return Fill(value);
        }

        /// <summary>Writes a value everywhere; integers wrap around, floating-point numbers become infinite.</summary>
        private unsafe Tensor Fill(Scalar value)
        {
            if (is_contiguous())
            {
                var n = numel();
                switch (dtype)
                {
                    case ScalarType.Float32: FillSpan((float*)Data, value.ToSingle(), n); break;
                    case ScalarType.Float64: FillSpan((double*)Data, value.ToDouble(), n); break;
                    case ScalarType.Int64: FillSpan((long*)Data, value.ToInt64(), n); break;
                    case ScalarType.Int32: FillSpan((int*)Data, value.ToInt32(), n); break;
                    case ScalarType.BFloat16: FillSpan((BFloat16*)Data, (BFloat16)value.ToDouble(), n); break;
                    case ScalarType.Float16: FillSpan((Half*)Data, (Half)value.ToSingle(), n); break;
                    case ScalarType.Byte: FillSpan(Data, (byte)value.ToInt64(), n); break;
                    default: FillSpan(Data, value.ToBoolean() ? (byte)1 : (byte)0, n); break;
                }
            }
            else
            {
                using var one = Empty([], dtype, register: false);
                one.Fill(value);
                Copy.Run(one, this);
            }

            return this;
        }

        public Tensor zero_() => fill_(0);

        public Tensor add_(Tensor target) => InPlace(() => add(target));

        public Tensor add_(Tensor target, Scalar alpha) => InPlace(() => add(target, alpha));

        public Tensor add_(Scalar scalar) => InPlace(() => add(scalar));

        public Tensor add_(Scalar scalar, Scalar alpha) => InPlace(() => add(scalar, alpha));

        public Tensor sub_(Tensor target) => InPlace(() => sub(target));

        public Tensor sub_(Scalar target) => InPlace(() => sub(target));

        public Tensor mul_(Tensor target) => InPlace(() => mul(target));

        public Tensor mul_(Scalar target) => InPlace(() => mul(target));

        public Tensor div_(Tensor target, RoundingMode rounding_mode = RoundingMode.None) =>
            InPlace(() => div(target, rounding_mode));

        public Tensor div_(Scalar target, RoundingMode rounding_mode = RoundingMode.None) =>
            InPlace(() => div(target, rounding_mode));

        public Tensor masked_fill_(Tensor mask, Scalar value) => InPlace(() => masked_fill(mask, value));

        public Tensor scatter_(long dim, Tensor index, Tensor src) => InPlace(() => scatter(dim, index, src));

        public Tensor scatter_add_(long dim, Tensor index, Tensor src) => InPlace(() => scatter_add(dim, index, src));

        public Tensor index_add_(long dim, Tensor index, Tensor source, Scalar alpha) =>
            InPlace(() => index_add(dim, index, source, alpha));

        public Tensor index_copy_(long dim, Tensor index, Tensor source) => InPlace(() => index_copy(dim, index, source));

        public Tensor index_fill_(long dim, Tensor index, Scalar value) => InPlace(() => index_fill(dim, index, value));

        public Tensor clamp_(Scalar? min = null, Scalar? max = null) => InPlace(() => clamp(min, max));

        public Tensor exp_() => InPlace(exp);

        public Tensor sqrt_() => InPlace(sqrt);

        public Tensor relu_() => InPlace(relu);

        /// <summary>Random values of the normal distribution.</summary>
        public Tensor normal_(double mean = 0, double stddev = 1, Generator? generator = null) =>
            InPlace(() => randn(_shape, LowPrecision.Computing(dtype), generator: generator).mul(stddev).add(mean));

        /// <summary>Uniform random values in [from, to).</summary>
        public Tensor uniform_(double from = 0, double to = 1, Generator? generator = null) =>
            InPlace(() => rand(_shape, LowPrecision.Computing(dtype), generator: generator).mul(to - from).add(from));

        /// <summary>Takes over the history of the result whose values were written here.</summary>
        private Tensor InPlace(Func<Tensor> operation)
        {
            // Checked before (a leaf must not even be read for it), counted once.
            BeforeInPlace();
            Storage.Version--;
            using var scope = NewDisposeScope();
            var recorded = Node.LastSequence;
            var result = operation();
            CheckOutput(result._shape);
            if (Kind(result.dtype) > Kind(dtype))
            {
                throw new TensorException($"result type {Describe.Dtype(result.dtype)} can't be cast to the desired output type "
                    + $"{Describe.Dtype(dtype)}");
            }

            CheckRecordable(result);
            result._node?.Preserve(Storage, recorded);
            Storage.Version++;
            Copy.Run(result, this);
            return Overwritten(result);
        }

        /// <summary>Booleans, then integers, then floating-point numbers: results go up, never down.</summary>
        private static int Kind(ScalarType type) => type == ScalarType.Bool ? 0 : Dtypes.IsFloat(type) ? 2 : 1;

        private void CheckOutput(long[] shape)
        {
            if (!Shapes.Same(shape, _shape))
            {
                throw new TensorException($"output with shape {Describe.Shape(_shape)} doesn't match the broadcast shape "
                    + $"{Describe.Shape(shape)}");
            }
        }

        private static unsafe void FillSpan<T>(T* p, T value, long n)
            where T : unmanaged
        {
            Work.For(n, 1 << 20, (begin, end) => new Span<T>(p + begin, (int)(end - begin)).Fill(value));
        }
    }
}
