namespace Aim.Reduction.Tests;

public class TokenMixtureTests
{
    [Test]
    public void RowsAreWeightedSums()
    {
        using var scope = NewDisposeScope();
        var mixture = new TokenMixture(3, [MixedToken.Copy(2), new([0, 1], [0.5f, 2]), new([], [])]);
        var x = tensor(new float[] { 1, 2, 3, 4, 5, 6 }, [3, 2]);
        Assert.That(mixture.Apply(x).data<float>().ToArray(), Is.EqualTo((float[])[5, 6, 6.5f, 9, 0, 0]));
        Assert.That(mixture.Apply(x).shape, Is.EqualTo((long[])[3, 2]));
    }

    [Test]
    public void ItIsAboutItsOwnTokens()
    {
        using var scope = NewDisposeScope();
        Assert.That(
            () => new TokenMixture(3, []).Apply(ones(4, 2)),
            Throws.ArgumentException.With.Message.Contains("[3, ..], not [4, 2]"));
    }
}
