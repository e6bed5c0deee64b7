namespace Aim.Tensors;

/// <summary>Functions that .NET's Math lacks, in double precision.</summary>
internal static class Special
{
    /// <summary>The error function, to about 1e-16: its series near zero, a continued fraction of erfc beyond.</summary>
    internal static double Erf(double x)
    {
        if (double.IsNaN(x))
            return x;
        var a = Math.Abs(x);
        if (a >= 6)
            return Math.Sign(x);
        if (a < 2.5)
        {
            // erf x = 2/sqrt(pi) e^{-x^2} sum 2^k x^{2k+1} / (2k+1)!!: all terms positive
            var term = x;
            var sum = x;
            for (var k = 1; Math.Abs(term) > Math.Abs(sum) * 1e-17; k++)
            {
                term *= 2 * x * x / ((2 * k) + 1);
                sum += term;
            }

            return 2 / Math.Sqrt(Math.PI) * Math.Exp(-x * x) * sum;
        }

        // erfc a = e^{-a^2} / sqrt(pi) / (a + (1/2)/(a + 1/(a + (3/2)/(a + ...))))
        var fraction = a;
        for (var k = 60; k >= 1; k--)
            fraction = a + (k / 2.0 / fraction);
        var erfc = Math.Exp(-a * a) / Math.Sqrt(Math.PI) / fraction;
        return x > 0 ? 1 - erfc : erfc - 1;
    }

    /// <summary><c>e^x - 1</c> without cancellation (Kahan).</summary>
    internal static double Expm1(double x)
    {
        var u = Math.Exp(x);
        if (u == 1)
            return x;
        return u - 1 == -1 || double.IsInfinity(u) ? u - 1 : (u - 1) * x / Math.Log(u);
    }

    /// <summary><c>ln(1 + x)</c> without cancellation (Kahan).</summary>
    internal static double Log1p(double x)
    {
        var u = 1 + x;
        return u == 1 ? x : double.IsPositiveInfinity(u) ? u : Math.Log(u) * x / (u - 1);
    }
}
