using System.Text.RegularExpressions;

namespace Aim.Tensors.Tests;

/// <summary>The README's C# is compiled and run: each block is one of the regions of <see cref="Examples"/>.</summary>
public sealed partial class ReadmeTests
{
    [Test]
    public void EveryBlockIsATestedExampleAndEveryExampleIsShown()
    {
        var blocks = Block().Matches(Read("lib", "Tensors", "README.md")).Select(m => m.Groups[1].Value.Trim('\n')).ToArray();
        var regions = Region().Matches(Read("lib", "Tensors.Tests", "Examples.cs")).Select(m => Outdented(m.Groups[1].Value));
        Assert.That(blocks, Is.EqualTo(regions));
    }

    /// <summary>A region's lines without the indentation that they share.</summary>
    private static string Outdented(string region)
    {
        var lines = region.Trim('\n').Split('\n');
        var indentation = lines.Where(l => l.Length > 0).Min(l => l.Length - l.TrimStart(' ').Length);
        return string.Join('\n', lines.Select(l => l.Length == 0 ? l : l[indentation..]));
    }

    private static string Read(params string[] parts)
    {
        var root = new DirectoryInfo(TestContext.CurrentContext.TestDirectory);
        while (!File.Exists(Path.Combine(root!.FullName, "Aim.Experiments.sln")))
            root = root.Parent;
        return File.ReadAllText(Path.Combine([root.FullName, .. parts])).ReplaceLineEndings("\n");
    }

    [GeneratedRegex(@"^```csharp\n(.*?)^```$", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Block();

    [GeneratedRegex(@"#region \w+\n(.*?)\n *#endregion", RegexOptions.Singleline)]
    private static partial Regex Region();
}
