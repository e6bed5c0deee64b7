using Aim.Experiments.Training;

namespace Aim.Experiments.Tests.Training;

public class LabRecipeTests
{
    [Test]
    public void TheRateWarmsUpThenFallsAlongACosine()
    {
        var stage = new StageRecipe(1200, 1e-3, WarmUp: 200, FinalShare: 0.02);
        Assert.That(stage.RateAt(0), Is.EqualTo(5e-6).Within(1e-12));
        Assert.That(stage.RateAt(199), Is.EqualTo(1e-3).Within(1e-12));
        Assert.That(stage.RateAt(700), Is.EqualTo(1e-3 * 0.51).Within(1e-9));
        Assert.That(stage.RateAt(1200), Is.EqualTo(2e-5).Within(1e-12));
    }

    [Test]
    public void StepsReplaceTheRecipes()
    {
        var recipe = LabRecipe.Named("video", "quick", [1, 2, 3, 4, 5]);
        Assert.That(recipe.Steps, Is.EqualTo(new[] { 1, 2, 3, 4, 5 }));
        Assert.That(recipe.Identity, Does.Contain("1,2,3,4,5"));
    }

    [TestCase("video", "day", null, "full, quick or tiny")]
    [TestCase("film", "tiny", null, "film")]
    [TestCase("video", "tiny", new[] { 1, 2 }, "five counts")]
    [TestCase("video", "tiny", new[] { 1, 2, 3, 4, -1 }, "five counts")]
    public void WrongOptionsAreNamed(string model, string length, int[]? steps, string says) =>
        Assert.That(() => LabRecipe.Named(model, length, steps), Throws.ArgumentException.With.Message.Contains(says));
}
