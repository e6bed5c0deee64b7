namespace Aim.Datasets;

/// <summary>Documents with several questions about one clip or picture. No fact is asked twice in a document: an answer must come from
/// the frames, not from an earlier turn.</summary>
internal static class LabTurns
{
    /// <summary>A clip that <paramref name="frames"/> sampled frames tell unambiguously, with its turns.</summary>
    public static LabDocument Clip(LabRandom random, LabSplit split, LabShares shares, int frames)
    {
        var clip = LabClip.Video(random, split, Math.Min(frames, LabData.MinFrames));
        string[] order = [.. clip.Things.Select(thing => thing.Name)];
        return new LabDocument(LabSource.Clip, clip, clip.Sample(frames),
            LabDocument.Chat(LabDocument.Placeholder + "\n", OfOrder(random, shares, order)));
    }

    /// <summary>A single picture: several things and their places, or one thing alone.</summary>
    public static LabDocument Picture(LabRandom random, LabSplit split, LabShares shares)
    {
        bool single = random.Chance(shares.SingleThings);
        var clip = LabClip.Picture(random, split, single ? 1 : random.Between(2, 6));
        var (opening, turns) = single
            ? OfSingle(random, shares, clip.Things[0].Name, LabDocument.Placeholder)
            : (LabDocument.Placeholder + "\n", OfPlaces(random, shares, [.. clip.Things.Select(t => (t.Name, t.Place))]));
        return new LabDocument(LabSource.Picture, clip, [0], LabDocument.Chat(opening, turns));
    }

    /// <summary>Turns about what appears when.</summary>
    public static List<LabQuestion> OfOrder(LabRandom random, LabShares shares, IReadOnlyList<string> order)
    {
        int presence = random.Between(1, Math.Max(1, shares.Turns / 4 + 1));
        var facts = Enumerable.Range(0, order.Count - 1).Select(i => LabKinds.After(order, i)).ToList();
        random.Shuffle(facts);
        facts.InsertRange(0, [LabKinds.End(order, last: false), LabKinds.End(order, last: true)]);
        return Mix(random, shares, facts.Take(shares.Turns - presence), Presence(random, order, presence));
    }

    /// <summary>Turns about what is where.</summary>
    public static List<LabQuestion> OfPlaces(LabRandom random, LabShares shares, IReadOnlyList<(string Name, string Place)> things)
    {
        string[] all = [.. things.Select(thing => thing.Name)];
        var mixed = things.ToList();
        random.Shuffle(mixed);
        // Half of the things are asked for by place, the others' places by thing: no pair is asked in both directions.
        int byPlace = (mixed.Count + 1) / 2;
        var facts = mixed.Take(byPlace).Select(thing => LabKinds.At(thing.Name, thing.Place, all));
        var others = mixed.Skip(byPlace).Select(thing => LabKinds.Where(thing.Name, thing.Place)).ToList();
        others.Add(LabKinds.Count(things.Count));
        others.AddRange(Presence(random, all, Math.Max(1, shares.Turns - mixed.Count - 1)));
        var turns = Mix(random, shares, facts, others);
        return [.. turns.Take(shares.Turns)];
    }

    /// <summary>One turn about one thing: its name, or its code by a rule that is told before it is shown.</summary>
    /// <returns>What stands before the question (the rule, and <paramref name="shown"/>), and the turn.</returns>
    public static (string Opening, List<LabQuestion> Turns) OfSingle(LabRandom random, LabShares shares, string name, string shown)
    {
        if (random.Chance(0.5))
        {
            var code = LabKinds.Name(name).Ask(LabForm.Code, random);
            string book = code.Question[..(code.Question.IndexOf('.') + 1)];
            return ($"{book}\n{shown}\n", [new LabQuestion("rule", "what is the code?", code.Answer, code.Choices)]);
        }
        return ($"{shown}\n", [LabKinds.Name(name).Ask(Form(random, shares), random)]);
    }

    private static List<LabQuestion> Presence(LabRandom random, IReadOnlyList<string> all, int count)
    {
        var asked = new List<LabQuestion>();
        while (asked.Count < count)
        {
            var question = LabKinds.There(all, random.Chance(0.5), random);
            if (asked.All(q => q.Question != question.Question))
                asked.Add(question);
        }
        return asked;
    }

    private static List<LabQuestion> Mix(LabRandom random, LabShares shares, IEnumerable<LabFact> facts, IEnumerable<LabQuestion> others)
    {
        List<LabQuestion> turns = [.. facts.Select(fact => fact.Ask(Form(random, shares), random)), .. others];
        random.Shuffle(turns);
        // Options and code books name things that are there. In half of the documents 'there' comes before them, so that it
        // cannot be answered by looking for the name in the text.
        return random.Chance(0.5) ? [.. turns.OrderBy(turn => turn.Kind != "there")] : turns;
    }

    private static LabForm Form(LabRandom random, LabShares shares) =>
        (LabForm)random.Weighted([shares.Direct, shares.Choice, shares.Code]);
}
