namespace Aim.Parity.Ops;

internal static partial class OperationTable
{
    private static void AddPointwise()
    {
        void One(string names, Func<Tensor, Tensor> f) => WithInPlace(names, ("Tensor input", a => f(a["input"])));
        One("abs absolute", abs);
        One("neg negative", neg);
        One("exp", exp);
        One("exp2", exp2);
        One("expm1", expm1);
        One("log", log);
        One("log2", log2);
        One("log10", log10);
        One("log1p", log1p);
        One("sqrt", sqrt);
        One("rsqrt", rsqrt);
        One("reciprocal", reciprocal);
        One("square", square);
        One("sin", sin);
        One("cos", cos);
        One("atan arctan", atan);
        One("erf", erf);
        One("sign", sign);
        One("floor", floor);
        One("ceil", ceil);
        One("trunc fix", trunc);
        One("frac", frac);
        One("logical_not", logical_not);
        One("bitwise_not", bitwise_not);
        Both("isnan", ("Tensor input", a => isnan(a["input"])));
        Both("isinf", ("Tensor input", a => isinf(a["input"])));
        Both("isfinite", ("Tensor input", a => isfinite(a["input"])));
        WithInPlace("round", ("Tensor input, *, int decimals=0", a => round(a["input"], a.Int("decimals"))));
        Add("Tensor.exp_", ("Tensor input", a => a["input"].exp_()));
        Add("Tensor.sqrt_", ("Tensor input", a => a["input"].sqrt_()));
        WithInPlace("nan_to_num", ("Tensor input, float nan=None, float posinf=None, float neginf=None", a =>
            nan_to_num(a["input"], a.FloatOrNull("nan") ?? 0, a.FloatOrNull("posinf"), a.FloatOrNull("neginf"))));
        WithInPlace("clamp clip", ("Tensor input, Operand min=None, Operand max=None", a =>
            Clamp(a["input"], a.Value("min"), a.Value("max"))));
        Add("Tensor.clamp_ Tensor.clip_", ("Tensor input, Scalar min=None, Scalar max=None", a =>
            a["input"].clamp_(a.ScalarOrNull("min"), a.ScalarOrNull("max"))),
            ("Tensor input, Operand min=None, Operand max=None", a =>
                Operation.Assign(a["input"], Clamp(a["input"], a.Value("min"), a.Value("max")))));
        WithInPlace("clamp_min", ("Tensor input, Operand min", a => Clamp(a["input"], a.Value("min"), null)));
        WithInPlace("clamp_max", ("Tensor input, Operand max", a => Clamp(a["input"], null, a.Value("max"))));
    }

    /// <summary>A bound may be a tensor while the other is a number.</summary>
    private static Tensor Clamp(Tensor x, object? min, object? max)
    {
        if (min is not Tensor && max is not Tensor)
            return x.clamp((Scalar?)min, (Scalar?)max);
        Tensor? Bound(object? bound) => bound is Scalar s ? full([], s) : (Tensor?)bound;
        return x.clamp(Bound(min), Bound(max));
    }

