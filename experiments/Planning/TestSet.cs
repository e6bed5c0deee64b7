using System.Globalization;
using Aim.Datasets;

namespace Aim.Experiments.Planning;

/// <summary>A test set made concrete for a model: its samples, and the sizes that costs follow from.</summary>
internal sealed class TestSet
{
    /// <param name="name">What the definition asks.</param>
    /// <param name="samples">Its first samples.</param>
    /// <param name="text">Text tokens of each sample's prompt.</param>
    /// <param name="geometry">Sizes of model and clip.</param>
    /// <param name="first">In how many first samples all kinds go round.</param>
    public TestSet(TestSetName name, IReadOnlyList<LabSample> samples, IReadOnlyList<int> text, Geometry geometry, int first) =>
        (Name, Samples, Text, Geometry, First) = (name, samples, text, geometry, first);

    public TestSetName Name { get; }

    /// <summary>The samples of the largest cell; every cell takes the first ones.</summary>
    public IReadOnlyList<LabSample> Samples { get; }

    /// <summary>Text tokens of each sample's prompt.</summary>
    public IReadOnlyList<int> Text { get; }

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

    /// <summary>All of a sample that an answer depends on: its scene, how it is drawn, its frames and its question.</summary>
    public string SampleKey(int index)
    {
        var sample = Samples[index];
        return string.Create(CultureInfo.InvariantCulture,
            $"{sample.Id} {Name.Source} {Name.Style} {sample.Clip.SceneHash:x16} {string.Join(',', sample.FrameIndices)} "
                + $"{sample.Before}|{sample.Question}");
    }

    /// <summary>Mean over the first samples of something that depends on the text's length.</summary>
    public double Mean(int samples, Func<int, double> value) =>
        Text.Take(samples).GroupBy(t => t).OrderBy(g => g.Key).Sum(g => value(g.Key) * g.Count()) / samples;
}
