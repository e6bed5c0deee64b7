namespace Aim.Datasets.Tests;

/// <summary>What training's lessons teach, and that they teach nothing of the tests.</summary>
public sealed class LabLessonTests
{
    private static readonly LabLesson[] s_lessons =
    [
        .. Enumerable.Range(0, 600).Select(i => LabLesson.Draw(new LabRandom(5, (ulong)i), LabReserved.Current.StoryObjects, 6)),
    ];

    [Test]
    public void Every_task_is_taught() => Assert.That(s_lessons.Select(lesson => lesson.Task).Distinct(), Is.EquivalentTo(
        new[] { LabTask.Object4, LabTask.Position, LabTask.Count, LabTask.Pair, LabTask.Caption, LabTask.Shift }));

    [Test]
    public void Shots_of_a_class_have_one_answer_and_classes_differ()
    {
        foreach (var (i, lesson) in s_lessons.Index())
        {
            var random = new LabRandom(6, (ulong)i);
            var answers = Enumerable.Range(0, lesson.Classes).Select(c => Enumerable.Range(0, 3)
                .Select(_ => lesson.Shot(c, random).Answer.TrimStart().Split(' ')[0]).Distinct().ToArray()).ToArray();
            Assert.That(answers, Has.All.Length.EqualTo(1), lesson.Task.ToString());
            Assert.That(answers.Select(answer => answer[0]), Is.Unique);
        }
    }

    /// <summary>What matters of the picture is what the words say.</summary>
    [Test]
    public void Words_say_what_the_picture_shows()
    {
        foreach (var (i, lesson) in s_lessons.Index())
        {
            var shot = lesson.Shot(lesson.Classes - 1, new LabRandom(7, (ulong)i));
            var things = shot.Picture.Things;
            Assert.That(shot.Words, Is.EqualTo(lesson.Task switch
            {
                LabTask.Position => " " + things.Single().Place,
                LabTask.Count => " " + LabWorld.Numbers[things.Count],
                _ => string.Concat(things.Select(thing => " " + thing.Name)),
            }));
        }
    }

    [Test]
    public void Pairs_say_whether_two_are_the_same_and_shifts_whether_it_is_there()
    {
        int yes = 0, pairs = 0;
        foreach (var (i, lesson) in s_lessons.Index().Where(l => l.Item.Task is LabTask.Pair or LabTask.Shift))
            for (int c = 0; c < 2; c++)
            {
                var shot = lesson.Shot(c, new LabRandom(8, (ulong)i));
                bool named = shot.Picture.Things.Any(thing => shot.Instruction.Split(' ', '?', ':', ',').Contains(thing.Name));
                Assert.That(named, Is.EqualTo(c == 0));
                if (lesson.Task != LabTask.Pair)
                    continue;
                pairs++;
                yes += (shot.Answer == " yes") == named ? 1 : 0;
            }
        Assert.That(yes / (double)pairs, Is.EqualTo(0.5).Within(0.12), "which answer means 'the same' is the lesson's secret");
    }
}
