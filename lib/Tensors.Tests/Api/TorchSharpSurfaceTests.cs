namespace Aim.Tensors.Tests.Api;

/// <summary>
/// The engine's signatures are TorchSharp 0.107's: where the list (Fixtures/torchsharp-0.107-api.txt) has a method of that class
/// and name, each overload of ours is one of the list's, to the names, types and defaults of its parameters.
/// </summary>
public sealed class TorchSharpSurfaceTests
{
    /// <summary>Overloads of ours on which the list is silent, though it knows others of the name.</summary>
    private static readonly Dictionary<string, string> Silent = new()
    {
        ["Tensor: Tensor movedim(long source, long destination)"] = "torch's; the list has the function of one dimension",
        ["Tensor: Tensor sub(Tensor target, Scalar alpha)"] = "torch's; the list has add with alpha",
        ["torch: Tensor[] split(Tensor tensor, long split_size, int dim = 0)"] = "the list has the method",
        ["torch: Tensor tensor(IList<double> rawArray, ReadOnlySpan<long> dimensions, ScalarType? dtype = null, "
            + "Device device = null, bool requires_grad = false, string[] names = null)"] = "the list has it of every other type",
    };

    private static readonly IReadOnlyList<Signature> List = TorchSharpList.Read(File.ReadAllLines(
        Path.Combine(AppContext.BaseDirectory, "Fixtures", "torchsharp-0.107-api.txt")));

    [Test]
    public void EveryOverloadIsOneOfTheList()
    {
        var theirs = List.ToLookup(s => (s.Class, s.Name));
        var assembly = typeof(torch).Assembly;
        var ours = OurSurface.Methods(assembly).Concat(OurSurface.Properties(assembly)).ToArray();
        var drifted = ours
            .Where(o => theirs.Contains((o.Class, o.Name)) && theirs[(o.Class, o.Name)].All(t => t.Text != o.Text))
            .Select(o => o.ToString()).ToHashSet();
        Assert.Multiple(() =>
        {
            Assert.That(Lines(drifted.Except(Silent.Keys)), Is.Empty, "overloads that the list has otherwise");
            Assert.That(Lines(Silent.Keys.Except(drifted)), Is.Empty, "exceptions that are no longer needed");
        });
        var compared = ours.Count(o => theirs.Contains((o.Class, o.Name)));
        TestContext.Out.WriteLine($"{compared} of {ours.Length} members were compared: the list has their names");
    }

    // A parser that lost lines would let everything pass.
    [Test]
    public void EveryLineOfTheListIsUnderstood()
    {
        var lines = File.ReadAllLines(Path.Combine(AppContext.BaseDirectory, "Fixtures", "torchsharp-0.107-api.txt"))
            .SkipWhile(l => !l.StartsWith("## ", StringComparison.Ordinal)).Where(l => l.EndsWith(')')).ToArray();
        Assert.That(lines, Has.Length.GreaterThan(990));
        Assert.That(Lines(lines.Where(l => TorchSharpList.Parse("Tensor/Tensor.cs", l) is null)), Is.Empty);
    }

    [TestCase("NN/Loss.cs", "static Tensor f(Tensor x, double beta = 1.0 / 4, ScalarType? type = null, Device? device = null)",
        "functional: Tensor f(Tensor x, double beta = 0.25, ScalarType? type = null, Device device = null)")]
    [TestCase("NN/Vision.cs", "static unsafe Tensor f(Tensor input, (long, long)? pad = null, [A(B.C)] bool is_casual = false)",
        "functional: Tensor f(Tensor input, (long,long)? pad = null, bool is_casual = false)")]
    [TestCase("Optimizers/A.cs", "static A A(IEnumerable<(string name, Modules.Parameter parameter)> p, double lr = 1e-3)",
        "optim: A A(IEnumerable<(string,Parameter)> p, double lr = 0.001)")]
    [TestCase("NN/Module.cs", "static T to<T>(this T module, torch.Device device, bool non_blocking = false)",
        "extension: T to(T module, Device device, bool non_blocking = false)")]
    [TestCase("Tensor/Tensor.cs", "(Tensor std, Tensor mean) var_mean(ReadOnlySpan<long> dimensions, params long[] sizes)",
        "Tensor: (Tensor,Tensor) var_mean(ReadOnlySpan<long> dimensions, params long[] sizes)")]
    [TestCase("Tensor/Tensor.cs", "static implicit operator Tensor((float, float) value)",
        "Tensor: Tensor implicit((float,float) value)")]
    [TestCase("Tensor/Tensor.cs", "static Tensor operator <(Scalar left, Tensor right)",
        "Tensor: Tensor operator <(Scalar left, Tensor right)")]
    [TestCase("Tensor/torch.A.cs", "static Tensor f(Tensor input, RoundingMode mode = RoundingMode.None, Tensor? @out = null)",
        "torch: Tensor f(Tensor input, RoundingMode mode = None, Tensor out = null)")]
    public void LinesReadAs(string file, string line, string expected) =>
        Assert.That(TorchSharpList.Parse(file, line)!.ToString(), Is.EqualTo(expected));

    [TestCase("Tensor/Tensor.cs", "Tensor? grad")]
    [TestCase("NN/Fold.cs", "(long, long) stride")]
    [TestCase("Tensor/Tensor.cs", "Tensor this[long i1, long i2]")]
    [TestCase("Torch.cs", "static partial class cuda")]
    public void PropertiesAndClassesAreNoMethods(string file, string line) =>
        Assert.That(TorchSharpList.Parse(file, line), Is.Null);

    [TestCase("Tensor/Tensor.cs", "Tensor? grad", "Tensor: Tensor .grad()")]
    [TestCase("Tensor/Tensor.cs", "long[] shape", "Tensor: long[] .shape()")]
    public void PropertiesReadAs(string file, string line, string expected) =>
        Assert.That(TorchSharpList.Property(file, line)!.ToString(), Is.EqualTo(expected));

    [TestCase("Torch.cs", "static partial class cuda")]
    [TestCase("Tensor/Tensor.cs", "static Tensor operator <")]
    public void OtherLinesAreNoProperties(string file, string line) => Assert.That(TorchSharpList.Property(file, line), Is.Null);

    private static string Lines(IEnumerable<string> signatures) => string.Join(Environment.NewLine, signatures.Order());
}
