using System.Collections;

namespace Aim.Tensors.Utils
{
    /// <summary>
    /// A tensor's elements seen from C#: by index, as a sequence (row-major, whatever the strides), as an array. Writing through
    /// it counts as no in-place change for autograd.
    /// </summary>
    public sealed unsafe class TensorAccessor<T> : IEnumerable<T>
        where T : unmanaged
    {
        private readonly Tensor _tensor;

        internal TensorAccessor(Tensor tensor)
        {
            if (Dtypes.Of<T>() != tensor.dtype)
                throw new TensorException($"data<{typeof(T).Name}>(): the tensor's type is {tensor.dtype}, not "
                    + $"{Dtypes.Of<T>()}; convert it with to()");
            _tensor = tensor;
        }

        public long Count => _tensor.numel();

        public bool IsContiguous => _tensor.is_contiguous();

        /// <summary>One element, by one index a dimension; a single index counts in row-major order.</summary>
        public T this[params long[] indices]
        {
            get => *At(indices);
            set => *At(indices) = value;
        }

        public T[] ToArray()
        {
            var result = new T[Count];
            CopyTo(result);
            return result;
        }

        public void CopyTo(T[] array, int arrayIndex = 0) => CopyTo(array.AsSpan(arrayIndex));

        public void CopyTo(Span<T> span)
        {
            if (span.Length < Count)
                throw new ArgumentException($"the target holds {span.Length} elements, the tensor has {Count}");
            if (_tensor.is_contiguous())
            {
                new ReadOnlySpan<T>(_tensor.Data, checked((int)Count)).CopyTo(span);
                return;
            }

            using var packed = Copy.Contiguous(_tensor, register: false);
            new ReadOnlySpan<T>(packed.Data, checked((int)Count)).CopyTo(span);
        }

        public void CopyFrom(ReadOnlySpan<T> span)
        {
            if (span.Length != Count)
                throw new ArgumentException($"{span.Length} elements do not fill a tensor of {Count}");
            if (_tensor.is_contiguous())
            {
                span.CopyTo(new Span<T>(_tensor.Data, span.Length));
                return;
            }

            using var packed = Tensor.Empty(_tensor._shape, _tensor.dtype, register: false);
            span.CopyTo(new Span<T>(packed.Data, span.Length));
            Copy.Run(packed, _tensor);
        }

        public IEnumerator<T> GetEnumerator() => ((IEnumerable<T>)ToArray()).GetEnumerator();

        IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

        private T* At(long[] indices)
        {
            if (indices.Length == 1 && _tensor.Rank != 1)
            {
                var flat = indices[0];
                if (flat < 0 || flat >= Count)
                    throw new IndexOutOfRangeException($"index {flat} of a tensor of {Count} elements");
                long at = 0;
                for (var d = _tensor.Rank - 1; d >= 0; d--)
                {
                    at += flat % _tensor._shape[d] * _tensor._strides[d];
                    flat /= _tensor._shape[d];
                }

                return (T*)_tensor.Data + at;
            }

            if (indices.Length != _tensor.Rank)
                throw new IndexOutOfRangeException($"{indices.Length} indices for the shape {Describe.Shape(_tensor._shape)}");
            long offset = 0;
            for (var d = 0; d < indices.Length; d++)
            {
                if (indices[d] < 0 || indices[d] >= _tensor._shape[d])
                    throw new IndexOutOfRangeException($"index {indices[d]} at dimension {d} of the shape "
                        + $"{Describe.Shape(_tensor._shape)}");
                offset += indices[d] * _tensor._strides[d];
            }

            return (T*)_tensor.Data + offset;
        }
    }
}

namespace Aim.Tensors
{
    public static partial class torch
    {
        public partial class Tensor
        {
            /// <summary>Access to the elements; <typeparamref name="T"/> must be the tensor's own type.</summary>
            public Utils.TensorAccessor<T> data<T>()
                where T : unmanaged => new(this);

            /// <summary>The memory of a contiguous tensor.</summary>
            public unsafe Span<byte> bytes => is_contiguous()
                ? new Span<byte>(Data, checked((int)(numel() * element_size())))
                : throw new TensorException("bytes: the tensor is not contiguous");