    private static void AddArithmetic()
    {
        WithInPlace("add", ("Tensor input, Operand other, *, Scalar alpha=1", a =>
            a.Operand("other", t => a["input"].add(t, a.Scalar("alpha")), s => a["input"].add(s, a.Scalar("alpha")))));
        WithInPlace("sub subtract", ("Tensor input, Operand other, *, Scalar alpha=1", a => a.Operand("other",
            t => a["input"].sub(t, a.Scalar("alpha")), s => a["input"].sub(Times(s, a.Scalar("alpha"))))));
        WithInPlace("mul multiply", ("Tensor input, Operand other", a =>
            a.Operand("other", t => a["input"].mul(t), s => a["input"].mul(s))));
        const string Div = "Tensor input, Operand other, *, str rounding_mode=None";
        WithInPlace("div divide", (Div, a =>
            a.Operand("other", t => a["input"].div(t, Rounding(a)), s => a["input"].div(s, Rounding(a)))));
        WithInPlace("true_divide", ("Tensor input, Operand other", a =>
            a.Operand("other", t => a["input"].div(t), s => a["input"].div(s))));
        WithInPlace("floor_divide", ("Tensor input, Operand other", a =>
            a.Operand("other", t => a["input"].floor_divide(t), s => a["input"].floor_divide(s))));
        WithInPlace("remainder",
            ("Tensor input, Operand other", a =>
                a.Operand("other", t => a["input"].remainder(t), s => a["input"].remainder(s))),
            ("Scalar self|input, Tensor other", a => full([], a.Scalar("self")).remainder(a["other"])));
        WithInPlace("fmod", ("Tensor input, Operand other", a =>
            a.Operand("other", t => a["input"].fmod(t), s => a["input"].fmod(s))));
        WithInPlace("pow",
            ("Tensor input, Operand exponent", a =>
                a.Operand("exponent", t => a["input"].pow(t), s => a["input"].pow(s))),
            ("Scalar self|input, Tensor exponent", a => full([], a.Scalar("self")).pow(a["exponent"])));
        Both("rsub", ("Tensor input, Operand other, *, Scalar alpha=1", a =>
        {
            var scaled = a.Scalar("alpha") is { Type: ScalarType.Int64 } one && one.ToInt64() == 1
                ? a["input"] : a["input"].mul(a.Scalar("alpha"));
            return a.Operand("other", t => t.sub(scaled), s => s - scaled);
        }
        ));
        Add("Tensor.rdiv", ("Tensor input, Scalar other", a => a.Scalar("other") / a["input"]));
        Add("Tensor.rfloordiv", ("Tensor input, Scalar other", a => full([], a.Scalar("other")).floor_divide(a["input"])));
        Both("maximum", ("Tensor input, Tensor other", a => maximum(a["input"], a["other"])));
        Both("minimum", ("Tensor input, Tensor other", a => minimum(a["input"], a["other"])));
        WithInPlace("atan2 arctan2", ("Tensor input, Tensor other", a => atan2(a["input"], a["other"])));
        WithInPlace("lerp", ("Tensor input, Tensor end, Operand weight", a =>
            a["input"].lerp(a["end"], a.Operand("weight", t => t, s => full([], s, a["input"].dtype)))));
        WithInPlace("addcmul", ("Tensor input, Tensor tensor1, Tensor tensor2, *, Scalar value=1", a =>
            a["input"].addcmul(a["tensor1"], a["tensor2"], a.Scalar("value"))));
        WithInPlace("addcdiv", ("Tensor input, Tensor tensor1, Tensor tensor2, *, Scalar value=1", a =>
            a["input"].addcdiv(a["tensor1"], a["tensor2"], a.Scalar("value"))));
        Add("Tensor.add_", ("Tensor input, Operand other, *, Scalar alpha=1", a =>
            a.Operand("other", t => a["input"].add_(t, a.Scalar("alpha")), s => a["input"].add_(s, a.Scalar("alpha")))));
        Add("Tensor.sub_ Tensor.subtract_", ("Tensor input, Operand other, *, Scalar alpha=1", a => a.Operand("other",
            t => a["input"].add_(t, Times(-1, a.Scalar("alpha"))), s => a["input"].sub_(Times(s, a.Scalar("alpha"))))));
        Add("Tensor.mul_ Tensor.multiply_", ("Tensor input, Operand other", a =>
            a.Operand("other", t => a["input"].mul_(t), s => a["input"].mul_(s))));
        Add("Tensor.div_ Tensor.divide_", (Div, a =>
            a.Operand("other", t => a["input"].div_(t, Rounding(a)), s => a["input"].div_(s, Rounding(a)))));
    }

