namespace Aim.Tensors;

public static partial class torch
{
    public partial class Tensor
    {
        /// <summary>Torch's product: vectors, matrices, and batches of matrices whose leading dimensions broadcast.</summary>
        public Tensor matmul(Tensor target)
        {
            if (Rank == 0 || target.Rank == 0)
                throw new TensorException($"both arguments to matmul need to be at least 1D, but they are {Rank}D and "
                    + $"{target.Rank}D");
            if (Rank == 1 && target.Rank == 1)
                return dot(target);
            if (Rank == 2 && target.Rank == 1)
                return mv(target);
            if (Rank == 1)
                return unsqueeze(0).matmul(target).squeeze(-2);
            if (target.Rank == 1)
                return matmul(target.unsqueeze(1)).squeeze(-1);
            if (Rank == 2 && target.Rank == 2)
                return mm(target);

            // A stack of matrices times one matrix is one tall product.
            if (target.Rank == 2)
            {
                CheckInner(_shape[^2], _shape[^1], target);
                return reshape(-1, _shape[^1]).mm(target).view([.. _shape[..^1], target._shape[1]]);
            }

            var batch = Shapes.Broadcast(_shape.AsSpan(0, Rank - 2), target._shape.AsSpan(0, target.Rank - 2));
            if (_shape[^1] != target._shape[^2])
            {
                throw new TensorException($"Expected size for first two dimensions of batch2 tensor to be: "
                    + $"[{Shapes.Count(batch)}, {_shape[^1]}] "
                    + $"but got: [{Shapes.Count(batch)}, {target._shape[^2]}].");
            }

            var a = expand([.. batch, _shape[^2], _shape[^1]]).reshape(Shapes.Count(batch), _shape[^2], _shape[^1]);
            var b = target.expand([.. batch, target._shape[^2], target._shape[^1]])
                .reshape(Shapes.Count(batch), target._shape[^2], target._shape[^1]);
            return a.bmm(b).view([.. batch, _shape[^2], target._shape[^1]]);
        }

        /// <summary>[m, k] x [k, n] -> [m, n]</summary>
        public Tensor mm(Tensor target)
        {
            if (Rank != 2)
                throw new TensorException($"self must be a matrix, got shape {Describe.Shape(_shape)}");
            if (target.Rank != 2)
                throw new TensorException($"mat2 must be a matrix, got shape {Describe.Shape(target._shape)}");
            CheckInner(_shape[0], _shape[1], target);
            CheckType(target);
            var y = Empty([_shape[0], target._shape[1]], dtype);
            Matmul.Run(this, target, y);
            if (!Autograd.Recording(this, target))
                return y;
            var (a, b) = (target.requires_grad ? new Saved(this) : null, requires_grad ? new Saved(target) : null);
            return y.Record("Mm", [this, target], Kept(a, b), (n, g) =>
            {
                if (n.Needs(0))
                {
                    var da = n.Into(0, out var beta);
                    Matmul.Run(g, b!.Value.t(), da, beta);
                }

                if (n.Needs(1))
                {
                    var db = n.Into(1, out var beta);
                    Matmul.Run(a!.Value.t(), g, db, beta);
                }
            });
        }

        /// <summary>[b, m, k] x [b, k, n] -> [b, m, n]</summary>
        public Tensor bmm(Tensor batch2)
        {
            if (Rank != 3 || batch2.Rank != 3)
                throw new TensorException($"batch1 and batch2 must be 3D tensors, got shapes {Describe.Shape(_shape)} and "
                    + $"{Describe.Shape(batch2._shape)}");
            if (batch2._shape[0] != _shape[0] || batch2._shape[1] != _shape[2])
            {
                throw new TensorException($"Expected size for first two dimensions of batch2 tensor to be: [{_shape[0]}, "
                    + $"{_shape[2]}] "
                    + $"but got: [{batch2._shape[0]}, {batch2._shape[1]}].");
            }

            CheckType(batch2);
            var y = Empty([_shape[0], _shape[1], batch2._shape[2]], dtype);
            Matmul.Batched(this, batch2, y);
            if (!Autograd.Recording(this, batch2))
                return y;
            var (a, b) = (batch2.requires_grad ? new Saved(this) : null, requires_grad ? new Saved(batch2) : null);
            return y.Record("Bmm", [this, batch2], Kept(a, b), (n, g) =>
            {
                if (n.Needs(0))
                    n.Add(0, g.bmm(b!.Value.transpose(1, 2)));
                if (n.Needs(1))
                    n.Add(1, a!.Value.transpose(1, 2).bmm(g));
            });
        }

