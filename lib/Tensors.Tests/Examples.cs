namespace Aim.Tensors.Tests;

/// <summary>The README's examples: what stands between #region and #endregion stands there, word for word.</summary>
public sealed class Examples
{
    [Test]
    public void Training()
    {
        #region Training
        using var scope = torch.NewDisposeScope();              // owns every tensor made below
        torch.manual_seed(1);
        var x = torch.randn(64, 10);
        var classes = x.narrow(1, 0, 4).argmax(-1);             // the largest of the first four is the class
        var w = torch.nn.Parameter(torch.randn(4, 10) * 0.1);
        var adam = torch.optim.AdamW([w], lr: 0.1);
        for (var i = 0; i < 50; i++)
        {
            using var step = torch.NewDisposeScope();           // gives back what this step made, its graph included
            var logits = torch.nn.functional.linear(x, w);
            var loss = torch.nn.functional.cross_entropy(logits, classes);
            loss.backward();
            torch.nn.utils.clip_grad_norm_([w], 1.0);
            adam.step();
            adam.zero_grad();
        }

        var guesses = torch.nn.functional.linear(x, w).argmax(-1);
        var right = guesses.eq(classes).to(torch.ScalarType.Float32).mean().item<float>();
        Console.WriteLine($"{right:P0} right");
        #endregion
        Assert.That(right, Is.GreaterThan(0.9f));
    }

    [Test]
    public void Attention()
    {
        #region Attention
        using var scope = torch.NewDisposeScope();
        var q = torch.randn(2, 8, 5, 64);                       // [batch, heads, tokens, head dim]
        var k = torch.randn(2, 2, 5, 64);                       // four query heads share a key head
        var v = torch.randn(2, 2, 5, 64);
        var mask = new AttentionMask(Causal: true, Start: [0, 3]);  // the second sample is padded on the left
        var y = FusedOps.attention(q, k, v, mask);              // no [tokens, tokens] matrix is made
        var rank = FusedOps.importance(q, k, mask);             // [2, 5], Page Rank over each head's attention
        #endregion
        Assert.That(y.shape, Is.EqualTo(new long[] { 2, 8, 5, 64 }));
        Assert.That(rank.shape, Is.EqualTo(new long[] { 2, 5 }));
    }

    [Test]
    public void Weights()
    {
        var path = Path.GetTempFileName();
        File.WriteAllBytes(path, new byte[16 + (2 * 48 * 64)]);
        try
        {
            #region Weights
            using var scope = torch.NewDisposeScope();
            using var noGrad = torch.no_grad();
            using var store = new WeightStore();
            using (var file = WeightFile.Open(path))
            {
                var range = new WeightRange(file, Offset: 16, torch.ScalarType.BFloat16, [48, 64]);
                store.Add("proj.weight", range, WeightResidency.Packed);  // stays bfloat16, in the product's layout
                store.Add("table", range, WeightResidency.Mapped);        // stays in the file's pages
            }

            var rows = FusedOps.embedding(torch.tensor(new long[] { 3, 5 }), store["table"]);
            var y = FusedOps.linear(rows, store["proj.weight"]);          // [2, 48], computed in float32
            #endregion
            Assert.That(y.shape, Is.EqualTo(new long[] { 2, 48 }));
        }
        finally
        {
            File.Delete(path);
        }
    }
}
