using Aim.Datasets;
using Aim.Models;

namespace Aim.Experiments.Training;

/// <summary>
/// The text that teaches copying, before look-ups: half of the documents are a random sequence over and over, which a head at a
/// fixed distance can also guess at, half are pairs of words drawn again and again in random order, which only the contents can
/// tell.
/// </summary>
internal sealed class CopyTexts(ulong seed, BpeTokenizer tokenizer)
{
    private const ulong Stream = 0x636f7079;
    private const int Tokens = 40;

    private readonly int[] words = [.. LabTokenizer.SpacedWords.Select(word => tokenizer.Encode(" " + word).Single())];

    /// <summary>A document: a pure function of seed, step and item.</summary>
    public TrainingDocument Draw(int step, int item)
    {
        var random = new LabRandom(Stream, seed, (ulong)step, (ulong)item);
        return random.Chance(0.5) ? Pairs(random) : Repeats(random);
    }

    private TrainingDocument Repeats(LabRandom random)
    {
        var sequence = random.Distinct(random.Between(5, 13), words.Length);
        var ids = Enumerable.Range(0, Tokens).Select(i => words[sequence[i % sequence.Length]]).ToArray();
        var targets = Enumerable.Range(sequence.Length,
            Tokens - sequence.Length).Select((at, n) => new AnswerTarget(at, "repeat", n));
        return new TrainingDocument(ids, [.. targets]);
    }

    private TrainingDocument Pairs(LabRandom random)
    {
        var pairs = random.Between(3, 8);
        var chosen = random.Distinct(2 * pairs, words.Length);
        var seen = new bool[pairs];
        var ids = new int[Tokens];
        List<AnswerTarget> targets = [];
        for (var i = 0; i < Tokens; i += 2)
        {
            var pair = random.Below(pairs);
            (ids[i], ids[i + 1]) = (words[chosen[2 * pair]], words[chosen[(2 * pair) + 1]]);
            if (seen[pair])
            {
                targets.Add(new AnswerTarget(i + 1, "pair", targets.Count));
            }

            seen[pair] = true;
        }

        // A document without a second look teaches nothing, but 20 draws of at most 8 pairs always have one.
        return new TrainingDocument(ids, targets);
    }
}
