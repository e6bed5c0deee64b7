namespace Aim.Tensors;

/// <summary>Functions that .NET's Math lacks, in double precision.</summary>
internal static class Special
{
    /// <summary>
    /// The exponential with the bits of torch's float64 kernel: the method and coefficients of SLEEF's exp (Shibata and
    /// Petrogalli 2020, Boost Software License 1.0), off by less than a unit in the last place.
    /// </summary>
    internal static double Exp(double x)
    {
        if (!(x is > -1000 and < 710))
            return Math.Exp(x);
        var n = Math.Round(x * 1.442695040888963407);
        var s = Math.FusedMultiplyAdd(n, -.69314718055966295651160180568695068359375, x);
        s = Math.FusedMultiplyAdd(n, -.28235290563031577122588448175013436025525412068e-12, s);
        var (s2, s4) = (s * s, s * s * (s * s));
        var low = Quartet(s, s2, 0.00138888888889774492207962, 0.00833333333331652721664984, 0.0416666666666665047591422,
            0.166666666666666851703837);
        var middle = Quartet(s, s2, 2.75573911234900471893338e-07, 2.75572362911928827629423e-06, 2.4801587159235472998791e-05,
            0.000198412698960509205564975);
        var high = Math.FusedMultiplyAdd(s, 2.08860621107283687536341e-09, 2.51112930892876518610661e-08);
        var y = Math.FusedMultiplyAdd(s4 * s4, high, Math.FusedMultiplyAdd(s4, middle, low));
        y = Math.FusedMultiplyAdd(Math.FusedMultiplyAdd(Math.FusedMultiplyAdd(y, s, 0.5), s, 1), s, 1);
        return Math.ScaleB(y, (int)n);
    }

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

    /// <summary>A cubic polynomial, its halves computed side by side.</summary>
    private static double Quartet(double x, double x2, double c3, double c2, double c1, double c0) => Math.FusedMultiplyAdd(x2,
        Math.FusedMultiplyAdd(x, c3, c2), Math.FusedMultiplyAdd(x, c1, c0));
}
