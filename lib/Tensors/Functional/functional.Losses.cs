using Aim.Tensors.Kernels;

namespace Aim.Tensors;

public static partial class torch
{
    public static partial class nn
    {
        public static partial class functional
        {
            /// <summary>
            /// Cross-entropy of logits [N, C], [C] or [N, C, d1, ..] and targets: classes (Int64, without the class dimension) or
            /// probabilities (the logits' shape). The mean is over the weights of targets that count; over none of them it is
            /// NaN.
            /// </summary>
            public static Tensor cross_entropy(Tensor input, Tensor target, Tensor? weight = null, long ignore_index = -100,
                Reduction reduction = Reduction.Mean, double label_smoothing = 0.0)
            {
                if (LowPrecision.Is(input.dtype))
                {
                    return cross_entropy(input.Wide(), target.Wide(), weight?.Wide(), ignore_index, reduction, label_smoothing)
                        .to(input.dtype);
                }

                if (label_smoothing is < 0 or > 1)
                    throw new TensorException($"label_smoothing must be between 0.0 and 1.0. Got: {label_smoothing}");
                var classes = input._shape[input.Rank == 1 ? 0 : 1];
                if (weight is not null && (weight.Rank != 1 || weight._shape[0] != classes))
                {
                    throw new TensorException($"weight tensor should be defined either for all {classes} classes or no classes "
                        + $"but got weight "
                        + $"tensor of shape: {Describe.Shape(weight._shape)}");
                }

                if (Dtypes.IsFloat(target.dtype) && Shapes.Same(target._shape, input._shape))
                    return OfProbabilities(input, target, weight, reduction, label_smoothing);
                if (target.dtype is not (ScalarType.Int64 or ScalarType.Byte))
                    throw new TensorException($"expected target dtype to be Long or Byte, but got "
                        + $"{Describe.Dtype(target.dtype)}");
                if (input.Rank > 1 && (target.Rank == 0 || input._shape[0] != target._shape[0]))
                {
                    throw new TensorException($"Expected input batch_size ({input._shape[0]}) to match target batch_size "
                        + $"({(target.Rank == 0 ? 0 : target._shape[0])}).");
                }

                if (!Shapes.Same(target._shape, input.Rank == 1 ? [] : [input._shape[0], .. input._shape[2..]]))
                    throw new TensorException($"cross_entropy: targets of shape {Describe.Shape(target._shape)} do not fit "
                        + $"logits of shape {Describe.Shape(input._shape)}");
                target = target.to(ScalarType.Int64);
                CheckTargets(target, classes, ignore_index);
                return weight is null && label_smoothing == 0 && input.Rank == 2 && input.dtype == ScalarType.Float32
                    ? OfClasses(input, target, ignore_index, reduction)
                    : OfClassesComposed(input, target, weight, ignore_index, reduction, label_smoothing);
            }

            /// <summary>The loss of log-probabilities [N, C] and classes [N].</summary>
            public static Tensor nll_loss(Tensor input, Tensor target, Tensor? weight = null,
                Reduction reduction = Reduction.Mean)
            {
                CheckTargets(target, input._shape[input.Rank == 1 ? 0 : 1], -100);
                return NegativeLikelihood(input.Wide(), target, weight?.Wide(), -100, reduction).to(input.dtype);
            }

            public static Tensor mse_loss(Tensor input, Tensor target, Reduction reduction = Reduction.Mean) =>
                Reduced(input.Wide().sub(target.Wide()).square(), reduction, input, target);

            public static Tensor l1_loss(Tensor input, Tensor target, Reduction reduction = Reduction.Mean) =>
                Reduced(input.Wide().sub(target.Wide()).abs(), reduction, input, target);

            private static Tensor Reduced(Tensor losses, Reduction reduction, Tensor input, Tensor target)
            {
                var y = reduction switch
                {
                    Reduction.Mean => losses.mean(),
                    Reduction.Sum => losses.sum(),
                    _ => losses,
                };
                var type = Dtypes.Result(input, target);
                return LowPrecision.Is(type) ? y.to(type) : y;
            }

