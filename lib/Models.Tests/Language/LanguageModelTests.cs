namespace Aim.Models.Tests;

public class LanguageModelTests
{
    private static IEnumerable<TestCaseData> Families
        => RandomDecoder.Families.Select(c => new TestCaseData(c).SetArgDisplayNames(c.ModelType));

    [TestCaseSource(nameof(Families))]
    public void DecodingWithTheCacheEqualsTheFullForward(TextConfig config)
    {
        using var scope = NewDisposeScope();
        using var decoder = new RandomDecoder(config);
        long[] ids = [.. Enumerable.Range(0, 45).Select(i => (long)(i * 7 % config.VocabSize))];
        var full = decoder.Model.Logits(decoder.Model.Forward(decoder.Model.Embed(tensor(ids).unsqueeze(0))));
        int prompt = 5;
        using var prefill = decoder.Model.Prefill(
            decoder.Model.Embed(tensor(ids[..prompt]).unsqueeze(0)), [PromptLayout.AllText(prompt)]);
        Assert.That(TensorValues.Difference(prefill.Logits, full.select(1, prompt - 1)), Is.LessThan(2e-5));
        // Forty steps outgrow the cache's first reserve.
        for (int i = prompt; i < ids.Length; i++)
        {
            var logits = decoder.Model.Decode(tensor((long[])[ids[i]]), prefill.Cache);
            Assert.That(TensorValues.Difference(logits, full.select(1, i)), Is.LessThan(2e-5), $"token {i}");
        }

        Assert.That(prefill.Cache.NextPosition, Is.EqualTo((int[])[ids.Length]));
    }

    [TestCaseSource(nameof(Families))]
    public void ABatchOfUnequalPromptsEqualsEachAlone(TextConfig config)
    {
        using var scope = NewDisposeScope();
        using var decoder = new RandomDecoder(config);
        int[] lengths = [9, 4, 12];
        var alone = lengths.Select(decoder.Embeddings).ToArray();
        int[] start = [3, 8, 0];
        var forward = decoder.Model.Forward(LanguageModel.PadLeft(alone), start: start);
        using var batch = decoder.Model.Prefill(LanguageModel.PadLeft(alone), [.. lengths.Select(PromptLayout.AllText)]);
        var next = decoder.Model.Decode(tensor((long[])[1, 2, 3]), batch.Cache);
        for (int b = 0; b < lengths.Length; b++)
        {
            using var single = decoder.Model.Prefill(alone[b], [PromptLayout.AllText(lengths[b])]);
            Assert.That(TensorValues.Difference(batch.Logits.narrow(0, b, 1), single.Logits), Is.LessThan(2e-5));
            Assert.That(
                TensorValues.Difference(forward.narrow(0, b, 1).narrow(1, start[b], lengths[b]), decoder.Model.Forward(alone[b])),
                Is.LessThan(2e-5));
            Assert.That(
                TensorValues.Difference(next.narrow(0, b, 1), decoder.Model.Decode(tensor((long[])[b + 1]), single.Cache)),
                Is.LessThan(2e-5));
        }
    }

    /// <summary>From 16 tokens on, a product sums in an order that does not depend on its number of rows.</summary>
    [TestCaseSource(nameof(Families))]
    public void ALongSequenceHasTheSameBitsAloneAndInABatch(TextConfig config)
    {
        using var scope = NewDisposeScope();
        using var decoder = new RandomDecoder(config);
        int[] lengths = [40, 17, 63, 230];
        int[] start = [.. lengths.Select(n => lengths.Max() - n)];
        var alone = lengths.Select(decoder.Embeddings).ToArray();
        var together = decoder.Model.Forward(LanguageModel.PadLeft(alone), start: start);
        for (int b = 0; b < lengths.Length; b++)
        {
            var rows = together.narrow(0, b, 1).narrow(1, start[b], lengths[b]);
            Assert.That(rows.Values(), Is.EqualTo(decoder.Model.Forward(alone[b]).Values()), $"{lengths[b]} tokens");
        }
    }

    [Test]
    public void EqualMRopePositionsArePlainOnes()
    {
        using var scope = NewDisposeScope();
        using var vl = new RandomDecoder(RandomDecoder.Qwen2Vl());
        using var plain = new RandomDecoder(RandomDecoder.Qwen2Vl() with { MRopeSection = null });
        var embeds = vl.Embeddings(6);
        long[] positions = [2, 3, 5, 8, 13, 21];
        var three = tensor((long[])[.. positions, .. positions, .. positions], [3, 6]);
        var expected = plain.Model.Forward(embeds, tensor(positions));
        Assert.That(TensorValues.Difference(vl.Model.Forward(embeds, three), expected), Is.Zero);
        using var prefill = vl.Model.Prefill(embeds, [PromptLayout.AllText(6)], positions: three);
        Assert.That(prefill.Cache.NextPosition, Is.EqualTo((int[])[22]), "one past the largest position");
    }

