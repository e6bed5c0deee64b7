using System.Numerics;

namespace Aim.Tensors;

/// <summary>Less common pairwise operations, element by element.</summary>
internal static class BinaryOps
{
    internal interface IOne
    {
        static abstract T One<T>(T a, T b)
            where T : unmanaged, INumber<T>;
    }

    /// <summary>Lifts an element function to spans.</summary>
    internal readonly struct Each<TOne> : IBinary
        where TOne : struct, IOne
    {
        public static void Run<T>(ReadOnlySpan<T> a, ReadOnlySpan<T> b, Span<T> y)
            where T : unmanaged, INumber<T>
        {
            for (var i = 0; i < y.Length; i++)
                y[i] = TOne.One(a[i], b[i]);
        }
    }

    internal readonly struct Maximum : IOne
    {
        public static T One<T>(T a, T b)
            where T : unmanaged, INumber<T> => T.IsNaN(a) || a > b ? a : b;
    }

    internal readonly struct Minimum : IOne
    {
        public static T One<T>(T a, T b)
            where T : unmanaged, INumber<T> => T.IsNaN(a) || a < b ? a : b;
    }

    internal readonly struct Power : IOne
    {
        public static T One<T>(T a, T b)
            where T : unmanaged, INumber<T>
        {
            if (typeof(T) == typeof(float) || typeof(T) == typeof(double))
                return T.CreateTruncating(Math.Pow(double.CreateTruncating(a), double.CreateTruncating(b)));
            var exponent = long.CreateTruncating(b);
            if (exponent < 0)
                return a == T.One || (a == -T.One && exponent % 2 == 0) ? T.One : a == -T.One ? a : T.Zero;
            var result = T.One;
            for (; exponent > 0; exponent >>= 1)
            {
                if ((exponent & 1) != 0)
                    result *= a;
                a *= a;
            }

            return result;
        }
    }

    internal readonly struct FloorDivide : IOne
    {
        public static T One<T>(T a, T b)
            where T : unmanaged, INumber<T>
        {
            if (typeof(T) == typeof(float) || typeof(T) == typeof(double))
            {
                var (x, y) = (double.CreateTruncating(a), double.CreateTruncating(b));
                if (y == 0)
                    return a / b;
                var rest = x % y;
                var q = (x - rest) / y;
                if (rest != 0 && (y < 0) != (rest < 0))
                    q -= 1;
                return T.CreateTruncating(Math.Round(q));
            }

            CheckDivisor(b);
            if (IsMinusOne(b))
                return T.Zero - a;
            var d = a / b;
            return d * b != a && T.IsNegative(a) != T.IsNegative(b) ? d - T.One : d;
        }
    }

    internal readonly struct TruncateDivide : IOne
    {
        public static T One<T>(T a, T b)
            where T : unmanaged, INumber<T>
        {
            if (typeof(T) == typeof(float))
                return T.CreateTruncating(MathF.Truncate(float.CreateTruncating(a / b)));
            if (typeof(T) == typeof(double))
                return T.CreateTruncating(Math.Truncate(double.CreateTruncating(a / b)));
            CheckDivisor(b);
            return IsMinusOne(b) ? T.Zero - a : a / b;
        }
    }

    internal readonly struct Remainder : IOne
    {
        public static T One<T>(T a, T b)
            where T : unmanaged, INumber<T>
        {
            if (!(typeof(T) == typeof(float) || typeof(T) == typeof(double)))
                CheckDivisor(b);
            if (IsMinusOne(b))
                return T.Zero;
            var r = a % b;
            return r != T.Zero && T.IsNegative(r) != T.IsNegative(b) ? r + b : r;
        }
    }

    internal readonly struct Fmod : IOne
    {
        public static T One<T>(T a, T b)
            where T : unmanaged, INumber<T>
        {
            if (!(typeof(T) == typeof(float) || typeof(T) == typeof(double)))
                CheckDivisor(b);
            return IsMinusOne(b) ? T.Zero : a % b;
        }
    }

    internal readonly struct Atan2 : IOne
    {
        public static T One<T>(T a, T b)
            where T : unmanaged, INumber<T> =>
                T.CreateTruncating(Math.Atan2(double.CreateTruncating(a), double.CreateTruncating(b)));
    }

    internal readonly struct And : IOne
    {
        public static T One<T>(T a, T b)
            where T : unmanaged, INumber<T> => T.CreateTruncating(long.CreateTruncating(a) & long.CreateTruncating(b));
    }

    internal readonly struct Or : IOne
    {
        public static T One<T>(T a, T b)
            where T : unmanaged, INumber<T> => T.CreateTruncating(long.CreateTruncating(a) | long.CreateTruncating(b));
    }

    internal readonly struct Xor : IOne
    {
        public static T One<T>(T a, T b)
            where T : unmanaged, INumber<T> => T.CreateTruncating(long.CreateTruncating(a) ^ long.CreateTruncating(b));
    }

    internal readonly struct Eq : ICompare
    {
        public static bool Run<T>(T a, T b)
            where T : unmanaged, INumber<T> => a == b;
    }

    internal readonly struct Ne : ICompare
    {
        public static bool Run<T>(T a, T b)
            where T : unmanaged, INumber<T> => a != b;
    }

    internal readonly struct Lt : ICompare
    {
        public static bool Run<T>(T a, T b)
            where T : unmanaged, INumber<T> => a < b;
    }

    internal readonly struct Le : ICompare
    {
        public static bool Run<T>(T a, T b)
            where T : unmanaged, INumber<T> => a <= b;
    }

    internal readonly struct Gt : ICompare
    {
        public static bool Run<T>(T a, T b)
            where T : unmanaged, INumber<T> => a > b;
    }

    internal readonly struct Ge : ICompare
    {
        public static bool Run<T>(T a, T b)
            where T : unmanaged, INumber<T> => a >= b;
    }

    /// <summary>The divisor by which the smallest integer overflows: the processor would trap.</summary>
    private static bool IsMinusOne<T>(T b)
        where T : unmanaged, INumber<T> => (typeof(T) == typeof(long) || typeof(T) == typeof(int)) && b == -T.One;

    private static void CheckDivisor<T>(T b)
        where T : unmanaged, INumber<T>
    {
        if (b == T.Zero)
            throw new TensorException("ZeroDivisionError: integer division or remainder by zero");
    }
}
