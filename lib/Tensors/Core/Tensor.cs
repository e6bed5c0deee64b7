namespace Aim.Tensors;

public static partial class torch
{
    /// <summary>
    /// A strided view of typed native memory, and a variable of the autograd graph. Made by factories and operations, owned by
    /// the innermost <see cref="DisposeScope"/>; views share memory with their source.
    /// </summary>
    public partial class Tensor : IDisposable
    {
        internal readonly long[] _shape;
        internal readonly long[] _strides;
        private readonly long _offset;
        private TensorStorage? _storage;
        private DisposeScope? _scope;
        private int _scopeSlot;

        internal Tensor(TensorStorage storage, long offset, long[] shape, long[] strides, ScalarType dtype, bool register = true)
        {
            _storage = storage;
            _offset = offset;
            _shape = shape;
            _strides = strides;
            this.dtype = dtype;
            if (register)
                DisposeScope.Register(this);
        }

        /// <summary>Takes over another tensor's memory and scope (parameters are made so).</summary>
        private protected Tensor(Tensor source)
            : this(source.Storage.AddReference(), source._offset, source._shape, source._strides, source.dtype, register: false)
        {
            source._scope?.Attach(this);
        }

        public ScalarType dtype { get; }

        public Device device => CPU;

        /// <summary>Sizes of the dimensions, a copy.</summary>
        public long[] shape => (long[])_shape.Clone();

        public long ndim => _shape.Length;

        /// <summary>True once disposed: any use throws.</summary>
        public bool IsInvalid => _storage is null;

        public long NumberOfElements => numel();

        public long ElementSize => Dtypes.Size(dtype);

        internal int Rank => _shape.Length;

        internal TensorStorage Storage => _storage ?? throw new ObjectDisposedException(nameof(Tensor),
            "this tensor was disposed (by a dispose scope or by Dispose); MoveToOuterDisposeScope() keeps a result");

        /// <summary>Address of the first element.</summary>
        internal unsafe byte* Data => Storage.Data + (_offset * Dtypes.Size(dtype));

        internal long Offset => _offset;

        /// <summary>The address, for kernels that read float32.</summary>
        /// <exception cref="TensorException">The type is another.</exception>
        internal unsafe float* Floats => dtype == ScalarType.Float32
            ? (float*)Data
            : throw new TensorException($"expected scalar type Float but found {Describe.Dtype(dtype)} (shape "
                + $"{Describe.Shape(_shape)})");

        /// <summary>
        /// A C# number in the guise of a 0-d tensor, more precise than the 16-bit type that it is to be combined with: in the
        /// choice of the result's type it has no say.
        /// </summary>
        internal bool IsNumber { get; private init; }

        internal bool IsContiguousFloat => dtype == ScalarType.Float32 && is_contiguous();

        internal DisposeScope? Scope => _scope;

        public long dim() => _shape.Length;

        public long numel() => Shapes.Count(_shape);

        public long element_size() => Dtypes.Size(dtype);

        public long[] size() => shape;

        public long size(int dim) => _shape[Shapes.Dim(dim, Rank)];

        public long[] stride() => (long[])_strides.Clone();

        public long stride(int dim) => _strides[Shapes.Dim(dim, Rank)];

        public bool is_contiguous() => Shapes.IsContiguous(_shape, _strides);

        public bool is_floating_point() => Dtypes.IsFloat(dtype);

        /// <summary>This tensor; the managed engine has one device.</summary>
        public Tensor cpu() => this;

        public void Dispose()
        {
            Dispose(true);
            GC.SuppressFinalize(this);
        }

        /// <summary>Gives the tensor to the next outer scope, so that it survives the present one.</summary>
        public Tensor MoveToOuterDisposeScope()
        {
            var outer = _scope?.OuterScope;
            LeaveScope();
            outer?.Attach(this);
            return this;
        }

        public Tensor MoveToOtherDisposeScope(DisposeScope? other)
        {
            LeaveScope();
            other?.Attach(this);
            return this;
        }

        public Tensor MoveToOtherDisposeScope(Tensor other) => MoveToOtherDisposeScope(other._scope);

        /// <summary>Takes the tensor out of all scopes: the caller disposes it.</summary>
        public Tensor DetachFromDisposeScope()
        {
            LeaveScope();
            return this;
        }

        internal void EnterScope(DisposeScope scope, int slot)
        {
            _scope = scope;
            _scopeSlot = slot;
        }

        internal void LeaveScope()
        {
            _scope?.Remove(_scopeSlot);
            _scope = null;
        }

        internal void ForgetScope() => _scope = null;

        /// <summary>
        /// A new handle on the same memory without autograd history; outside of scopes unless <paramref name="register"/>.
        /// </summary>
        internal Tensor Alias(bool register = false) => new(Storage.AddReference(), _offset, _shape, _strides, dtype, register);

        /// <summary>A view of the same memory without autograd history.</summary>
        internal Tensor Restride(long[] shape, long[] strides, long offset = 0) =>
            new(Storage.AddReference(), _offset + offset, shape, strides, dtype);

        /// <summary>Uninitialised contiguous memory.</summary>
        internal static Tensor Empty(ReadOnlySpan<long> shape, ScalarType dtype, bool register = true)
        {
            var bytes = Shapes.Bytes(shape, dtype);
            var dims = shape.ToArray();
            var storage = new TensorStorage(bytes);
            return new Tensor(storage, 0, dims, Shapes.ContiguousStrides(dims), dtype, register);
        }

        /// <summary>See <see cref="IsNumber"/>.</summary>
        internal static unsafe Tensor Number(Scalar value)
        {
            var y = new Tensor(new TensorStorage(sizeof(float)), 0, [], [], ScalarType.Float32) { IsNumber = true };
            *y.Floats = value.ToSingle();
            return y;
        }

        protected virtual void Dispose(bool disposing)
        {
            if (_storage is null || !disposing)
                return;
            LeaveScope();
            _storage.Release();
            _storage = null;
            ReleaseGraph();
        }
    }
}
