namespace Aim.Cost.Tests;

/// <summary>What the README shows is compiled and run, and what it lists is what there is.</summary>
public class ReadmeTests
{
    private static readonly string Readme = Read("Cost", "README.md");

    [Test]
    public void The_example_is_this_code_and_runs()
    {
        #region Predict
        var shape = ModelShape.Qwen2_7B; // or HubConfig.Load("path/to/config.json").Shape
        var tokens = TokenSchedule.Aim(shape.Layers, visual: 1569, text: 100, l1: 14, l2: 22);
        var cost = CostModel.Prefill(shape, tokens, Hardware.Parse("A100-80"), CostOptions.Executed);
        Console.WriteLine($"{cost.Flops} FLOPs, {cost.Seconds} s, {cost.MemoryBytes} bytes held");
        #endregion

        var source = Read("Cost.Tests", "ReadmeTests.cs");
        var region = source.Split("#region Predict\n")[1].Split("        #endregion\n")[0];
        var lines = region.TrimEnd('\n').Split('\n').Select(l => l[8..]);
        Assert.That(Readme, Does.Contain($"```csharp\n{string.Join('\n', lines)}\n```\n"));

        var options = CostOptions.PaperQwen2 with { Attention = AttentionKind.Flash };
        var script = CostModel.Prefill(shape, tokens, Hardware.A100_80GB, options);
        var headAndAdds = (double)shape.Hidden * shape.Vocabulary + (double)shape.Hidden * tokens.Sum();
        Assert.That(cost.Flops - script.Flops, Is.EqualTo(headAndAdds), "the other half of the head, and the residual adds");
    }

    [Test]
    public void Quirks_hardware_and_counts_are_those_that_there_are()
    {
        foreach (var (_, name, _) in Quirks.All)
            Assert.That(Readme, Does.Contain($"| `{name}` |"));
        foreach (var hardware in Hardware.Presets)
        {
            var figures = $@"\| {hardware.PeakFlops / 1e12} \| {hardware.BytesPerSecond / 1e9} \|";
            Assert.That(Readme, Does.Match($@"\| `{hardware.Name}`.*{figures} {(hardware.IsChecked ? "by" : "no")}"));
        }
        var tally = CostTally.Of(CostTables.All());
        Assert.That(Readme, Does.Contain($"{tally.Exact} of the {tally.Figures} printed figures are exact")
            .And.Contain($"the other {tally.NotReproducible.Count} are"));
    }

    private static string Read(params string[] parts)
    {
        var root = new DirectoryInfo(TestContext.CurrentContext.TestDirectory);
        while (!File.Exists(Path.Combine(root!.FullName, "Aim.Experiments.sln")))
            root = root.Parent;
        return File.ReadAllText(Path.Combine([root.FullName, "lib", .. parts])).ReplaceLineEndings("\n");
    }
}
