using MathNet.Numerics.LinearAlgebra;

namespace Aim.Experiments.Statistics;

/// <summary>
/// A linear probe: ridge regression of features on one indicator a class, the class with the largest value is the answer. What it
/// reads off features that it was not fitted to lies in them in linear form. Features are standardised by the fitted samples; the
/// strength of the penalty is the one with the most right answers when each fitted sample is left out in turn, which needs no
/// fit for each (Golub, Heath and Wahba, 1979). Nothing is drawn, so that equal samples give equal answers.
/// </summary>
internal sealed class RidgeProbe
{
    // Penalties that are tried, in units of the samples' number: features of variance 1 have that for their sum of squares.
    private static readonly double[] s_penalties = [1e-4, 1e-3, 1e-2, 1e-1, 1, 10];

    private readonly string[] _classes;
    private readonly double[] _mean, _scale;
    private readonly Matrix<double> _weights;
    private readonly Vector<double> _prior;

    private RidgeProbe(string[] classes, double[] mean, double[] scale, Matrix<double> weights, Vector<double> prior,
        double penalty)
        => (_classes, _mean, _scale, _weights, _prior, Penalty) = (classes, mean, scale, weights, prior, penalty);

    /// <summary>The penalty that was chosen, in units of the number of samples.</summary>
    public double Penalty { get; }

    /// <summary>Fits a probe.</summary>
    /// <param name="features">Of each sample, all of one length.</param>
    /// <param name="classes">Of each sample what is to be read off.</param>
    /// <exception cref="ArgumentException">There are fewer than two samples, or the lists do not fit together.</exception>
    public static RidgeProbe Fit(IReadOnlyList<double[]> features, IReadOnlyList<string> classes)
    {
        int n = features.Count;
        if (n < 2 || classes.Count != n || features.Any(f => f.Length != features[0].Length))
            throw new ArgumentException(
                $"a probe is fitted to two samples or more with as many features and a class each, "
                    + $"not to {n} with {classes.Count}");
        string[] names = [.. classes.Distinct().Order(StringComparer.Ordinal)];
        int dim = features[0].Length;
        double[] mean = [.. Enumerable.Range(0, dim).Select(j => features.Average(f => f[j]))];
        double[] scale = [.. Enumerable.Range(0, dim)
            .Select(j => Math.Sqrt(features.Average(f => (f[j] - mean[j]) * (f[j] - mean[j]))))
            .Select(s => s > 1e-12 ? 1 / s : 0)];
        var x = Matrix<double>.Build.Dense(n, dim, (i, j) => (features[i][j] - mean[j]) * scale[j]);
        var prior = Vector<double>.Build.Dense(names.Length, c => classes.Count(k => k == names[c]) / (double)n);
        var y = Matrix<double>.Build.Dense(n, names.Length, (i, c) => (classes[i] == names[c] ? 1 : 0) - prior[c]);

        // X = U S V': the fit at a penalty p is V (S / (S^2 + p)) U' Y, and its smoother U (S^2 / (S^2 + p)) U' + 1/n.
        var eigen = (x.Transpose() * x).Evd(Symmetricity.Symmetric);
        var squares = eigen.EigenValues.Map(v => Math.Max(0, v.Real));
        var rotated = x * eigen.EigenVectors;
        var target = rotated.Transpose() * y;
        var right = s_penalties.Select(p => (Penalty: p, Right: LeftOut(rotated, squares, target, y, p * n))).ToArray();
        double chosen = right.MaxBy(r => r.Right).Penalty;
        return new RidgeProbe(names, mean, scale, eigen.EigenVectors * Damped(target, squares, chosen * n), prior, chosen);
    }

    /// <summary>What the probe reads off a sample's features.</summary>
    public string Read(double[] features)
    {
        var x = Vector<double>.Build.Dense(features.Length, j => (features[j] - _mean[j]) * _scale[j]);
        return _classes[((x * _weights) + _prior).MaximumIndex()];
    }

    private static Matrix<double> Damped(Matrix<double> target, Vector<double> squares, double penalty) =>
        Matrix<double>.Build.Dense(target.RowCount, target.ColumnCount, (j, c) => target[j, c] / (squares[j] + penalty));

    // Right answers when each sample is left out: its residual grows by 1 / (1 - h), h its own share in its fit.
    private static int LeftOut(
        Matrix<double> rotated, Vector<double> squares, Matrix<double> target, Matrix<double> y, double penalty)
    {
        int n = rotated.RowCount, right = 0;
        var fitted = rotated * Damped(target, squares, penalty);
        for (int i = 0; i < n; i++)
        {
            double own = 1.0 / n;
            for (int j = 0; j < squares.Count; j++)
                own += rotated[i, j] * rotated[i, j] / (squares[j] + penalty);
            var actual = y.Row(i);
            var predicted = actual - ((actual - fitted.Row(i)) / Math.Max(1e-9, 1 - own));
            right += predicted.MaximumIndex() == actual.MaximumIndex() ? 1 : 0;
        }

        return right;
    }
}
