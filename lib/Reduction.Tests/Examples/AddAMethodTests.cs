using Aim.Examples;
using Aim.Models.Tests;

namespace Aim.Reduction.Tests.Examples;

/// <summary>The examples of docs/add-a-method.md: what the document shows is what is compiled here, and it runs.</summary>
public class AddAMethodTests
{
    private static string Read(string name)
        => File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Examples", name)).ReplaceLineEndings("\n");

    [TestCase("LoudestMethod.cs")]
    [TestCase("FadingMethod.cs")]
    public void TheDocumentShowsTheSource(string file)
        => Assert.That(
            Read("add-a-method.md"), Does.Contain($"<!-- lib/Reduction.Tests/Examples/{file} -->\n```csharp\n{Read(file)}```"),
            $"copy {file} into docs/add-a-method.md");

    [Test]
    public void TheDocumentNamesWhatExists()
    {
        foreach (string type in
            (string[])["FrameMethod", "ITokenMerger", "ITokenPruner", "ITokenReplacer", "IDecodePruner", "ITowerReduction"])
        {
            Assert.That(Read("add-a-method.md"), Does.Contain($"`{type}`"));
            Assert.That(
                typeof(Methods).Assembly.GetType($"Aim.Reduction.{type}")
                    ?? typeof(Aim.Models.ITokenPruner).Assembly.GetType($"Aim.Models.{type}"),
                Is.Not.Null, type);
        }
    }

    private static IEnumerable<MethodDefinition> Examples => [new LoudestMethod(), new FadingMethod()];

    [TestCaseSource(nameof(Examples))]
    public void AnExampleRunsAsItAnnounces(MethodDefinition method)
    {
        using var scope = NewDisposeScope();
        using var decoder = new RandomDecoder(RandomDecoder.Qwen2(), 3);
        var ready = method.Create(method.Read(new Dictionary<string, string> { ["keep"] = "1/3" }), Hosts.Small());
        var shape = new PromptShape(2, 9, 1, 5, 4);
        using var run = new MethodRun(decoder, ready, shape);
        Assert.That(run.Prefill.TokensPerLayer[0], Is.EqualTo(ready.TokenCounts(shape)));
        Assert.That(ready.TokenCounts(shape)[^1], Is.LessThan(shape.Visual));
        Assert.That(method.Ladder(ready.Settings, Hosts.Small(), shape), Is.Not.Empty);
        Assert.That(() => method.Read(new Dictionary<string, string> { ["kept"] = "1/3" }), Throws.TypeOf<SettingException>());
    }

    [Test]
    public void TheLoudestStay()
    {
        using var scope = NewDisposeScope();
        var method = new LoudestMethod();
        var ready = method.Create(method.Read(new Dictionary<string, string> { ["keep"] = "1/2" }), Hosts.Small());
        var features = tensor((float[])[1, -5, 3, 2, 0, 9, -8, 1], [2, 4, 1]);
        var merged = ready.Merger.Merge(new MergeInput { Features = features, SampleId = "a" });
        Assert.That(merged.Tokens.Values(), Is.EqualTo((float[])[-5, 3, 9, -8]));
    }
}
