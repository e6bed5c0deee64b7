namespace Aim.Reduction.Tests;

public class VisualAttentionTests
{
    // Two heads, a class token and two patches. Head 0: all keys alike. Head 1: the class token's query is log 2, 0, -log 2 along
    // them.
    private static readonly float s_log2 = MathF.Log(2);

    private static Tensor Query => tensor(new[] { 1f, 1, 1, s_log2, 0, 0 }, [2, 3, 1]);

    private static Tensor Key => tensor(new float[] { 1, 1, 1, 1, 0, -1 }, [2, 3, 1]);

    [Test]
    public void TheClassTokensRowWithoutItsOwnColumn()
    {
        using var scope = NewDisposeScope();
        var attention = VisualAttention.OfClassToken(Query, Key);
        Assert.That(attention.shape, Is.EqualTo((long[])[2, 2]));
        // 2 : 1 : 1/2.
        Assert.That(attention.data<float>().ToArray(), Is.EqualTo((float[])[1 / 3f, 1 / 3f, 2 / 7f, 1 / 7f]).Within(1e-6f));
        Assert.That(VisualAttention.MeanOverHeads(attention), Is.EqualTo((float[])[13 / 42f, 10 / 42f]).Within(1e-6f));
    }

    [Test]
    public void TheMeanOverAllQueries()
    {
        using var scope = NewDisposeScope();
        float[] all = VisualAttention.OfAllQueries(Query, Key).data<float>().ToArray();
        float[] expected = [1 / 3f, 1 / 3f, 1 / 3f, (4 / 7f + 2 / 3f) / 3, (2 / 7f + 2 / 3f) / 3, (1 / 7f + 2 / 3f) / 3];
        Assert.That(all, Is.EqualTo(expected).Within(1e-6f));
        float[] patches = VisualAttention.OfAllQueries(Query, Key, classToken: true).data<float>().ToArray();
        Assert.That(patches, Is.EqualTo((float[])[all[1], all[2], all[4], all[5]]));
    }

    [Test]
    public void LogitsAreScaled()
    {
        using var scope = NewDisposeScope();
        float[] Of(double? scale, float factor)
        {
            var (query, key) = (Query.expand(2, 3, 4).mul(factor), Key.expand(2, 3, 4));
            return VisualAttention.OfClassToken(query, key, scale).data<float>().ToArray();
        }

        // Four equal features make logits four times as large; 1 / sqrt(4) halves them.
        Assert.That(Of(null, 1), Is.EqualTo(Of(0.25, 2)).Within(1e-6f));
        Assert.That(Of(1, 0.25f), Is.EqualTo(VisualAttention.OfClassToken(Query, Key).data<float>().ToArray()).Within(1e-6f));
    }

    [Test]
    public void OneQueryOverAllHeads()
    {
        using var scope = NewDisposeScope();
        var query = tensor(new[] { s_log2, 0f, 0, s_log2 });
        var keys = tensor(new float[] { 2, 0, 0, 0, 0, 0, 0, 2, 0, 9, 9, 0 }, [3, 4]);
        // Logits 2 log 2 / sqrt(4) twice and 0.
        Assert.That(VisualAttention.OfOneQuery(query, keys, false), Is.EqualTo((float[])[0.4f, 0.4f, 0.2f]).Within(1e-6f));
        Assert.That(VisualAttention.OfOneQuery(query, keys, true), Is.EqualTo((float[])[0.4f, 0.2f]).Within(1e-6f));
    }

    [Test]
    public void ShapesThatDoNotFitAreNamed()
    {
        using var scope = NewDisposeScope();
        Assert.That(
            () => VisualAttention.OfClassToken(ones(1, 3, 2), ones(1, 4, 2)),
            Throws.ArgumentException.With.Message.Contains("[1, 3, 2] and [1, 4, 2]"));
        Assert.That(
            () => VisualAttention.OfOneQuery(ones(3), ones(4, 2), false),
            Throws.ArgumentException.With.Message.Contains("[4, 2]"));
    }
}
