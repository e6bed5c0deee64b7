namespace Aim.Datasets;

/// <summary>Turns about a scene, whether it is shown or told in words. No fact is asked twice in a document: an answer must come
/// from the frames, not from an earlier turn (but for what follows a list of the things, which is marked so).</summary>
internal static class LabTurns
{
    /// <summary>Marks the kinds of questions that follow a list of the things: their answers stand in the text.</summary>
    public const string Listed = " (listed)";

    private const double Glimpses = 0.3;

    /// <summary>Turns about what appears when.</summary>
    public static List<LabQuestion> OfOrder(LabRandom random, LabShares shares, IReadOnlyList<string> order)
    {
        var facts = Enumerable.Range(0, order.Count - 1).Select(i => LabFacts.After(order, i)).ToList();
        random.Shuffle(facts);
        facts.InsertRange(0, [LabFacts.End(order, last: false), LabFacts.End(order, last: true)]);
        var others = Presence(random, shares, order, random.Between(1, Math.Max(1, shares.Turns / 4)));
        others.Add(LabFacts.Order(order, random.Chance(0.5), random).Ask(FormOfMany(random, shares), random));
        if (random.Chance(0.5))
            others.Add(LabFacts.Count(order.Count).Ask(FormOfMany(random, shares), random));
        return Mix(random, shares, facts.Take(Math.Max(1, shares.Turns - others.Count)), others);
    }

    /// <summary>Turns about what is where.</summary>
    public static List<LabQuestion> OfPlaces(
        LabRandom random, LabShares shares, IReadOnlyList<(string Name, string Place)> things)
    {
        string[] all = [.. things.Select(thing => thing.Name)], places = [.. things.Select(thing => thing.Place)];
        var mixed = things.ToList();
        random.Shuffle(mixed);
        // Half of the things are asked for by place, the others' places by thing: no pair is asked in both directions.
        int byPlace = (mixed.Count + 1) / 2;
        var facts = mixed.Take(byPlace).Select(thing => LabFacts.At(thing.Name, thing.Place, all));
        var others = mixed.Skip(byPlace)
            .Select(thing => LabFacts.Where(thing.Name, thing.Place, places).Ask(FormOfMany(random, shares), random)).ToList();
        others.Add(LabFacts.Count(things.Count).Ask(FormOfMany(random, shares), random));
        others.AddRange(Presence(random, shares, all, Math.Max(1, shares.Turns - mixed.Count - 1)));
        return [.. Mix(random, shares, facts, others).Take(shares.Turns)];
    }

    /// <summary>
    /// A list of the things, then questions whose answers stand in that list (<paramref name="firstAndLast"/> may be asked).
    /// </summary>
    public static List<LabQuestion> OfList(LabRandom random, LabShares shares, IReadOnlyList<string> names, bool firstAndLast)
    {
        List<LabFact> facts = firstAndLast
            ? [LabFacts.End(names, last: false), LabFacts.End(names, last: true),
                LabFacts.After(names, random.Below(names.Count - 1))]
            : [LabFacts.Which(names, random)];
        random.Shuffle(facts);
        return
        [
            LabFacts.Describe(names).Ask(LabForm.Direct, random),
            .. facts.Select(fact => fact.Ask(fact.NeedsOptions ? LabForm.Choice : Worked(random, shares, fact), random))
                .Select(question => question with { Kind = question.Kind + Listed }),
        ];
    }

    /// <summary>Turns about which way things move.</summary>
    public static List<LabQuestion> OfMotion(LabRandom random, LabShares shares,
        IReadOnlyList<(string Name, string Direction)> movers, IReadOnlyList<string> all)
    {
        var facts = movers.Select(mover => LabFacts.Motion(mover.Name, mover.Direction)).ToList();
        return Mix(random, shares, facts, Presence(random, shares, all, 1));
    }

    /// <summary>Turns about what appears briefly: one of two, or both.</summary>
    public static List<LabQuestion> OfBrief(LabRandom random, LabShares shares, string brief, IReadOnlyList<string> all)
    {
        bool both = !shares.BriefAlone, glimpse = both || random.Chance(Glimpses);
        // 'Is it there' first, of the brief thing or of a stranger: the other question's answer would tell.
        List<LabQuestion> turns = glimpse
            ? [LabFacts.Glimpse(brief, all, random.Chance(0.5), random).Ask(LabForm.Direct, random)]
            : [];
        if (both || !glimpse)
            turns.Add(Asked(random, shares, LabFacts.Brief(brief, all)));
        return turns;
    }

    /// <summary>Turns about what a plate says.</summary>
    public static List<LabQuestion> OfPlate(LabRandom random, LabShares shares, IReadOnlyList<string> words, bool digits)
    {
        if (random.Chance(0.5))
            return [LabFacts.Read(words, digits).Ask(LabForm.Direct, random)];
        int[] asked = random.Distinct(Math.Min(words.Count, 3), words.Count);
        return [.. asked.Select(i => Asked(random, shares, LabFacts.Glyph(words, i, digits)))];
    }

