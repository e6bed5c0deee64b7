using FsCheck;
using FsCheck.Fluent;
using static Aim.Fusion.Tests.LabHosts;

namespace Aim.Fusion.Tests;

public sealed class SelectorTests
{
    [FsCheck.NUnit.Property(MaxTest = 50)]
    public bool Random_ones_are_different_and_a_function_of_the_seed(byte pool, byte count, ulong seed)
    {
        int k = pool == 0 ? 0 : count % (pool + 1);
        var selector = new RandomSelector(pool);
        var chosen = selector.Select(k, null, seed);
        return chosen.Distinct().Count() == k && chosen.All(i => i >= 0 && i < pool)
            && chosen.SequenceEqual(selector.Select(k, null, seed));
    }

    [FsCheck.NUnit.Property(MaxTest = 50)]
    public bool Balanced_classes_differ_by_one_at_most_until_one_is_used_up(NonEmptyArray<byte> classes, byte count, ulong seed)
    {
        string[] names = [.. classes.Get.Select(c => $"{c % 3}")];
        int k = count % (names.Length + 1);
        var chosen = new ClassBalancedSelector(names).Select(k, null, seed);
        var counts = names.Distinct().ToDictionary(n => n, n => chosen.Count(i => names[i] == n));
        return chosen.Distinct().Count() == k
            && counts.All(c => c.Value == names.Count(n => n == c.Key) || counts.Values.Max() - c.Value <= 1);
    }

    [Test]
    public void The_most_similar_demonstration_stands_next_to_the_query()
    {
        Demonstration[] pool = [Demonstration(1), Demonstration(2), new(null, ":", " gipu"), Demonstration(3)];
        var chosen = new SimilaritySelector(Lab, pool).Select(3, Picture(2), 0);
        Assert.That(chosen[^1], Is.EqualTo(1));
        Assert.That(chosen, Does.Not.Contain(2).And.Unique);
    }

    [Test]
    public void More_than_there_are_is_refused()
        => Assert.That(() => new RandomSelector(3).Select(4, null, 1),
            Throws.ArgumentException.With.Message.Contains("there are 3"));
}
