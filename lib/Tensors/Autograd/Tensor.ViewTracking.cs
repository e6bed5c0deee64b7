namespace Aim.Tensors;

public static partial class torch
{
    public partial class Tensor
    {
        private Tensor? _viewBase;
        private Node? _followed;

        /// <summary>
        /// Remembers what this tensor is a view of: to refuse in-place changes of leaves, and to see those of the base.
        /// </summary>
        internal Tensor ViewOf(Tensor source)
        {
            _viewBase = source._viewBase ?? source;
            _followed = _viewBase._node;
            return this;
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

            if (Autograd.Enabled && _viewBase is { IsInvalid: false, is_leaf: true, _requiresGrad: true })
                throw new TensorException("a view of a leaf Variable that requires grad is being used in an in-place operation.");
            if (Autograd.Enabled && _requiresGrad && is_leaf)
                throw new TensorException("a leaf Variable that requires grad is being used in an in-place operation.");
            Storage.Version++;
        }

        /// <summary>
        /// Gives this tensor, whose memory now holds <paramref name="result"/>, its history. The base of a view takes part: it
        /// becomes what it was, with this region replaced.
        /// </summary>
        internal Tensor Overwritten(Tensor result)
        {
            if (!Autograd.Enabled)
                return this;
            if (_viewBase is { IsInvalid: false } source && (source.requires_grad || result.requires_grad))
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
            if (!is_contiguous())
            {
                throw new TensorException("in-place changes of a view whose base is not contiguous are not supported by the "
                    + "managed engine "
                    + $"where gradients are recorded (base of shape {Describe.Shape(_shape)}, strides "
                        + $"{Describe.Shape(_strides)}): clone() first");
            }

            Record("CopySlices", [this, result], [], (n, g) =>
            {
                var whole = g.clone();
                var region = whole.Restride(shape, strides, offset);
                if (n.Needs(1))
                    n.Add(1, region.clone());
                region.zero_();
                n.Add(0, whole);
            });
        }

        /// <summary>A view whose base was changed in place since becomes a view of what the base is now.</summary>
        private void FollowBase()
        {
            // A base that was disposed has let go of its node, which is no change of the memory: nobody can change that through it any more.
            if (_viewBase is { IsInvalid: true })
                _viewBase = null;
            if (_viewBase is not { } source || ReferenceEquals(source._node, _followed) || !Autograd.Enabled)
                return;
            _followed = source._node;
            if (!source.is_contiguous())
                throw new TensorException("a view whose base is not contiguous was used after an in-place change of the base: "
                    + "clone() it before");
            var (shape, strides, offset) = (_shape, _strides, _offset - source._offset);
            Record("AsStrided", [source], [], (n, g) => Scattered(n, g, t => t.Restride(shape, strides, offset)));
        }
    }
}
