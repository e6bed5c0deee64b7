namespace Aim.Models;

/// <summary>
/// How a token is drawn: transformers' warpers, in its order (temperature, top-k, top-p), then a draw from what is left. A draw
/// follows from the seed and the token's place in its answer alone.
/// </summary>
public sealed record Sampling
{
    /// <summary>What logits are divided by.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It is not a finite number greater than 0.</exception>
    public double Temperature
    {
        get;
        init => field = double.IsFinite(value) && value > 0 ? value : throw new ArgumentOutOfRangeException(
            nameof(Temperature), value,
            "a temperature is a finite number greater than 0; take the most probable token by not sampling");
    } = 1;

    /// <summary>Only so many of the most probable tokens stay, with all that equal the last of them; 0: all.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It is negative.</exception>
    public int TopK
    {
        get;
        init
        {
            ArgumentOutOfRangeException.ThrowIfNegative(value, nameof(TopK));
            field = value;
        }
    }

    /// <summary>
    /// Of the tokens in rising order those leave whose probabilities add up to at most 1 - TopP; the most probable one stays.
    /// 1: all stay. Of equally probable ones those with smaller ids stay longer (upstream leaves that open).
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">It does not lie within 0 and 1.</exception>
    public double TopP
    {
        get;
        init => field = value is >= 0 and <= 1 ? value : throw new ArgumentOutOfRangeException(
            nameof(TopP), value, "top-p lies within 0 and 1");
    } = 1;

    /// <summary>Same seed, same answer, in any batch.</summary>
    public ulong Seed { get; init; }

    /// <summary>The probability with which each token is drawn; 0 for those that were left out.</summary>
    /// <param name="logits">[vocabulary], penalties applied.</param>
    /// <exception cref="InvalidOperationException">No logit is a number above minus infinity, or one is infinite.</exception>
    public float[] Probabilities(ReadOnlySpan<float> logits)
    {
        float[] scores = logits.ToArray();
        if (Temperature != 1)
        {
            for (int i = 0; i < scores.Length; i++)
                scores[i] /= (float)Temperature;
        }

        if (TopK > 0 && TopK < scores.Length)
            KeepLargest(scores);
        var kept = new List<int>();
        for (int i = 0; i < scores.Length; i++)
        {
            if (scores[i] != float.NegativeInfinity)
                kept.Add(i);
        }

        if (kept.Count == 0 || kept.Any(i => !float.IsFinite(scores[i])))
            throw new InvalidOperationException("logits are not finite: no token can be drawn from them");
        if (TopP < 1)
            kept = KeepProbable(scores, kept);
        var probabilities = new float[scores.Length];
        Softmax(scores, kept, probabilities);
        return probabilities;
    }

    /// <summary>
    /// The token that a number from [0, 1) falls on when tokens are laid out by id, each as wide as it is probable.
    /// </summary>
    internal int Choose(ReadOnlySpan<float> logits, double uniform)
    {
        float[] probabilities = Probabilities(logits);
        double total = 0, passed = 0;
        foreach (float p in probabilities)
            total += p;
        int last = 0;
        for (int i = 0; i < probabilities.Length; i++)
        {
            if (probabilities[i] == 0)
                continue;
            passed += probabilities[i];
            last = i;
            if (passed > uniform * total)
                break;
        }

        return last;
    }

    // What is smaller than the k-th largest goes.
    private void KeepLargest(float[] scores)
    {
        var largest = new PriorityQueue<float, float>(TopK);
        foreach (float score in scores)
        {
            if (largest.Count < TopK)
                largest.Enqueue(score, score);
            else if (score > largest.Peek())
                largest.EnqueueDequeue(score, score);
        }

        float least = largest.Peek();
        for (int i = 0; i < scores.Length; i++)
        {
            if (scores[i] < least)
                scores[i] = float.NegativeInfinity;
        }
    }

    // Sums in float64, compared in float32, as torch's cumsum and comparison do it: at probabilities like 0.2 and a TopP of 0.8
    // that decides.
    private List<int> KeepProbable(float[] scores, List<int> kept)
    {
        var probabilities = new float[scores.Length];
        Softmax(scores, kept, probabilities);
        int[] rising = Rising(scores, kept);
        float most = (float)(1 - TopP);
        double sum = 0;
        int removed = 0;
        foreach (int i in rising[..^1])
        {
            sum += probabilities[i];
            if ((float)sum > most)
                break;
            removed++;
        }

        return [.. rising[removed..].Order()];
    }

    // By score, then by falling id, as one number each: a vocabulary is sorted with every token that is drawn.
    private static int[] Rising(float[] scores, List<int> kept)
    {
        var keys = new ulong[kept.Count];
        for (int i = 0; i < keys.Length; i++)
        {
            uint bits = BitConverter.SingleToUInt32Bits(scores[kept[i]] + 0f);
            uint ordered = (bits & 0x80000000) == 0 ? bits | 0x80000000 : ~bits;
            keys[i] = ((ulong)ordered << 32) | ~(uint)kept[i];
        }

        Array.Sort(keys);
        return Array.ConvertAll(keys, key => (int)~(uint)key);
    }

    private static void Softmax(float[] scores, List<int> kept, float[] probabilities)
    {
        float max = kept.Max(i => scores[i]);
        double sum = 0;
        foreach (int i in kept)
            sum += probabilities[i] = MathF.Exp(scores[i] - max);
        foreach (int i in kept)
            probabilities[i] /= (float)sum;
    }
}

/// <summary>Numbers that follow from a seed and a place, so that no row's draws depend on another's.</summary>
internal static class SampleRandom
{
    private const ulong Golden = 0x9E3779B97F4A7C15;

    /// <summary>Uniform in [0, 1): splitmix64's number of a place, in a stream that the mixed seed begins.</summary>
    public static double Uniform(ulong seed, int place)
        => (Mix(Mix(seed + Golden) + ((ulong)place + 1) * Golden) >> 11) * (1.0 / (1UL << 53));

    private static ulong Mix(ulong z)
    {
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }
}
