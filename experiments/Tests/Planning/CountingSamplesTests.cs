using Aim.Datasets;
using Aim.Experiments.Planning;
using Aim.Experiments.Scoring;

namespace Aim.Experiments.Tests.Planning;

/// <summary>Behind a set's first samples only kinds that count are asked.</summary>
public class CountingSamplesTests
{
    private static readonly TestSetName _set = new(TestSetName.Video, TestSetName.Noto, 8);

    private static bool Counts(string kind) => kind is "first" or "order" or "mc-last";

    private static IReadOnlyList<LabSample> Samples(int first, int counting) =>
        LabSets.Samples(_set, LabSplit.Test, first, counting, Counts);

    [Test]
    public void All_kinds_go_round_at_first_and_then_those_that_count()
    {
        var samples = Samples(20, 12);
        Assert.That(samples.Take(20).Select(s => s.Id), Is.EqualTo(LabData.Test(LabSplit.Test, 20, 8).Select(s => s.Id)));
        Assert.That(samples.Skip(20).Select(s => s.Kind).Distinct(), Is.EquivalentTo(new[] { "first", "order", "mc-last" }));
        Assert.That(samples.Count(s => Counts(s.Kind)), Is.EqualTo(12));
        Assert.That(Samples(20, 2), Has.Count.EqualTo(20), "the first hold more than that");
        Assert.That(LabSets.Samples(_set, LabSplit.Test, 20, 500, _ => false), Has.Count.EqualTo(20),
            "there is nothing to go on with");
    }

    [Test]
    public void The_questions_that_count_are_the_same_however_many_come_first()
    {
        string[] Counting(int first) =>
            [.. Samples(first, 12).Where(s => Counts(s.Kind)).Take(12).Select(s => $"{s.Id} {s.Question} {s.Answer}")];
        Assert.That(Counting(20), Is.EqualTo(Counting(3)).And.EqualTo(Counting(40)));
    }

    [Test]
    public void Each_cell_is_asked_its_own_part_and_the_plan_says_what_was_left_out()
    {
        using var work = new Workplace();
        string file = work.Write("counting.yaml", File.ReadAllText(work.Definition)
            .Replace("{method: aim, retention: [1/4], schedule: [none, default], headline: true}",
                "{method: aim, retention: 1/4, counting: 30, headline: true}")
            .Replace(", schedule: default}\n  - {method: aim, retention: 1, schedule: default}\n",
                ", schedule: none}\n").Replace("aim 1 default, aim 1/4 default, aim 1/4 default", "aim 1/4"));
        var model = PlannedModel.Open("model", file);
        Scoring.AggregationTests.WriteEvaluation(Plan.Make(DefinitionReader.Read(file), file), Counts);
        var plan = Plan.Make(DefinitionReader.Read(file), file);
        var cells = plan.Cells.ToDictionary(c => c.Id, c => c.Cell.Samples);
        var set = plan.Sets.Single();
        Assert.That((cells["none"], cells["aim 1/4"], cells["random 1/4"], set.First),
            Is.EqualTo((set.Samples.Count, set.Samples.Count, 20, 20)));
        Assert.That(set.Samples.Count(s => Counts(s.Kind)), Is.EqualTo(30));
        var kinds = KindTable.Load(["first", "last"], model).Kinds;
        Assert.That(kinds.Select(k => k.Reason),
            Is.EqualTo(new[] { "as the test says", "as the test says; by the model card 100.0 % right of 1, unreduced" }));
    }
}
