namespace Aim.Models.Tests.Checkpoints;

/// <summary>Weights from names: the algorithms' own test vectors, and the rules that a name decides.</summary>
public sealed class FormulaWeightsTests
{
    [Test]
    public void HashAndGeneratorHaveTheirTestVectors()
    {
        Assert.That(FormulaWeights.Hash("a"), Is.EqualTo(0xAF63DC4C8601EC8C));
        Assert.That(FormulaWeights.Hash(""), Is.EqualTo(0xCBF29CE484222325));
        Assert.That(FormulaWeights.Mix(0, 0), Is.EqualTo(0xE220A8397B1DCDAF));
    }

    // The first values that fixtures/models/real-0.5b-video4 gives of tensors of each rule.
    [TestCase("language_model.model.layers.0.self_attn.q_proj.weight", new long[] { 896, 896 }, 0.0628321245f, -0.0451668501f)]
    [TestCase("language_model.model.norm.weight", new long[] { 896 }, 1.06408143f, 1.06344736f)]
    [TestCase("vision_tower.vision_model.encoder.layers.25.mlp.fc2.bias", new long[] { 1152 }, -0.0204563625f, 0.0673813596f)]
    [TestCase(
        "vision_tower.vision_model.embeddings.patch_embedding.weight", new long[] { 2, 3, 14, 14 }, -0.0296786353f, 0.053525962f)]
    [TestCase("multi_modal_projector.linear_1.weight", new long[] { 4, 1152 }, 0.00554909278f, -0.00350072607f)]
    [TestCase("image_newline", new long[] { 896 }, -0.453400075f, 0.0297622681f)]
    public void NamesDecideTheScale(string name, long[] shape, float first, float second)
        => Assert.That(FormulaWeights.Values(name, shape, 0)[..2], Is.EqualTo((float[])[first, second]));
}
