namespace Aim.Experiments.Planning;

/// <summary>A test set made concrete for a model: its samples, and the sizes that costs follow from.</summary>
internal sealed class TestSet
{
    /// <param name="name">What the definition asks.</param>
    /// <param name="samples">Its first samples.</param>
    /// <param name="ids">The ids of each sample's prompt, with one placeholder for what is shown.</param>
    /// <param name="prompts">The lengths of each sample's prompt.</param>
    /// <param name="geometry">Sizes of the model.</param>
    /// <param name="first">In how many first samples all kinds go round.</param>
    public TestSet(TestSetName name, IReadOnlyList<TestSample> samples, IReadOnlyList<int[]> ids,
        IReadOnlyList<SampleShape> prompts, Geometry geometry, int first) =>
        (Name, Samples, Ids, Prompts, Geometry, First) = (name, samples, ids, prompts, geometry, first);

    public TestSetName Name { get; }

    /// <summary>The samples of the largest cell; every cell takes the first ones.</summary>
    public IReadOnlyList<TestSample> Samples { get; }

    /// <summary>The ids of each sample's prompt, with one placeholder for what is shown.</summary>
    public IReadOnlyList<int[]> Ids { get; }

    /// <summary>The lengths of each sample's prompt.</summary>
    public IReadOnlyList<SampleShape> Prompts { get; }

    public Geometry Geometry { get; }

    /// <summary>In so many first samples all kinds go round; those behind them are of kinds that count.</summary>
    public int First { get; }

    /// <summary>How many of the samples a cell is asked: its first ones, and on until enough are of kinds that count.</summary>
    /// <param name="cell">The cell, as its definition has it.</param>
    /// <param name="counts">Whether a kind counts.</param>
    public int Asked(Cell cell, Func<string, bool> counts)
    {
        int asked = cell.Samples;
        for (int have = Samples.Take(asked).Count(s => counts(s.Kind)); have < cell.Counting && asked < Samples.Count; asked++)
            have += counts(Samples[asked].Kind) ? 1 : 0;
        return asked;
    }

    /// <summary>All of a sample that an answer depends on.</summary>
    public string SampleKey(int index) => Samples[index].Key(Name);

    /// <summary>Mean over the first samples of something that depends on a prompt's lengths.</summary>
    public double Mean(int samples, Func<SampleShape, double> value) =>
        Prompts.Take(samples).GroupBy(p => p).Sum(g => value(g.Key) * g.Count()) / samples;
}
