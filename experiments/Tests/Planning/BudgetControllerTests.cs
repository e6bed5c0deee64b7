using Aim.Cost;
using Aim.Experiments.Planning;
using Aim.Models;
using Aim.Reduction;

namespace Aim.Experiments.Tests.Planning;

public class BudgetControllerTests
{
    private static readonly ModelShape s_shape = new()
    {
        Name = "small",
        Hidden = 128,
        Layers = 12,
        Heads = 4,
        KeyValueHeads = 2,
        HeadDim = 32,
        Intermediate = 352,
        Vocabulary = 720,
    };

    private static readonly HostTraits s_host = new()
    {
        ModelType = "llava_onevision",
        Layers = 12,
        TowerLayersUsed = 3,
        HasClassToken = false,
        PoolsTokens = true,
    };

    private static readonly StoredFront s_front = new()
    {
        ModelSha256 = new string('a', 64),
        DataVersion = "2",
        Layers = 12,
        Frames = 32,
        Tried = 60,
        Points =
        [
            new("1/36", 0, 1, 20, 100, 1e8), new("1/4", 4, 9, 60, 100, 6e8), new("1/4", null, null, 70, 100, 9e8),
            new("1/2", null, null, 80, 100, 19e8), new("1", null, null, 90, 100, 45e8),
        ],
    };

    private static SampleShape Prompt(int frames, int text) =>
        new(new VisualShape([new VisionGrid(frames, 6, 6)], 1, new VisionGrid(frames, 12, 12)), text);

    [Test]
    public void SharesAreOfTheUnreducedModelsFlopsOnTheSamePrompt()
    {
        var controller = Make("flops", "30%");
        var choice = controller.ChoiceOf(Prompt(32, 20));
        Assert.That(choice.Point.ToString(), Is.EqualTo("1/4"));
        var method = controller.MethodOf(Prompt(32, 20));
        Assert.That(method.Settings.Canonical, Is.EqualTo("retention=1/4 schedule=none"));
        double all = CostModel.MatmulFlops(s_shape, TokenSchedule.Flat(12, 32 * 36 + 21), causal: true);
        Assert.That(choice.Cost,
            Is.EqualTo(CostModel.MatmulFlops(s_shape, TokenSchedule.Flat(12, 32 * 9 + 21), causal: true) / all));
    }

    [Test]
    public void EverySampleHasItsOwnSetting()
    {
        var controller = Make("flops", "30%");
        // Text is not reduced: where there is much of it, less is left for the frames.
        Assert.That(controller.ChoiceOf(Prompt(32, 20)).Point.ToString(), Is.EqualTo("1/4"));
        Assert.That(controller.ChoiceOf(Prompt(8, 100)).Point.Accuracy, Is.LessThan(0.7));
        SampleShape[] prompts = [Prompt(32, 20), Prompt(8, 60), Prompt(32, 20)];
        var spent = controller.Spending(prompts);
        Assert.That(spent.Most, Is.LessThanOrEqualTo(0.3));
        Assert.That(spent.Mean, Is.EqualTo(prompts.Average(p => controller.ChoiceOf(p).Cost)).Within(1e-12));
        Assert.That(spent.Chosen.Sum(c => c.Samples), Is.EqualTo(3));
        Assert.That(spent.Fixed.Most, Is.LessThanOrEqualTo(0.3));
        Assert.That(spent.AtMean.Cost, Is.LessThanOrEqualTo(spent.Mean));
        Assert.That(spent.AtMean.Point.Accuracy, Is.GreaterThanOrEqualTo(spent.Fixed.Point.Accuracy),
            "what fits every sample fits their mean");
        Assert.That(prompts.Select(p => controller.ChoiceOf(p).Point.Accuracy),
            Is.All.GreaterThanOrEqualTo(spent.Fixed.Point.Accuracy));
    }

    [Test]
    public void LatencyIsTheCostModelsForTheNamedHardware()
    {
        var prompt = Prompt(32, 20);
        double Seconds(string hardware, int tokens) => CostModel.Prefill(s_shape, TokenSchedule.Flat(12, tokens),
            Hardware.Presets.Single(h => h.Name == hardware), CostOptions.PaperQwen2).Seconds;
        double half = Seconds("H100", 32 * 18 + 21);
        var controller = Make("latency",
            string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{half * 1e6 * 1.001:0.0000}us"), "H100");
        Assert.That(controller.ChoiceOf(prompt).Point.ToString(), Is.EqualTo("1/2"));
        Assert.That(controller.ChoiceOf(prompt).Cost, Is.EqualTo(half));
        Assert.That(Seconds("V100", 32 * 18 + 21), Is.GreaterThan(half));
    }

    [Test]
    public void MemoryIsTheCostModels()
    {
        var prompt = Prompt(32, 20);
        double all = CostModel.Prefill(s_shape, TokenSchedule.Flat(12, 32 * 36 + 21), Hardware.H100,
            CostOptions.PaperQwen2).MemoryBytes;
        Assert.That(Make("memory", "1GB").ChoiceOf(prompt).Point.ToString(), Is.EqualTo("1"));
        Assert.That(Make("memory", "1GB").ChoiceOf(prompt).Cost, Is.EqualTo(all));
    }

    [Test]
    public void ABudgetThatNothingMeetsNamesTheCheapest()
        => Assert.That(
            () => Make("flops", "0.1%").ChoiceOf(Prompt(32, 20)),
            Throws.TypeOf<BudgetException>().With.Message.Contains("flops 0.1%").And.Message.Contains(
                "1/36 (0, 1)").And.Message.Contains("%"));

    [Test]
    public void HardwareIsAskedForWhereItMatters()
    {
        Assert.That(() => Make("latency", "200ms"), Throws.TypeOf<DefinitionException>().With.Message.Contains("A100-40GB"));
        Assert.That(() => Make("latency", "200ms", "Z80"),
            Throws.TypeOf<DefinitionException>().With.Message.Contains("'Z80'").And.Message.Contains("H100"));
        Assert.That(() => Make("flops", "15%", "H100"),
            Throws.TypeOf<DefinitionException>().With.Message.Contains("leave 'hardware: H100' out"));
    }

    [Test]
    public void SettingsNameBudgetHardwareAndFront()
    {
        string settings = Make("latency", "200ms", "H100").Settings;
        Assert.That(settings, Does.StartWith("aim within latency 200ms on H100 front="));
        Assert.That(Make("latency", "200ms", "H200").Settings, Is.Not.EqualTo(settings));
        var other = s_front with { Points = [.. s_front.Points.Skip(1)] };
        Assert.That(Make("latency", "200ms", "H100", other).Settings, Is.Not.EqualTo(settings));
    }

    private static BudgetController Make(string resource, string amount, string? hardware = null, StoredFront? front = null)
        => new(
            front ?? s_front, Budget.Parse(resource, amount), hardware,
            new Geometry(s_shape, 32, 36, CostOptions.PaperQwen2), s_host);
}