        /// <summary>[m, k] x [k] -> [m]</summary>
        public Tensor mv(Tensor target)
        {
            if (Rank != 2 || target.Rank != 1)
                throw new TensorException($"vector + matrix @ vector expected, got 1, {Rank}, {target.Rank}");
            if (_shape[1] != target._shape[0])
                throw new TensorException($"size mismatch, got input ({_shape[0]}), mat "
                    + $"({string.Join("x", _shape)}), vec ({string.Join("x", target._shape)})");
            return mm(target.unsqueeze(1)).squeeze(1);
        }

        public Tensor dot(Tensor target)
        {
            if (Rank != 1 || target.Rank != 1)
                throw new TensorException($"1D tensors expected, but got {Rank}D and {target.Rank}D tensors");
            if (_shape[0] != target._shape[0])
            {
                throw new TensorException($"inconsistent tensor size, expected tensor {Describe.Shape(_shape)} and src "
                    + $"{Describe.Shape(target._shape)} "
                    + $"to have the same number of elements, but got {_shape[0]} and {target._shape[0]} elements respectively");
            }

            CheckType(target);
            return Wide().mul(target.Wide()).sum().to(dtype);
        }

        public Tensor outer(Tensor vec2) => Rank == 1 && vec2.Rank == 1
            ? unsqueeze(1).mul(vec2)
            : throw new TensorException($"outer: Expected 1-D arguments, but got {Rank}-D and {vec2.Rank}-D");

        /// <summary><c>beta * this + alpha * mat1 mat2</c></summary>
        public Tensor addmm(Tensor mat1, Tensor mat2, float beta = 1, float alpha = 1) =>
            LowPrecision.Is(mat1.dtype) && mat2.dtype == mat1.dtype
                ? Wide().addmm(mat1.Wide(), mat2.Wide(), beta, alpha).to(mat1.dtype)
                : Blend(mat1.mm(mat2), beta, alpha);

        /// <summary><c>beta * this + alpha * batch1 batch2</c></summary>
        public Tensor baddbmm(Tensor batch1, Tensor batch2, float beta = 1, float alpha = 1) =>
            LowPrecision.Is(batch1.dtype) && batch2.dtype == batch1.dtype
                ? Wide().baddbmm(batch1.Wide(), batch2.Wide(), beta, alpha).to(batch1.dtype)
                : Blend(batch1.bmm(batch2), beta, alpha);

        private Tensor Blend(Tensor product, float beta, float alpha)
        {
            var scaled = alpha == 1 ? product : product.mul(alpha);

            // With beta = 0 this tensor is not even read: NaN in it does not spread.
            return beta == 0 ? scaled : scaled.add((beta == 1 ? this : mul(beta)).expand(product._shape));
        }

        private void CheckInner(long rows, long columns, Tensor target)
        {
            if (columns != target._shape[0])
                throw new TensorException($"mat1 and mat2 shapes cannot be multiplied ({rows}x{columns} and "
                    + $"{target._shape[0]}x{target._shape[1]})");
        }

        private void CheckType(Tensor target)
        {
            if (target.dtype != dtype)
                throw new TensorException($"expected m1 and m2 to have the same dtype, but got: {Describe.Dtype(dtype)} != "
                    + $"{Describe.Dtype(target.dtype)}");
        }
    }
}
