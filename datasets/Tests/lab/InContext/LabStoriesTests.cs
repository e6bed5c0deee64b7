namespace Aim.Datasets.Tests;

public sealed class LabStoriesTests
{
    private static readonly LabStory[] s_stories = [.. Enumerable.Range(0, 2000).Select(i => LabStories.Of(1, i))];

    [Test]
    public void No_label_no_wording_and_no_object_of_the_tests_occurs()
    {
        var held = LabReserved.Current.HeldOutObjects;
        foreach (var story in s_stories)
        {
            string[] texts =
            [
                .. story.Shots.Select(s => LabDocument.ImagePlaceholder + s.Instruction + s.Answer + s.Closing),
                .. story.Queries.Select(q => (q.Picture is null ? "" : LabDocument.ImagePlaceholder) + q.Instruction + q.Answer),
            ];
            Assert.That(texts.Select(LabReserved.Current.FindIn), Is.All.Null, string.Join('|', texts));
            Assert.That(texts.SelectMany(t => t.Split(' ', '.', ',', ':', '\n', '>')).Intersect(held), Is.Empty);
            var clips = story.Shots.Select(s => s.Picture).Concat(story.Queries.Select(q => q.Picture).OfType<LabClip>()).ToArray();
            Assert.That(clips.SelectMany(c => c.Things.Select(t => t.Name)).Intersect(held), Is.Empty);
            Assert.That(clips.Select(c => c.Split), Is.All.EqualTo(LabSplit.Train));
        }
    }

    [Test]
    public void What_is_asked_can_be_told_from_the_pairs_before_it()
    {
        // Of a caption the pairs tell the style's word, with which every answer begins.
        foreach (var story in s_stories.Where(s => s.Kind == "labels"))
            Assert.That(story.Queries.Select(q => q.Shots.Select(i => Opening(story.Shots[i].Answer)).Contains(Opening(q.Answer))), Is.All.True);
        Assert.That(s_stories.SelectMany(s => s.Queries.Select(q => q.Shots.Distinct().Count() == q.Shots.Count)), Is.All.True);
    }

    /// <summary>A linear map learns the directions that it sees: every word that the tests may use or that spells their labels must occur.</summary>
    [Test]
    public void Every_word_that_is_not_held_out_occurs()
    {
        var words = s_stories.SelectMany(s => s.Shots).SelectMany(s => s.Answer.Split(' ', StringSplitOptions.RemoveEmptyEntries)).ToHashSet();
        Assert.That(LabReserved.Current.StoryObjects.Select(i => LabWorld.Objects[i].Name), Is.SubsetOf(words));
        Assert.That(LabWorld.Codes, Is.SubsetOf(words));
        Assert.That(LabWorld.Places, Is.SubsetOf(words));
        Assert.That(LabWorld.Syllables.First.Where(first => !words.Any(w => w.StartsWith(first, StringComparison.Ordinal))), Is.Empty);
        Assert.That(LabWorld.Syllables.Second.Where(second => !words.Any(w => w.EndsWith(second, StringComparison.Ordinal))), Is.Empty);
    }

    [Test]
    public void A_story_is_a_function_of_seed_and_index()
    {
        Assert.That(Text(LabStories.Of(1, 7)), Is.EqualTo(Text(s_stories[7])));
        Assert.That(Text(LabStories.Of(2, 7)), Is.Not.EqualTo(Text(s_stories[7])));
    }

    private static string Opening(string answer) => answer.TrimStart().Split(' ')[0];

    private static string Text(LabStory story) => string.Join('|', story.Shots.Select(s => s.Picture.SceneHash + s.Instruction + s.Answer));
}
