namespace Aim.Tensors;

public static partial class torch
{
    public partial class Tensor
    {
        /// <summary>
        /// What this tensor is a view of, never a view itself. Its place in memory and its history serve its views even when it
        /// has been disposed; the last of them releases the history.
        /// </summary>
        private Tensor? _viewBase;

        /// <summary>The history of the base that this view knows.</summary>
        private Node? _followed;

        /// <summary>Views of this tensor that are not disposed.</summary>
        private int _views;

        /// <summary>The function that made this view, if it returns several: such views reject in-place changes.</summary>
        private string? _oneOfSeveral;

        /// <summary>
        /// Remembers what this tensor is a view of: to refuse in-place changes of leaves, and to see those of the base.
        /// </summary>
        internal Tensor ViewOf(Tensor source)
        {
            _viewBase = source._viewBase ?? source;
            _followed = _viewBase._node;
            _oneOfSeveral = source._oneOfSeveral;
            Interlocked.Increment(ref _viewBase._views);
            return this;
        }

        /// <summary>Marks the views that one call returned.</summary>
        private static Tensor[] Several(string name, Tensor[] views)
        {
            foreach (var view in views)
                view._oneOfSeveral ??= name;
            return views;
        }

        /// <summary>Checks and counts an in-place change; call before writing.</summary>
        internal void BeforeInPlace()
        {
            for (var i = 0; i < Rank; i++)
            {
                if (_strides[i] == 0 && _shape[i] > 1)
                {
                    throw new TensorException("unsupported operation: more than one element of the written-to tensor refers to "
                        + "a single "
                        + $"memory location (shape {Describe.Shape(_shape)}, strides {Describe.Shape(_strides)}). "
                        + "Please clone() the tensor before performing the operation.");
                }
            }

            if (Autograd.Enabled && _viewBase is { is_leaf: true, _requiresGrad: true })
                throw new TensorException("a view of a leaf Variable that requires grad is being used in an in-place operation.");
            if (Autograd.Enabled && _requiresGrad && is_leaf)
                throw new TensorException("a leaf Variable that requires grad is being used in an in-place operation.");
            Storage.Version++;
        }

        /// <summary>Checks that a change to <paramref name="result"/> can be recorded; call before writing.</summary>
        private void CheckRecordable(Tensor result)
        {
            if (!Autograd.Enabled || _viewBase is not { } source || !(source.requires_grad || result.requires_grad))
                return;
            if (_oneOfSeveral is { } name)
            {
                throw new TensorException($"Output of {name}Backward is a view and is being modified inplace. This view is the "
                    + "output of a function that returns multiple views. Such functions do not allow the output views to be "
                    + "modified inplace. You should replace the inplace operation by an out-of-place one.");
            }

            if (Shapes.Overlaps(source._shape, source._strides))
            {
                throw new TensorException("unsupported operation: this view belongs to a tensor of which more than one element "
                    + $"refers to a single memory location (shape {Describe.Shape(source._shape)}, strides "
                    + $"{Describe.Shape(source._strides)}). Please clone() it before performing the operation.");
            }
        }

        /// <summary>
        /// Gives this tensor, whose memory now holds <paramref name="result"/>, its history. The base of a view takes part: it
        /// becomes what it was, with this region replaced.
        /// </summary>
        internal Tensor Overwritten(Tensor result)
        {
            if (!Autograd.Enabled)
                return this;
            if (_viewBase is { } source && (source.requires_grad || result.requires_grad))
            {
                source.Replaced(result, _shape, _strides, _offset - source._offset);
                FollowBase();
            }
            else if (result._node is { } node)
            {
                _node?.Release();
                _node = node.AddReference();
                _requiresGrad = true;
            }
            else if (_requiresGrad)
            {
                Record("Overwrite", [], [], (_, _) => { });
            }

            return this;
        }

        /// <summary>Records that a region of this tensor was overwritten.</summary>
        private void Replaced(Tensor result, long[] shape, long[] strides, long offset)
        {
            var (own, laid) = (_shape, _strides);
            Record("CopySlices", [this, result], [], (n, g) =>
            {
                // Elements between those of a base with gaps are never read.
                var memory = empty([Shapes.Extent(own, laid)], g.dtype);
                var whole = memory.Restride(own, laid);
                Copy.Run(g, whole);
                var region = memory.Restride(shape, strides, offset);
                if (n.Needs(1))
                    n.Add(1, region.clone());
                region.zero_();
                n.Add(0, whole);
            });
        }

        /// <summary>A view whose base was changed in place since becomes a view of what the base is now.</summary>
        private void FollowBase()
        {
            if (_viewBase is not { } source || ReferenceEquals(source._node, _followed) || !Autograd.Enabled)
                return;
            _followed = source._node;
            var (own, laid) = (source._shape, source._strides);
            var (shape, strides, offset) = (_shape, _strides, _offset - source._offset);
            Record("AsStrided", [source], [], (n, g) =>
            {
                // Gradients are added up in memory laid out as the base's.
                var memory = zeros([Shapes.Extent(own, laid)], g.dtype);
                if (Shapes.Overlaps(shape, strides))
                {
                    var positions = arange(memory.numel()).Restride(shape, strides, offset).reshape(-1);
                    memory = memory.index_add(0, positions, g.reshape(-1), 1);
                }
                else
                {
                    Copy.Run(g, memory.Restride(shape, strides, offset));
                }

                n.Add(0, memory.Restride(own, laid));
            });
        }

        /// <summary>Lets go of history: a base keeps its own for as long as views of it live.</summary>
        private void ReleaseGraph()
        {
            _gradient?.Dispose();
            _gradient = null;
            if (_viewBase is { } source)
            {
                _viewBase = null;
                _followed = null;
                if (Interlocked.Decrement(ref source._views) == 0 && source.IsInvalid)
                    source.ReleaseHistory();
            }

            if (Volatile.Read(ref _views) == 0)
                ReleaseHistory();
        }

        private void ReleaseHistory()
        {
            _node?.Release();
            _node = null;
        }
    }
}