            /// <summary>The common case in one kernel, without the log-probabilities.</summary>
            private static unsafe Tensor OfClasses(Tensor input, Tensor target, long ignore, Reduction reduction)
            {
                var (logits, classes) = (Packed(input), Packed(target));
                var (rows, width) = (input._shape[0], (int)input._shape[1]);
                var losses = Tensor.Empty([rows], ScalarType.Float32);
                var lse = Tensor.Empty([rows], ScalarType.Float32);
                var counted = CrossEntropy.Forward(logits.Floats, (long*)classes.Data, losses.Floats, lse.Floats, rows, width,
                    ignore);
                Tensor y;
                if (reduction == Reduction.None)
                {
                    y = losses;
                }
                else
                {
                    y = Tensor.Empty([], ScalarType.Float32);
                    var total = Kernels.Reduce.Sum(losses.Floats, rows);
                    *y.Floats = (float)(reduction == Reduction.Sum ? total : total / counted);
                }

                if (!Autograd.Recording(input))
                    return y;
                var (x, t, l) = (new Saved(logits, input.GradientName), new Saved(classes), new Saved(lse));
                return y.Record("CrossEntropy", [input], [x, t, l], (n, g) =>
                {
                    var dx = Tensor.Empty([rows, width], ScalarType.Float32);
                    var scale = reduction switch
                    {
                        Reduction.None => 1,
                        Reduction.Sum => *g.Floats,
                        _ => *g.Floats / counted,
                    };
                    CrossEntropy.Backward(x.Value.Floats, (long*)t.Value.Data, l.Value.Floats,
                        reduction == Reduction.None ? Packed(g).Floats : null, scale, dx.Floats, rows, width, ignore);
                    n.Add(0, dx);
                });
            }

            private static Tensor OfClassesComposed(Tensor input, Tensor target, Tensor? weight, long ignore,
                Reduction reduction, double smoothing)
            {
                var c = input.Rank == 1 ? 0 : 1;
                var logp = log_softmax(input, c);
                var hard = NegativeLikelihood(logp, target, weight, ignore, reduction);
                if (smoothing == 0)
                    return hard;
                var skipped = target.eq(ignore);
                var spread = (weight is null ? logp : logp.mul(OverClasses(weight, input))).sum(c).neg().masked_fill(skipped, 0);
                var soft = reduction switch
                {
                    Reduction.None => spread,
                    Reduction.Sum => spread.sum(),
                    _ => spread.sum().div(Share(target, weight, ignore, input.dtype).sum()),
                };
                return hard.mul(1 - smoothing).add(soft.mul(smoothing / input._shape[c]));
            }

            private static Tensor OfProbabilities(Tensor input, Tensor target, Tensor? weight, Reduction reduction,
                double smoothing)
            {
                var c = input.Rank == 1 ? 0 : 1;
                var classes = input._shape[c];
                var p = smoothing > 0 ? target.mul(1 - smoothing).add(smoothing / classes) : target;
                var logp = log_softmax(input, c);
                var losses = (weight is null ? logp : logp.mul(OverClasses(weight, input))).mul(p).sum(c).neg();
                return reduction switch
                {
                    Reduction.None => losses,
                    Reduction.Sum => losses.sum(),
                    _ => losses.sum().div((double)(input.numel() / classes)),
                };
            }

            private static Tensor NegativeLikelihood(Tensor logp, Tensor target, Tensor? weight, long ignore, Reduction reduction)
            {
                var c = logp.Rank == 1 ? 0 : 1;
                var skipped = target.eq(ignore);
                var safe = target.masked_fill(skipped, 0);
                var share = Share(target, weight, ignore, logp.dtype);
                var losses = logp.gather(c, safe.unsqueeze(c)).squeeze(c).neg().mul(share).masked_fill(skipped, 0);
                return reduction switch
                {
                    Reduction.None => losses,
                    Reduction.Sum => losses.sum(),
                    _ => losses.sum().div(share.sum()),
                };
            }

            /// <summary>What each target weighs: its class's weight, 0 where ignored.</summary>
            private static Tensor Share(Tensor target, Tensor? weight, long ignore, ScalarType type)
            {
                var skipped = target.eq(ignore);
                if (weight is null)
                    return skipped.logical_not().to(type);
                return weight.index_select(0,
                    target.masked_fill(skipped, 0).reshape(-1)).view(target._shape).masked_fill(skipped, 0);
            }

            private static Tensor OverClasses(Tensor weight, Tensor input)
            {
                var shape = Enumerable.Repeat(1L, input.Rank).ToArray();
                shape[input.Rank == 1 ? 0 : 1] = weight._shape[0];
                return weight.view(shape);
            }

            private static void CheckTargets(Tensor target, long classes, long ignore)
            {
                foreach (var t in target.data<long>().ToArray())
                {
                    if (t != ignore && (t < 0 || t >= classes))
                        throw new TensorException($"Target {t} is out of bounds ({classes} classes).");
                }
            }
        }
    }
}
