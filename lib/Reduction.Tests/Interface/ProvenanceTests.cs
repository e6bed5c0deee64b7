using Aim.Models.Tests;

namespace Aim.Reduction.Tests.Interface;

public class ProvenanceTests
{
    [Test]
    public void StepsComposeAsTheirFeaturesDo()
    {
        using var scope = NewDisposeScope();
        var first = Provenance.OfAssignment(3, [0, 0, 1, -1, 2], [0.5f, 0.5f, 1, 0, 1]);
        var second = new Provenance(3, [[2, 0], [1]], [[0.25f, 0.75f], [1]]);
        var both = first.Then(second);
        Assert.That(both.From(0), Is.EqualTo((int[])[0, 1, 4]));
        Assert.That(both.Weights(0), Is.EqualTo((float[])[0.375f, 0.375f, 0.25f]));
        var x = tensor((float[])[1, 2, 3, 4, 5, 6, 7, 8, 9, 10], [5, 2]);
        Assert.That(TensorValues.Difference(both.Apply(x), second.Apply(first.Apply(x))), Is.LessThan(1e-6));
        Assert.That(() => second.Then(first), Throws.ArgumentException);
    }

    [Test]
    public void FramesAreCountedOn()
    {
        var both = Provenance.Concat([Provenance.OfChoice(3, [2]), Provenance.Identity(2)]);
        Assert.That((both.Inputs, both.Outputs), Is.EqualTo((5, 3)));
        Assert.That(Enumerable.Range(0, 3).SelectMany(both.From), Is.EqualTo((int[])[2, 3, 4]));
    }

    [Test]
    public void AMatrixsZerosAreNobody()
    {
        var half = Provenance.OfMatrix(2, 3, [0.5f, 0, 0.5f, 0, 0, 0]);
        Assert.That(half.From(0), Is.EqualTo((int[])[0, 2]));
        Assert.That(half.From(1), Is.Empty);
    }

    [Test]
    public void WhatDoesNotExistIsRefused()
    {
        Assert.That(() => new Provenance(2, [[2]], [[1]]), Throws.ArgumentException.With.Message.Contains("2 inputs"));
        Assert.That(() => new Provenance(2, [[1]], [[1, 1]]), Throws.ArgumentException);
    }
}
