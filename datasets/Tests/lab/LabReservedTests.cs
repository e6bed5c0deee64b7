namespace Aim.Datasets.Tests.Lab;

public class LabReservedTests
{
    private const int Steps = 3000;

    private static string Valid => """
        {"schema": 1, "dataVersion": "2", "labels": ["gipu"], "heldOutObjects": ["dog"],
         "templates": [{"name": "a", "demonstration": "{thing} answer: {label}.", "query": "{thing} answer:"}]}
        """;

    private static IEnumerable<LabDocument> Documents(ILabStream stream)
    {
        for (int step = 0; step < Steps; step++)
        {
            yield return stream.Text(step, 0);
            yield return stream.Joint(step, 0);
        }
    }

    /// <summary>What the in-context tests use is new: nothing reserved occurs in any training document.</summary>
    [Test]
    public void TrainingHoldsNothingReserved()
    {
        ILabStream[] streams = [new LabSingleStream(1), new LabSingleStream(2), new LabMultiStream(1), new LabStream(1)];
        foreach (var stream in streams)
            foreach (var document in Documents(stream))
                Assert.That(LabReserved.Current.FindIn(document.Text), Is.Null, document.Text);
    }

    /// <summary>The scan finds what it looks for.</summary>
    [Test]
    public void TheScanFindsReservedWordsAndTemplates()
    {
        foreach (string label in LabReserved.Current.Labels)
            Assert.That(LabReserved.Current.FindIn($"<image>: {label}<image>"), Is.EqualTo(label));
        foreach (var template in LabReserved.Current.Templates)
        {
            Assert.That(LabReserved.Current.FindIn(" dog zorb" + template.Demonstrate("<image>", "zorb")),
                Is.EqualTo(template.Name));
            Assert.That(LabReserved.Current.FindIn(template.Demonstrate(" dog", "blip")), Is.EqualTo(template.Name));
            Assert.That(LabReserved.Current.FindIn(template.Ask("<image>")), Is.EqualTo(template.Name));
        }
        Assert.That(LabReserved.Current.FindIn("<image>: zorb dog blip what is the code? it is the dog."), Is.Null);
    }

    /// <summary>
    /// Every token of a reserved label or template is learnt or at least read in lab-single's training, labels' tokens as labels.
    /// </summary>
    [Test]
    public void ReservedWordsAreMadeOfTrainedTokens()
    {
        var read = new HashSet<string>();
        var learnt = new HashSet<string>();
        foreach (var segment in Documents(new LabSingleStream(3)).SelectMany(document => document.Segments))
        {
            var tokens = LabTokenizerTests.Encode(segment.Text);
            read.UnionWith(tokens);
            if (segment.Kind is "pair" or "picture-pair")
                learnt.UnionWith(tokens);
        }
        foreach (string label in LabReserved.Current.Labels)
            Assert.That(LabTokenizerTests.Encode(" " + label),
                Has.Count.EqualTo(2).And.All.Matches<string>(learnt.Contains), label);
        foreach (var template in LabReserved.Current.Templates)
            Assert.That(LabTokenizerTests.Encode(template.Demonstrate("<image>", "zorb")), Is.SubsetOf(read), template.Name);
    }

    [Test]
    public void EveryLabelIsTwoSyllables()
    {
        Assert.That(LabLabels.All, Is.Unique.And.Count.EqualTo(144));
        foreach (string label in LabLabels.All)
            Assert.That(LabTokenizerTests.Encode(" " + label), Has.Count.EqualTo(2), label);
        Assert.That(LabLabels.Training.Intersect(LabReserved.Current.Labels), Is.Empty);
        Assert.That(LabLabels.Training, Has.Count.EqualTo(LabWorld.Codes.Count + 144 - LabReserved.Current.Labels.Count));
        Assert.That(LabReserved.Current.Labels.Select(label => label[..2]).Distinct().Count(),
            Is.EqualTo(12), "every first syllable");
        Assert.That(LabReserved.Current.Labels.Select(label => label[2..]).Distinct().Count(),
            Is.EqualTo(12), "every second syllable");
    }

    [Test]
    public void HeldOutObjectsAreOfEveryCategoryAndInNoStoryOfSeveralPictures()
    {
        var held = LabReserved.Current.TestObjects.ToHashSet();
        Assert.That(held.Select(i => LabWorld.Objects[i].Category).ToHashSet(), Is.EquivalentTo(LabWorld.Categories));
        Assert.That(LabReserved.Current.StoryObjects.Concat(held), Is.EquivalentTo(Enumerable.Range(0, LabWorld.Objects.Count)));
        int several = 0;
        foreach (var document in Documents(new LabMultiStream(4)).Where(document => document.Shown.Count > 1))
        {
            several++;
            Assert.That(document.Shown.SelectMany(shown => shown.Clip.Things).Select(thing => thing.Object),
                Has.None.Matches<int>(held.Contains));
            Assert.That(document.Text.Split(' ', ':', '<', '>').Intersect(LabReserved.Current.HeldOutObjects),
                Is.Empty, document.Text);
        }
        Assert.That(several, Is.GreaterThan(Steps / 2));
    }

    [Test]
    public void AFileIsReadOrRefusedWithTheReason()
    {
        Assert.That(LabReserved.Read(Valid, "f").Templates[0].Demonstrate("<image>", "gipu"),
            Is.EqualTo("<image> answer: gipu."));
        foreach (var (was, becomes, field) in new[]
        {
            ("\"schema\": 1", "\"schema\": 2", "schema"),
            ("\"2\"", "\"1\"", "dataVersion"),
            ("gipu", "gizz", "labels"),
            ("[\"gipu\"]", "[]", "labels"),
            ("[\"gipu\"]", "[\"gipu\", \"gipu\"]", "labels"),
            ("[\"gipu\"]", "[1]", "labels"),
            ("\"dog\"", "\"dragon\"", "dragon"),
            ("\"query\": \"{thing} answer:\"", "\"query\": \"answer:\"", "templates"),
            ("{thing} answer: {label}.", "{label}", "templates"),
            ("\"name\": \"a\", ", "", "name"),
            ("{\"schema\"", "\"schema\"", "JSON"),
        })
        {
            string broken = Valid.Replace(was, becomes, StringComparison.Ordinal);
            Assert.That(broken, Is.Not.EqualTo(Valid));
            Assert.That(() => LabReserved.Read(broken, "some.json"),
                Throws.InstanceOf<FormatException>().With.Message.Contains("some.json").And.Message.Contains(field), becomes);
        }
    }
}
