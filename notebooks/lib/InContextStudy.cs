using Aim.Datasets;
using Aim.Experiments;
using Aim.Experiments.InContext;
using Aim.Experiments.Planning;
using Aim.Fusion;
using static Aim.Kernel.Notebook;

namespace Aim.Notebook;

/// <summary>
/// An in-context experiment's definition, changed as a notebook likes and run:
/// <c>InContextStudy.Load("r2-shots").Tasks("object2").Limit(50).Run()</c>. Every change gives another study; the one it was made
/// of stays as it is. A study that leaves something out has no verdict on what needs it.
/// </summary>
public sealed class InContextStudy
{
    private readonly InContextDefinition _definition;
    private readonly string _file;
    private readonly ProjectionRecipe _recipe;

    private InContextStudy(InContextDefinition definition, string file, ProjectionRecipe recipe) =>
        (_definition, _file, _recipe) = (definition, file, recipe);

    /// <summary>
    /// The directory of answers, demonstration bank and projections, in <see cref="Study.Output"/>. It is not that of
    /// <c>aim reproduce --icl</c>, which trains every projection itself; a study takes the one that ships with a model.
    /// </summary>
    public static string Output => Path.Combine(Study.Output, "in-context");

    /// <summary>The names of the definitions that come with the program.</summary>
    public static IReadOnlyList<string> Names => [.. Places.ShippedInContext().Select(p => Path.GetFileNameWithoutExtension(p)!)];

    /// <summary>What it asks.</summary>
    public string Question => _definition.Question;

    /// <summary>The claim that it decides.</summary>
    public string Claim => _definition.Claim;

    /// <summary>The names of its conditions: the ways in which the model is given the demonstrations.</summary>
    public IReadOnlyList<string> Conditions => [.. _definition.Conditions.Select(c => c.Name)];

    /// <summary>A definition by its name (<see cref="Names"/>) or its file.</summary>
    /// <exception cref="DefinitionException">
    /// There is no such definition, or it is wrong; the message says where and how.
    /// </exception>
    public static InContextStudy Load(string definition)
    {
        string file = Places.ShippedInContext()
            .FirstOrDefault(p => Path.GetFileNameWithoutExtension(p) == definition) ?? definition;
        if (!File.Exists(file))
            throw new DefinitionException(
                $"{definition}: no such definition; name a YAML file or one of: {string.Join(", ", Names)}");
        return new InContextStudy(InContextReader.Read(file), Path.GetFullPath(file), new ProjectionRecipe());
    }

    /// <summary>A definition written in a cell, as a definition's file has it.</summary>
    /// <param name="yaml">See <c>experiments/definitions/in-context/README.md</c>.</param>
    /// <exception cref="DefinitionException">It is wrong; the message says where and how.</exception>
    public static InContextStudy Of(string yaml) =>
        new(InContextReader.Parse("cell.yaml", yaml), Path.Combine(Places.Root(), "cell.yaml"), new ProjectionRecipe());

    /// <summary>No condition is asked more episodes than this: a trial, whose answers a larger run uses again.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Fewer than one.</exception>
    public InContextStudy Limit(int episodes)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(episodes, 1);
        return episodes >= _definition.Episodes ? this : With(_definition with { Episodes = episodes, Limit = episodes });
    }

    /// <summary>Other numbers of demonstrations, 0 to 64.</summary>
    /// <exception cref="ArgumentException">None, or one that is out of range.</exception>
    public InContextStudy Shots(params int[] shots)
    {
        if (shots.Length == 0 || shots.Any(n => n is < 0 or > LabEpisodes.MostShots))
            throw new ArgumentException($"name numbers of demonstrations from 0 to {LabEpisodes.MostShots}", nameof(shots));
        return With(_definition with { Shots = [.. shots.Distinct().Order()] });
    }

    /// <summary>
    /// Other tasks: <c>object2</c>, <c>object4</c>, <c>position</c>, <c>count</c>, <c>pair</c>, <c>shift</c>, <c>caption</c>.
    /// </summary>
    /// <exception cref="ArgumentException">None, or one that is not known.</exception>
    public InContextStudy Tasks(params string[] tasks)
    {
        if (tasks.Length == 0)
            throw new ArgumentException("name a task", nameof(tasks));
        return With(_definition with { Tasks = [.. tasks.Select(InContextReader.TaskOf)] });
    }

    /// <summary>Only some of the conditions (<see cref="Conditions"/>).</summary>
    /// <exception cref="ArgumentException">There is no such condition.</exception>
    public InContextStudy Only(params string[] conditions)
    {
        if (conditions.Except(Conditions).FirstOrDefault() is { } other)
            throw new ArgumentException($"no condition '{other}'; there are {string.Join(", ", Conditions)}", nameof(conditions));
        return With(_definition with { Conditions = [.. _definition.Conditions.Where(c => conditions.Contains(c.Name))] });
    }

    /// <summary>
    /// Trains projections for so many steps where they are missing, instead of the 1,500 of the experiments and of the projection
    /// that ships with a model.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">Fewer than one.</exception>
    public InContextStudy Training(int steps)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(steps, 1);
        return new InContextStudy(_definition, _file, _recipe with { Steps = steps });
    }

    /// <summary>
    /// Runs what is not known yet, showing how far it is, and gives the results. An interrupt ends it; what was answered by then
    /// is kept, and a training goes on where it was.
    /// </summary>
    /// <exception cref="DefinitionException">The definition or its model cannot be used.</exception>
    /// <exception cref="OperationCanceledException">The cell was interrupted.</exception>
    public InContextResults Run()
    {
        using var progress = new StudyProgress(_definition.Name);
        int threads = torch.get_num_threads();
        try
        {
            torch.set_num_threads(Environment.ProcessorCount);
            using var stock = new ModelStock(Output, progress, _recipe, takeShipped: true);
            var definition = _definition.Without(model => ModelStock.Has(model, _file));
            using var run = new InContextRun(stock);
            var table = definition.Measure == Measure.Answers ? run.Run(definition, _file, Interrupted) : null;
            var finding = table is null
                ? InContextReproduction.Find(stock, run, definition, _file, Interrupted) : new InContextFigures(table).Find();
            return new InContextResults(definition, finding, table);
        }
        finally
        {
            torch.set_num_threads(threads);
        }
    }

    // Tests of what is not run any more go.
    private InContextStudy With(InContextDefinition definition)
    {
        bool Has(Point point) =>
            definition.Shots.Contains(point.Shots) && definition.Conditions.Any(c => c.Name == point.Condition);
        bool Can(Expectation test) => Has(test.Better) && Has(test.Than) && test.Tasks.All(definition.Tasks.Contains);
        return new InContextStudy(
            definition with { Tests = [.. definition.Tests.Where(Can)], Controls = [.. definition.Controls.Where(Can)] },
            _file, _recipe);
    }
}
