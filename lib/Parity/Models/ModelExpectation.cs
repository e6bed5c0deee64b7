using System.Text.Json;

namespace Aim.Parity;

/// <summary>
/// A model case's stored tensors and their tolerances. Rows of padding are stored as zeros and skipped. Only what the case's
/// <c>expected</c> names is compared.
/// </summary>
internal sealed class ModelExpectation(CaseFile file, Comparison comparison, int[] start)
{
    // Descriptions of other entries, not results.
    private static readonly string[] s_descriptions = ["generated_with_eos", "standard_deviations"];

    /// <summary>Whether the case expects a tensor of this name.</summary>
    public bool Has(string name) => file.Expects(name);

    /// <summary>Compares a tensor, if the case has it; shapes must agree.</summary>
    /// <param name="name">The tensor.</param>
    /// <param name="actual">Computed here, only if needed.</param>
    /// <param name="rows">The axis of tokens, whose padded rows are skipped; null where there is no padding.</param>
    public void Check(string name, Func<Tensor> actual, int? rows = null)
    {
        if (!Has(name))
            return;
        using var scope = NewDisposeScope();
        var tensor = actual();
        long[] shape = file.Shape(Stored(name));
        comparison.Holds(tensor.shape.SequenceEqual(shape), $"{name} has shape {Show(tensor.shape)}, expected {Show(shape)}");
        var padding = rows is { } axis ? Padding(shape, axis) : null;
        comparison.Close(name, tensor.Values(), file.Floats(Stored(name)), new Tolerance(Limit(name)), padding);
    }

    /// <summary>Compares numbers, if the case has them.</summary>
    public void Check(string name, ReadOnlySpan<float> actual)
    {
        if (Has(name))
            comparison.Close(name, actual, file.Floats(Stored(name)), new Tolerance(Limit(name)));
    }

    /// <summary>Compares ids, if the case has them.</summary>
    public void Check(string name, IEnumerable<long> actual)
    {
        if (Has(name))
            comparison.Exact(name, actual, file.Integers(Stored(name)));
    }

    /// <summary>Names in the result what the case holds and nobody compared.</summary>
    public void LeaveOutTheRest()
    {
        foreach (var entry in file.Expected.EnumerateObject())
        {
            if (!comparison.Names.Contains(entry.Name) && !s_descriptions.Contains(entry.Name))
                comparison.LeaveOut(entry.Name);
        }
    }

    private static string Show(long[] shape) => $"[{string.Join(", ", shape)}]";

    private string Stored(string name) => file.Expected.Need(name).TextOrNull("tensor") ?? name;

    private double Limit(string name) => file.Root.Need("tolerance").Need(name).NeedNumber("max_abs");

    // An element is padding where its row lies before its sample's first token.
    private Func<int, bool>? Padding(long[] shape, int axis)
    {
        if (start.All(s => s == 0) || shape[0] != start.Length)
            return null;
        long row = shape[(axis + 1)..].Aggregate(1L, (a, b) => a * b), sample = shape[1..].Aggregate(1L, (a, b) => a * b);
        return i => i / row % shape[axis] < start[i / sample];
    }
}