    [Test]
    public void EachMRopeAxisTurnsItsOwnFrequencies()
    {
        using var scope = NewDisposeScope();
        using var decoder = new RandomDecoder(RandomDecoder.Qwen2Vl(1));
        var embeds = decoder.Embeddings(3);
        var outputs = Enumerable.Range(0, 3).Select(axis =>
        {
            var positions = new long[9];
            (positions[3 * axis + 1], positions[3 * axis + 2]) = (4, 9);
            return decoder.Model.Forward(embeds, tensor(positions, [3, 3]));
        }).ToArray();
        Assert.That(TensorValues.Difference(outputs[0], outputs[1]), Is.GreaterThan(1e-3));
        Assert.That(TensorValues.Difference(outputs[1], outputs[2]), Is.GreaterThan(1e-3));
    }

    [TestCaseSource(nameof(Families))]
    public void FrozenAndTrainableWeightsComputeTheSame(TextConfig config)
    {
        using var scope = NewDisposeScope();
        using var frozen = new RandomDecoder(config);
        using var trainable = new RandomDecoder(config, trainable: true);
        var ids = tensor((long[])[3, 1, 4, 1, 5, 9], [1, 6]);
        Assert.That(
            TensorValues.Difference(
                trainable.Model.Forward(trainable.Model.Embed(ids)), frozen.Model.Forward(frozen.Model.Embed(ids))),
            Is.Zero);
    }

    [TestCaseSource(nameof(Families))]
    public void GradientsAreTheLossesSlopes(TextConfig config)
    {
        using var scope = NewDisposeScope();
        using var decoder = new RandomDecoder(config with { NumHiddenLayers = 2 }, trainable: true);
        var ids = tensor((long[])[3, 1, 4, 1, 5, 9, 2, 6], [2, 4]);
        var targets = tensor((long[])[1, 4, 1, -100, 9, 2, 6, 5]);
        Tensor Loss()
            => nn.functional.cross_entropy(
                decoder.Model.Logits(decoder.Model.Forward(decoder.Model.Embed(ids))).reshape(8, -1), targets);
        Loss().backward();
        foreach (string name in decoder.Weights.Names)
        {
            var weight = decoder.Weights[name].Tensor;
            float[] gradient = weight.grad!.Values();
            int at = Array.IndexOf(gradient, gradient.MaxBy(Math.Abs));
            double Shifted(float by)
            {
                using var inner = NewDisposeScope();
                using var _ = no_grad();
                using var flat = weight.view(-1);
                flat[at] = flat[at] + by;
                double loss = Loss().item<float>();
                flat[at] = flat[at] - by;
                return loss;
            }

            const float step = 1e-2f;
            double slope = (Shifted(step) - Shifted(-step)) / (2 * step);
            Assert.That(slope, Is.EqualTo(gradient[at]).Within(2e-3 + 0.02 * Math.Abs(gradient[at])), name);
        }
    }

    [Test]
    public void AMissingWeightIsNamed()
    {
        using var scope = NewDisposeScope();
        using var weights = new WeightStore();
        weights.Add("language_model.model.embed_tokens.weight", zeros(31, 16));
        Assert.That(
            () => new LanguageModel(RandomDecoder.Qwen2(), weights, "language_model."),
            Throws.TypeOf<CheckpointException>().With.Message.Contains("language_model.model.norm.weight"));
    }

    [Test]
    public void AWeightOfAnotherShapeIsNamed()
    {
        using var scope = NewDisposeScope();
        using var weights = new WeightStore();
        weights.Add("model.embed_tokens.weight", zeros(30, 16));
        Assert.That(
            () => new LanguageModel(RandomDecoder.Qwen2(), weights),
            Throws.TypeOf<CheckpointException>().With.Message.Contains("[30, 16]").And.Message.Contains("[31, 16]"));
    }

    [Test]
    public void PositionsMustFit()
    {
        using var scope = NewDisposeScope();
        using var decoder = new RandomDecoder(RandomDecoder.Qwen2());
        Assert.That(() => decoder.Model.Forward(decoder.Embeddings(6), zeros(5, ScalarType.Int64)), Throws.ArgumentException);
    }
}
