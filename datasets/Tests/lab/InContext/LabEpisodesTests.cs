namespace Aim.Datasets.Tests;

public sealed class LabEpisodesTests
{
    private static LabTask[] Tasks => Enum.GetValues<LabTask>();

    [TestCaseSource(nameof(Tasks))]
    public void Fewer_shots_are_a_prefix_of_more_and_the_query_stays(LabTask task)
    {
        foreach (var (few, many) in LabEpisodes.Of(task, 6, 3).Zip(LabEpisodes.Of(task, 6, 16)))
        {
            Assert.That(few.Shots.Select(Seen), Is.EqualTo(many.Shots.Take(3).Select(Seen)));
            Assert.That(Seen(few.Query), Is.EqualTo(Seen(many.Query)));
            Assert.That(few.Options, Is.EqualTo(many.Options));
        }
    }

    [TestCaseSource(nameof(Tasks))]
    public void As_many_shots_as_classes_tell_every_class(LabTask task)
    {
        int classes = LabEpisodes.Classes(task);
        foreach (var episode in LabEpisodes.Of(task, 40, 2 * classes))
        {
            Assert.That(episode.Shots.Take(classes).Select(s => s.Class), Is.EquivalentTo(Enumerable.Range(0, classes)));
            Assert.That(episode.Shots.Skip(classes).Select(s => s.Class), Is.EquivalentTo(Enumerable.Range(0, classes)));
            if (task == LabTask.Caption)
                continue;
            Assert.That(episode.Options, Does.Contain(episode.Query.Answer));
            Assert.That(episode.Shots.GroupBy(s => s.Class).Select(c => c.Select(s => s.Answer).Distinct().Count()),
                Is.All.EqualTo(1));
            Assert.That(episode.Shots.Where(s => s.Class == episode.Query.Class).Select(s => s.Answer),
                Is.All.EqualTo(episode.Query.Answer));
        }
    }

    [TestCaseSource(nameof(Tasks))]
    public void Pictures_are_of_the_test_split_and_show_held_out_objects_alone(LabTask task)
    {
        var allowed = LabReserved.Current.TestObjects.ToHashSet();
        foreach (var shot in LabEpisodes.Of(task, 20, 4).SelectMany(e => e.Shots.Append(e.Query)))
        {
            Assert.That(shot.Picture.Split, Is.EqualTo(LabSplit.Test));
            Assert.That(shot.Picture.Things.Select(t => t.Object), Is.SubsetOf(allowed));
        }
    }

    [Test]
    public void What_an_answer_stands_for_is_what_the_picture_shows()
    {
        foreach (var episode in LabEpisodes.Of(LabTask.Object4, 20, 4))
            Assert.That(episode.Shots.Append(episode.Query).Select(s => $" {s.Picture.Things.Single().Name}"),
                Is.EqualTo(episode.Shots.Append(episode.Query).Select(s => s.Words)));
        foreach (var shot in LabEpisodes.Of(LabTask.Position, 20, 4).SelectMany(e => e.Shots))
            Assert.That($" {shot.Picture.Things.Single().Place}", Is.EqualTo(shot.Words));
        foreach (var shot in LabEpisodes.Of(LabTask.Count, 20, 4).SelectMany(e => e.Shots))
            Assert.That($" {LabWorld.Numbers[shot.Picture.Things.Count]}", Is.EqualTo(shot.Words));
        foreach (var shot in LabEpisodes.Of(LabTask.Shift, 20, 4).SelectMany(e => e.Shots))
            Assert.That(shot.Picture.Things.Any(t => shot.Instruction.Contains($"the {t.Name} there", StringComparison.Ordinal)),
                Is.EqualTo(shot.Class == 0));
        foreach (var shot in LabEpisodes.Of(LabTask.Caption, 20, 4).SelectMany(e => e.Shots))
        {
            string style = shot.Answer.Split(' ')[1];
            Assert.That(shot.Answer,
                Is.EqualTo(string.Concat(shot.Picture.Things.OrderBy(t => t.Cell).Select(t => $" {style} {t.Name}"))));
        }
    }

    [Test]
    public void Which_answer_means_the_same_is_the_episodes_secret()
    {
        var episodes = LabEpisodes.Of(LabTask.Pair, 60, 4);
        foreach (var shot in episodes.SelectMany(e => e.Shots))
            Assert.That(shot.Instruction.StartsWith($" {shot.Picture.Things.Single().Name} ", StringComparison.Ordinal),
                Is.EqualTo(shot.Class == 0));
        int sameIsYes = episodes.Count(e => e.Shots.First(s => s.Class == 0).Answer == " yes");
        Assert.That(sameIsYes, Is.InRange(20, 40));
    }

    [TestCaseSource(nameof(Tasks))]
    public void Templates_and_what_is_asked_go_round(LabTask task)
    {
        var episodes = LabEpisodes.Of(task, 48, 0);
        Assert.That(episodes.GroupBy(e => e.Template.Name).Select(g => g.Count()), Is.All.EqualTo(16));
        Assert.That(episodes.GroupBy(e => e.Query.Class).Select(g => g.Count()), Is.All.EqualTo(48 / LabEpisodes.Classes(task)));
    }

    private static (string, string, string, ulong) Seen(LabShot shot) =>
        (shot.Words, shot.Instruction, shot.Answer, shot.Picture.SceneHash);
}