            /// <summary>The value of a one-element tensor, in the tensor's own type.</summary>
            public T item<T>()
                where T : unmanaged
            {
                CheckOne();
                return Dtypes.Of<T>() == dtype
                    ? data<T>().ToArray()[0]
                    : throw new TensorException($"item<{typeof(T).Name}>(): the tensor's type is {dtype}; convert it with to()");
            }

            public Scalar ToScalar()
            {
                CheckOne();
                return dtype switch
                {
                    ScalarType.Float32 => item<float>(),
                    ScalarType.Float64 => item<double>(),
                    ScalarType.BFloat16 => item<BFloat16>(),
                    ScalarType.Float16 => item<Half>(),
                    ScalarType.Int64 => item<long>(),
                    ScalarType.Int32 => item<int>(),
                    ScalarType.Byte => item<byte>(),
                    _ => item<bool>(),
                };
            }

            /// <summary>Another element type; this tensor itself if it has it already (unless <paramref name="copy"/>).</summary>
            public Tensor to(ScalarType type, bool copy = false, bool disposeAfter = false, bool non_blocking = false)
            {
                if (type == dtype)
                    return copy ? clone() : this;
                var y = Empty(_shape, type);
                Copy.Run(this, y);
                if (Autograd.Recording(this) && Dtypes.IsFloat(type))
                    y.Record("To", [this], [], (n, g) => n.Add(0, g));
                if (disposeAfter)
                    Dispose();
                return y;
            }

            public Tensor to_type(ScalarType type, bool copy = false, bool disposeAfter = false, bool non_blocking = false) =>
                to(type, copy, disposeAfter, non_blocking);

            public Tensor type(ScalarType dtype) => to(dtype);

            /// <summary>This tensor, if the device is the CPU.</summary>
            /// <exception cref="TensorException">The device is another.</exception>
            public Tensor to(Device device, bool copy = false, bool disposeAfter = false, bool non_blocking = false) =>
                device.type == DeviceType.CPU
                    ? copy ? clone() : this
                    : throw new TensorException($"device '{device}' is not available: the managed engine computes on 'cpu'");

            public Tensor to(ScalarType type, Device device, bool copy = false, bool disposeAfter = false,
                bool non_blocking = false) =>
                to(device).to(type, copy, disposeAfter);

            public Tensor to(Tensor other, bool non_blocking = false) => to(other.dtype);

            /// <summary>This tensor for computing: in float32 if its type has 16 bits.</summary>
            internal Tensor Wide() => LowPrecision.Is(dtype) ? to(ScalarType.Float32) : this;

            public Tensor bfloat16() => to(ScalarType.BFloat16);

            public Tensor half() => to(ScalarType.Float16);

            public Tensor @float() => to(ScalarType.Float32);

            public Tensor @double() => to(ScalarType.Float64);

            public Tensor @long() => to(ScalarType.Int64);

            public Tensor @int() => to(ScalarType.Int32);

            public Tensor @bool() => to(ScalarType.Bool);

            public Tensor @byte() => to(ScalarType.Byte);

            /// <summary>Type, shape and up to a thousand values.</summary>
            public override string ToString()
            {
                if (IsInvalid)
                    return "disposed tensor";
                var text = new System.Text.StringBuilder();
                text.Append(Describe.Shape(_shape)).Append(", type = ").Append(dtype).Append(", device = cpu");
                if (numel() > 1000)
                    return text.ToString();
                using var scope = NewDisposeScope();
                using var off = no_grad();
                var values = detach().to(ScalarType.Float64).data<double>().ToArray();
                text.Append(Rank == 0 ? ", value = " : "\n");
                var at = 0;
                Write(text, values, 0, ref at);
                return text.ToString();
            }

            private void Write(System.Text.StringBuilder text, double[] values, int dim, ref int at)
            {
                if (dim == Rank)
                {
                    text.Append(values[at++].ToString("G6", System.Globalization.CultureInfo.InvariantCulture));
                    return;
                }

                text.Append('[');
                for (long i = 0; i < _shape[dim]; i++)
                {
                    if (i > 0)
                        text.Append(dim == Rank - 1 ? " " : "\n" + new string(' ', dim + 1));
                    Write(text, values, dim + 1, ref at);
                }

                text.Append(']');
            }

            private void CheckOne()
            {
                if (numel() != 1)
                    throw new TensorException($"a Tensor with {numel()} elements (shape {Describe.Shape(_shape)}) cannot be "
                        + $"converted to Scalar");
            }
        }
    }
}