    /// <summary>One turn about one thing: its name, or its code by a rule that is told before it is shown.</summary>
    /// <returns>What stands before the question (the rule, and <paramref name="shown"/>), and the turn.</returns>
    public static (string Opening, List<LabQuestion> Turns) OfSingle(
        LabRandom random, LabShares shares, string name, string shown, double rules)
    {
        if (!random.Chance(rules))
            return ($"{shown}\n", [Asked(random, shares, LabFacts.Name(name))]);
        var rule = LabKinds.Ask(LabFacts.Name(name), "rule", random, random.Below(LabWorld.Letters.Count));
        return ($"{rule.Before}\n{shown}\n", [rule]);
    }

    /// <summary>A scaffold: the work after the look alone, with the answer named in the text.</summary>
    public static List<LabQuestion> Told(LabRandom random, LabShares shares)
    {
        var turns = new List<LabQuestion>();
        foreach (int i in random.Distinct(shares.Turns, LabWorld.Objects.Count))
        {
            var fact = random.Below(10) switch
            {
                0 => LabFacts.Motion("", random.Pick(LabWorld.Directions)),
                1 => LabFacts.Where("", random.Pick(LabWorld.Places), []),
                2 => LabFacts.Count(random.Between(2, 6)),
                _ => LabFacts.Name(LabWorld.Objects[i].Name),
            };
            turns.Add(fact.AskTold(Worked(random, shares, fact), random));
        }
        return turns;
    }

    private static List<LabQuestion> Presence(LabRandom random, LabShares shares, IReadOnlyList<string> all, int count)
    {
        var asked = new List<LabQuestion>();
        while (asked.Count < count)
        {
            bool which = FormOfMany(random, shares) == LabForm.Choice && asked.All(q => q.Kind == "there");
            var question = which
                ? LabFacts.Which(all, random).Ask(LabForm.Choice, random)
                : LabFacts.There(all, random.Chance(0.5), random).Ask(LabForm.Direct, random);
            if (asked.All(q => q.Question != question.Question))
                asked.Add(question);
        }
        return asked;
    }

    private static List<LabQuestion> Mix(
        LabRandom random, LabShares shares, IEnumerable<LabFact> facts, IEnumerable<LabQuestion> others)
    {
        List<LabQuestion> turns = [.. facts.Select(fact => Asked(random, shares, fact)), .. others];
        random.Shuffle(turns);
        // Options and code books name things that are there. In half of the documents 'there' comes before them, so that it
        // cannot be answered by looking for the name in the text; so do the questions whose words tell nothing.
        return random.Chance(0.5) ? [.. turns.OrderBy(turn => turn.Kind is not ("there" or "count" or "mc-count"))] : turns;
    }

    private static LabQuestion Asked(LabRandom random, LabShares shares, LabFact fact)
    {
        var form = (LabForm)random.Weighted([shares.Direct, shares.Choice, shares.Code, shares.Hop]);
        if (form == LabForm.Hop && fact.IsObject && !random.Chance(EvenChance(fact.Answer)))
            form = LabForm.Direct;
        return fact.Ask(fact.Allows(form) ? form : LabForm.Direct, random);
    }

    /// <summary>A form other than the bare question.</summary>
    private static LabForm Worked(LabRandom random, LabShares shares, LabFact fact)
    {
        var form = shares.Choice + shares.Code + shares.Hop > 0
            ? (LabForm)(1 + random.Weighted([shares.Choice, shares.Code, shares.Hop]))
            : LabForm.Choice;
        bool even = form != LabForm.Hop || !fact.IsObject || random.Chance(EvenChance(fact.Answer));
        return fact.Allows(form) && even ? form : LabForm.Choice;
    }

    /// <summary>The form of a fact whose answer is not an object: letters or the bare question.</summary>
    private static LabForm FormOfMany(LabRandom random, LabShares shares) =>
        random.Weighted([shares.Direct + shares.Code + shares.Hop, shares.Choice]) == 1 ? LabForm.Choice : LabForm.Direct;

    /// <summary>
    /// Brings every category to the same share of two-hop questions, as in the tests: its size must not tell the answer.
    /// </summary>
    private static double EvenChance(string name) =>
        LabWorld.Categories.Min(SizeOf) / (double)SizeOf(LabWorld.CategoryOf(name));

    private static int SizeOf(string category) => CategorySizes[category];

    private static readonly Dictionary<string, int> CategorySizes = LabWorld.Objects
        .GroupBy(thing => thing.Category).ToDictionary(category => category.Key, category => category.Count());
}