    private static void AddComparisons()
    {
        void Compared(string names, Func<Tensor, Tensor, Tensor> tensors, Func<Tensor, Scalar, Tensor> scalar) =>
            WithInPlace(names, ("Tensor input, Operand other", a =>
                a.Operand("other", t => tensors(a["input"], t), s => scalar(a["input"], s))));
        Compared("eq", eq, (x, s) => x.eq(s));
        Compared("ne not_equal", ne, (x, s) => x.ne(s));
        Compared("lt less", lt, (x, s) => x.lt(s));
        Compared("le less_equal", le, (x, s) => x.le(s));
        Compared("gt greater", gt, (x, s) => x.gt(s));
        Compared("ge greater_equal", ge, (x, s) => x.ge(s));
        Compared("bitwise_and", bitwise_and, (x, s) => x.bitwise_and(full([], s)));
        Compared("bitwise_or", bitwise_or, (x, s) => x.bitwise_or(full([], s)));
        Compared("bitwise_xor", bitwise_xor, (x, s) => x.bitwise_xor(full([], s)));
        void Logical(string name, Func<Tensor, Tensor, Tensor> f) =>
            WithInPlace(name, ("Tensor input, Tensor other", a => f(a["input"], a["other"])));
        Logical("logical_and", logical_and);
        Logical("logical_or", logical_or);
        Logical("logical_xor", logical_xor);
        const string Near = "Tensor input, Tensor other, float rtol=1e-05, float atol=1e-08, bool equal_nan=False";
        Both("isclose", (Near, a =>
            isclose(a["input"], a["other"], a.Float("rtol"), a.Float("atol"), a.Flag("equal_nan"))));
        Both("allclose", (Near, a =>
            allclose(a["input"], a["other"], a.Float("rtol"), a.Float("atol"), a.Flag("equal_nan"))));
        Both("equal", ("Tensor input, Tensor other", a => a["input"].equal(a["other"])));
        Add("torch.where",
            ("Tensor condition, Operand input|self, Operand other", a =>
                Where(a["condition"], a.Value("input"), a.Value("other"))),
            ("Tensor condition", a => Tuple(a["condition"].nonzero().unbind(1))));
        Add("Tensor.where", ("Tensor input, Tensor condition, Operand other", a =>
            Where(a["condition"], a["input"], a.Value("other"))));
    }

    private static Tensor Where(Tensor condition, object? x, object? y) => (x, y) switch
    {
        (Tensor a, Tensor b) => where(condition, a, b),
        (Scalar a, Tensor b) => where(condition, a, b),
        (Tensor a, Scalar b) => where(condition, a, b),
        _ => where(condition, full([], (Scalar)x!), full([], (Scalar)y!)),
    };

    /// <summary>The product of two numbers, an integer if both are.</summary>
    private static Scalar Times(Scalar a, Scalar b) => Values.IsFloat(a.Type) || Values.IsFloat(b.Type)
        ? a.ToDouble() * b.ToDouble()
        : a.ToInt64() * b.ToInt64();

    private static RoundingMode Rounding(Arguments a) => a.TextOrNull("rounding_mode") switch
    {
        null => RoundingMode.None,
        "floor" => RoundingMode.floor,
        "trunc" => RoundingMode.trunc,
        var other => throw new TorchException("div expected rounding_mode to be one of None, 'trunc', or 'floor' but found "
            + $"'{other}'"),
    };

    private static void AddProducts()
    {
        Both("matmul", ("Tensor input, Tensor other", a => matmul(a["input"], a["other"])));
        Add("torch.linalg.matmul", ("Tensor input, Tensor other", a => matmul(a["input"], a["other"])));
        Both("mm", ("Tensor input, Tensor mat2", a => mm(a["input"], a["mat2"])));
        Both("bmm", ("Tensor input, Tensor mat2", a => bmm(a["input"], a["mat2"])));
        Both("mv", ("Tensor input, Tensor vec", a => mv(a["input"], a["vec"])));
        Both("dot", ("Tensor input, Tensor tensor|other", a => dot(a["input"], a["tensor"])));
        Both("outer ger", ("Tensor input, Tensor vec2", a => outer(a["input"], a["vec2"])));
        WithInPlace("addmm", ("Tensor input, Tensor mat1, Tensor mat2, *, float beta=1, float alpha=1", a =>
            addmm(a["input"], a["mat1"], a["mat2"], (float)a.Float("beta"), (float)a.Float("alpha"))));
        WithInPlace("baddbmm", ("Tensor input, Tensor batch1, Tensor batch2, *, float beta=1, float alpha=1", a =>
            baddbmm(a["input"], a["batch1"], a["batch2"], (float)a.Float("beta"), (float)a.Float("alpha"))));
    }
}
