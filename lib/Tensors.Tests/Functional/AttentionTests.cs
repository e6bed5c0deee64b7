using static Aim.Tensors.torch.nn.functional;

namespace Aim.Tensors.Tests.Functional;

/// <summary>torch's scaled_dot_product_attention beyond its fixture cases.</summary>
public class AttentionTests
{
    // Messages of torch 2.13.
    [TestCase(new long[] { 3, 4 },
        "The expanded size of the tensor (5) must match the existing size (4) at non-singleton dimension "
        + "3.  Target sizes: [1, 2, 3, 5].  Tensor sizes: [3, 4]")]
    [TestCase(new long[] { 3, 1, 5 }, "The expanded size of the tensor (2) must match the existing size (3) at non-singleton "
        + "dimension 1.  Target sizes: [1, 2, 3, 5].  Tensor sizes: [3, 1, 5]")]
    public void AMaskThatDoesNotFitIsNamed(long[] shape, string message)
    {
        using var scope = NewDisposeScope();
        var (query, key) = (ones(1, 2, 3, 8), ones(1, 2, 5, 8));
        foreach (var type in (ScalarType[])[ScalarType.Bool, ScalarType.Float32])
        {
            Assert.That(() => scaled_dot_product_attention(query, key, key, ones(shape, type)),
                Throws.TypeOf<TensorException>().With.Message.EqualTo(message));
        }
    }

    [Test]
    public void AMaskOfOneRowServesAllAndGetsTheirGradient()
    {
        using var scope = NewDisposeScope();
        var query = arange(48, ScalarType.Float32).div(48).view(1, 2, 3, 8);
        var row = tensor([0.5f, -0.5f, 1f]).requires_grad_();
        var all = row.detach().expand(1, 2, 3, 3).contiguous().requires_grad_();
        scaled_dot_product_attention(query, query, query, row).square().sum().backward();
        scaled_dot_product_attention(query, query, query, all).square().sum().backward();
        Assert.That(row.grad!.allclose(all.grad!.sum([0, 1, 2])), Is.True);
    }
}
