namespace Aim.Experiments.Analysis;

/// <summary>
/// Splits samples by whether a cheap method already answers them (VTC-Bench's point: on those, methods cannot differ, and an
/// accuracy over all samples hides it). Hard are the samples that the unreduced model has right and the cheap method wrong; what
/// the unreduced model has wrong tells nothing about reduction and is left out.
/// </summary>
internal static class HardSubset
{
    /// <summary>Indices of the easy and of the hard samples.</summary>
    /// <param name="unreduced">Right answers of the unreduced model.</param>
    /// <param name="cheap">Right answers of the cheap method, on the same samples or the first of them.</param>
    public static (int[] Easy, int[] Hard) Split(IReadOnlyList<bool> unreduced, IReadOnlyList<bool> cheap)
    {
        int[] answered = [.. Enumerable.Range(0, Math.Min(unreduced.Count, cheap.Count)).Where(i => unreduced[i])];
        return ([.. answered.Where(i => cheap[i])], [.. answered.Where(i => !cheap[i])]);
    }

    /// <summary>How many of the given samples a method has right; those beyond its own are left out.</summary>
    public static (int Correct, int Samples) Score(IReadOnlyList<bool> right, IReadOnlyList<int> subset)
    {
        int[] own = [.. subset.Where(i => i < right.Count)];
        return (own.Count(i => right[i]), own.Length);
    }
}
