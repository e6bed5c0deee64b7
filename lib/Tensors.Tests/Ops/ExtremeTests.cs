namespace Aim.Tensors.Tests.Ops;

/// <summary>Places of extremes in long lines, which are searched block by block, against a plain search.</summary>
public sealed class ExtremeTests
{
    [Test]
    public void TheFirstOfEqualsIsFound([Values(1, 7, 1023, 1024, 1025, 5000)] int length, [Values(0, 1, 2)] int kind)
    {
        using var scope = NewDisposeScope();
        var random = new Random(length + kind);
        float Next() => kind switch
        {
            0 => random.NextSingle() - 0.5f,
            1 => random.Next(3) - 1, // many equal ones
            _ => random.Next(2) == 0 ? 0f : -0f, // equal, though not in their bits
        };
        var values = Enumerable.Range(0, 3 * length).Select(_ => Next()).ToArray();
        var x = tensor(values, [3, length]);
        for (var row = 0; row < 3; row++)
        {
            var line = values.AsSpan(row * length, length).ToArray();
            Assert.That(x.argmax(1)[row].item<long>(), Is.EqualTo(Array.FindIndex(line, v => v == line.Max())));
            Assert.That(x.argmin(1)[row].item<long>(), Is.EqualTo(Array.FindIndex(line, v => v == line.Min())));
        }
    }

    [Test]
    public void TheFirstNaNComesBeforeAll([Values(0, 900, 1024, 2999)] int at)
    {
        using var scope = NewDisposeScope();
        var values = new float[3000];
        (values[5], values[2500]) = (float.PositiveInfinity, float.NegativeInfinity);
        (values[at], values[2999]) = (float.NaN, float.NaN);
        var x = tensor(values);
        Assert.That(x.argmax(0).item<long>(), Is.EqualTo(at));
        Assert.That(x.argmin(0).item<long>(), Is.EqualTo(at));
    }

    [Test]
    public void LinesOfInfinitiesHaveAPlace()
    {
        using var scope = NewDisposeScope();
        Assert.That(full([2000], double.NegativeInfinity).argmax(0).item<long>(), Is.Zero);
        Assert.That(full([2000], double.PositiveInfinity).argmin(0).item<long>(), Is.Zero);
    }
}
