using Aim.Experiments.Analysis;

namespace Aim.Experiments.Tests.Analysis;

public class MergeKindsTests
{
    /// <summary>
    /// A frame of a 2x2 grid of 2x2 pixels: thing 0 in the first token, thing 1 in the second and third, background in the
    /// fourth.
    /// </summary>
    private static TokenOwners Owners() =>
        TokenOwners.Of([[0, 0, 1, 1, 0, 0, 1, 1, 1, 1, -1, -1, 1, -1, -1, 0]], side: 4, grid: 2, things: 2);

    [Test]
    public void A_token_belongs_to_the_thing_that_covers_half_of_it()
    {
        var owners = Owners();
        Assert.That(Enumerable.Range(0, 4).Select(t => TokenOwners.OwnerOf(owners.Pixels(0, t))),
            Is.EqualTo(new[] { 1, 2, 2, 0 }));
        Assert.That(owners.Pixels(0, 3), Is.EqualTo(new[] { 3, 1, 0 }));
        Assert.That(TokenOwners.OwnerOf([2, 1, 1]), Is.Zero, "two things with a quarter each");
        Assert.That(TokenOwners.OwnerOf([0, 2, 2]), Is.EqualTo(1), "the first of equals");
    }

    [Test]
    public void Each_merge_is_counted_by_what_its_two_tokens_show()
    {
        // Slot 0 (thing 0) into slot 1 (thing 1); slot 2 (thing 1) into slot 3 (background).
        var counts = MergeKinds.Of(Owners(), [new MergeAssignment([[0, 0, 1, 1]])]);
        Assert.That(counts.Observed.Single(),
            Is.EqualTo(Counts((MergeKind.AcrossObjects, 1), (MergeKind.ObjectAndBackground, 1))));
        // By chance: slot 0 meets thing 1 or background, slot 2 thing 1 or background.
        Assert.That(counts.Expected.Single(), Is.EqualTo(new[] { 0.5, 0, 1, 0.5 }).Within(1e-12));
    }

    private static int[] Counts(params (MergeKind Kind, int Count)[] counts)
    {
        var all = new int[MergeKinds.Count];
        foreach (var (kind, count) in counts)
            all[(int)kind] = count;
        return all;
    }

    /// <summary>Random scenes and steps against a reference that walks patch by patch through the whole history.</summary>
    [FsCheck.NUnit.Property(MaxTest = 50)]
    public bool Counts_equal_those_of_a_reference_that_keeps_every_patch(int seed)
    {
        var random = new Random(seed);
        int frames = random.Next(1, 4), grid = random.Next(2, 5), things = random.Next(1, 4), tokens = grid * grid;
        var pixels = Enumerable.Range(0, frames).Select(_ => Enumerable.Range(0, tokens).Select(_ =>
            Enumerable.Range(0, things + 1).Select(_ => random.Next(0, 6)).ToArray()).ToArray()).ToArray();
        var steps = new List<MergeAssignment>();
        int count = tokens;
        for (int s = 0; s < 3 && count >= 2; s++)
        {
            int merged = random.Next(1, count / 2 + 1);
            steps.Add(new MergeAssignment([.. Enumerable.Range(0, frames).Select(_ => Step(random, count, merged))]));
            count -= merged;
        }
        var found = MergeKinds.Of(new TokenOwners(pixels), steps);
        var (observed, expected) = Reference(pixels, steps);
        return found.Observed.Zip(observed).All(p => p.First.SequenceEqual(p.Second))
            && found.Expected.Zip(expected).All(p => p.First.Zip(p.Second).All(v => Math.Abs(v.First - v.Second) < 1e-9));
    }

    // Even slots that stay first, then the odd ones; merged even slots into random odd ones.
    private static int[] Step(Random random, int count, int merged)
    {
        int[] sources = [.. Enumerable.Range(0, (count + 1) / 2).Select(i => 2 * i)];
        random.Shuffle(sources);
        var assign = new int[count];
        int stay = sources.Length - merged;
        for (int i = 0; i < stay; i++)
            assign[sources[i]] = i;
        for (int b = 0; b < count / 2; b++)
            assign[2 * b + 1] = stay + b;
        foreach (int source in sources[stay..])
            assign[source] = stay + random.Next(count / 2);
        return assign;
    }

    private static (List<int[]> Observed, List<double[]> Expected) Reference(int[][][] pixels, List<MergeAssignment> steps)
    {
        var (observed, expected) = (new List<int[]>(), new List<double[]>());
        var at = pixels.Select(f => Enumerable.Range(0, f.Length).ToArray()).ToArray(); // the slot that each patch is in
        foreach (var step in steps)
        {
            var (counts, chance) = (new int[4], new double[4]);
            for (int f = 0; f < pixels.Length; f++)
            {
                int[] assign = step.Assign[f];
                int Label(int slot)
                {
                    var sum = new int[pixels[f][0].Length];
                    for (int p = 0; p < at[f].Length; p++)
                        for (int k = 0; at[f][p] == slot && k < sum.Length; k++)
                            sum[k] += pixels[f][p][k];
                    int best = 0;
                    for (int k = 1; k < sum.Length; k++)
                        if (sum[k] > 0 && 2 * sum[k] >= sum.Sum() && (best == 0 || sum[k] > sum[best]))
                            best = k;
                    return best;
                }
                int Kind(int a, int b) => (int)(Label(a) == 0 && Label(b) == 0 ? MergeKind.Background
                    : Label(a) == 0 || Label(b) == 0 ? MergeKind.ObjectAndBackground
                    : Label(a) == Label(b) ? MergeKind.SameObject : MergeKind.AcrossObjects);
                for (int a = 0; a < assign.Length; a += 2)
                    for (int b = 1; b < assign.Length; b += 2)
                        if (assign[a] == assign[b])
                        {
                            counts[Kind(a, b)]++;
                            for (int other = 1; other < assign.Length; other += 2)
                                chance[Kind(a, other)] += 1.0 / (assign.Length / 2);
                        }
                at[f] = [.. at[f].Select(slot => assign[slot])];
            }
            observed.Add(counts);
            expected.Add(chance);
        }
        return (observed, expected);
    }
}
