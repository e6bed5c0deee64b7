namespace Aim.Experiments.Planning;

/// <summary>
/// An experiment's definition as its YAML file gives it, validated, its grids written out cell by cell: what is run on which
/// samples by which methods. It is versioned (<see cref="Schema"/> is the form, <see cref="Version"/> the author's), and its
/// canonical form identifies a run.
/// </summary>
/// <param name="Name">A short name; part of the report's title.</param>
/// <param name="Version">The author's version: raised when a published definition changes.</param>
/// <param name="Title">One line that says what is asked.</param>
/// <param name="Question">The question in a paragraph: what is compared, why, and what would count as an answer.</param>
/// <param name="Model">The checkpoint's directory, as written (<see cref="Places"/> finds it).</param>
/// <param name="Data">The data set: <c>lab</c>, or <c>file</c> for a file of questions (<see cref="DataPath"/>).</param>
/// <param name="Split">Of the lab <c>test</c> or <c>validation</c>; empty for a file, which is asked whole.</param>
/// <param name="Batch">Consecutive samples that are computed together; the unit that a kill can cost.</param>
/// <param name="Seed">Seed of the random methods.</param>
/// <param name="AnswerTokens">Tokens decoded at most per answer.</param>
/// <param name="Margin">Points: a method 'holds' when the lower 95 % bound of its paired difference is above minus this.</param>
/// <param name="Timing">Which cells are timed.</param>
/// <param name="Show">Names of what is shown beside the cells (<see cref="Exhibits.ExhibitBook"/>).</param>
/// <param name="Easy">
/// The cell whose right answers make a sample 'easy' in the split by difficulty; null where it is not asked for.
/// </param>
/// <param name="Gallery">Cells of the definition's own test set that the gallery shows, beside the unreduced model.</param>
/// <param name="Set">The test set of cells that do not say otherwise.</param>
/// <param name="Cells">Every cell, in the file's order; the unreduced baseline of every test set among them.</param>
public sealed record Definition(
    string Name, int Version, string Title, string Question, string Model, string Data, string Split, int Batch, int Seed,
    int AnswerTokens, decimal Margin, TimingScope Timing, IReadOnlyList<string> Show, string? Easy,
    IReadOnlyList<string> Gallery, TestSetName Set, IReadOnlyList<Cell> Cells)
{
    /// <summary>The version of the file's form that this program reads.</summary>
    public const int Schema = 2;

    /// <summary>The file of questions, as written (<see cref="Places"/> finds it); null for the lab.</summary>
    public string? DataPath { get; init; }

    /// <summary>
    /// No cell takes more samples than this, and none goes on for questions that count: a trial; null: the definition as it
    /// stands.
    /// </summary>
    public int? Limit { get; init; }

    /// <summary>Why a limited run decides nothing; null where it is none.</summary>
    public string? Limited => Limit is { } most
        ? FormattableString.Invariant($"limited run: not a verdict (at most {most} samples a cell)") : null;

    /// <summary>The cell's name in this definition: its own, and what tells its test set from the definition's.</summary>
    public string IdOf(Cell cell) => cell.IdIn(Set);
}

/// <summary>Which cells the timing pass measures.</summary>
public enum TimingScope
{
    /// <summary>The headline cells and the baselines.</summary>
    Headline,

    /// <summary>Every cell.</summary>
    All,

    /// <summary>None: a grid whose times nobody reads.</summary>
    None,
}
