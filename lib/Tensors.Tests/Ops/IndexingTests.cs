using static Aim.Tensors.torch.TensorIndex;

namespace Aim.Tensors.Tests.Ops;

/// <summary>Python's indexing, spelled with <c>TensorIndex</c>.</summary>
public sealed class IndexingTests
{
    private static Tensor X => arange(24, dtype: float32).view(2, 3, 4);

    [Test]
    public void NumbersSlicesNoneAndEllipsisGiveViews()
    {
        using var scope = NewDisposeScope();
        var x = X;
        Assert.Multiple(() =>
        {
            Assert.That(Values(x[1, -1, 2]), Is.EqualTo(new float[] { 22 }));
            Assert.That(x[.., None, 1..].shape, Is.EqualTo(new long[] { 2, 1, 2, 4 }));
            Assert.That(Values(x[Ellipsis, 0]), Is.EqualTo(new float[] { 0, 4, 8, 12, 16, 20 }));
            Assert.That(Values(x[0, 0, Slice(-3, null, 2)]), Is.EqualTo(new float[] { 1, 3 }));
            Assert.That(x[5.., ..].shape, Is.EqualTo(new long[] { 0, 3, 4 }));
        });
        x[0, 0].fill_(-1);
        Assert.That(Values(x[0, 0]), Is.All.EqualTo(-1), "a view writes through");
    }

    [Test]
    public void SeparatedIndexTensorsGoToTheFront()
    {
        using var scope = NewDisposeScope();
        var i = tensor(new long[] { 1, 0 });
        var j = tensor(new long[] { 3, 1 });
        Assert.Multiple(() =>
        {
            Assert.That(X[TensorIndex.Tensor(i), .., TensorIndex.Tensor(j)].shape, Is.EqualTo(new long[] { 2, 3 }));
            Assert.That(
                Values(X[TensorIndex.Tensor(i), .., TensorIndex.Tensor(j)]), Is.EqualTo(new float[] { 15, 19, 23, 1, 5, 9 }));
            Assert.That(X[.., TensorIndex.Tensor(i), TensorIndex.Tensor(j)].shape, Is.EqualTo(new long[] { 2, 2 }));
            Assert.That(X[.., TensorIndex.Tensor(i.unsqueeze(1))].shape, Is.EqualTo(new long[] { 2, 2, 1, 4 }));
        });
    }

    [Test]
    public void MasksSelectAndAssign()
    {
        using var scope = NewDisposeScope();
        var x = X;
        var even = x.remainder(2).eq(0);
        Assert.That(Values(x[TensorIndex.Tensor(even)]), Is.EqualTo(Enumerable.Range(0, 12).Select(n => 2f * n)));
        x[TensorIndex.Tensor(even)] = 0.0;
        Assert.That(x.sum().item<float>(), Is.EqualTo(144));
        x[TensorIndex.Tensor(tensor(new[] { false, true })), 0] = tensor(new float[] { 9, 8, 7, 6 });
        Assert.That(Values(x[1, 0]), Is.EqualTo(new float[] { 9, 8, 7, 6 }));
    }

    [Test]
    public void AssignmentBroadcastsAndConverts()
    {
        using var scope = NewDisposeScope();
        var x = zeros([2, 3], int64);
        x[.., 1..] = tensor(new[] { 4, 5 });
        x[1] += 1;
        Assert.That(x.data<long>().ToArray(), Is.EqualTo(new long[] { 0, 4, 5, 1, 5, 6 }));
        Assert.That(() => x[.., 0] = zeros(3), Throws.InstanceOf<TensorException>().With.Message.Contains("[3]"));
    }

    private static float[] Values(Tensor x) => x.data<float>().ToArray();
}
