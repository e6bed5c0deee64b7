namespace Aim.Parity.Tests;

/// <summary>Which cases are found where, in which order, and that no tree makes the walk run in circles.</summary>
public sealed class ParityWalkerTests
{
    private FixtureFolder _folder = null!;

    [SetUp]
    public void Create() => _folder = new FixtureFolder();

    [TearDown]
    public void Remove() => _folder.Dispose();

    private string[] Names() => [.. ParityWalker.Find(_folder.Root, ParityKinds.All).Select(c => $"{c.Kind}/{c.Name}")];

    [Test]
    public void FindsByFilesWhateverTheFoldersAreCalled()
    {
        _folder.Copy("merge/two-tokens", "z/renamed");
        _folder.Copy("importance/n12-h1", "a");
        _folder.Write(
            "m/x/chat_templates.json",
            """{"templates":{"t":"x"},"cases":[{"id":"1","template":"t"},{"id":"2","template":"t"}]}""");
        _folder.Write("b/geometry.json", """{"cases":[{"height":3,"width":4}]}""");
        _folder.Write("config.json", "{}");
        string[] expected = ["importance/n12-h1", "geometry/3x4", "chat-templates/1", "chat-templates/2", "merge/two-tokens"];
        Assert.That(Names(), Is.EqualTo(expected));
    }

    [Test]
    public void OneCasesFolderIsEnough()
    {
        var cases = ParityWalker.Find(Path.Combine(FixtureFolder.Source, "merge", "two-tokens"), ParityKinds.All);
        Assert.That(cases.Select(c => c.Run().Status), Is.EqualTo((CaseStatus[])[CaseStatus.Pass]));
    }

    [Test]
    public void OrderIsOrdinalAndAFoldersOwnCasesComeFirst()
    {
        foreach (string folder in (string[])["b", "B", "a/z", "a/b", "a", "a-b"])
        {
            _folder.Write(
                $"{folder}/chat_templates.json", $$"""{"templates":{"t":""},"cases":[{"id":"{{folder}}","template":"t"}]}""");
        }

        string[] expected = ["B", "a", "a/b", "a/z", "a-b", "b"];
        Assert.That(Names().Select(n => n["chat-templates/".Length..]), Is.EqualTo(expected));
    }

    [Test]
    public void LinksAreFollowedOnceAndNeverUpwards()
    {
        string real = _folder.Copy("merge/two-tokens", "real");
        Directory.CreateSymbolicLink(Path.Combine(real, "loop"), _folder.Root);
        Directory.CreateSymbolicLink(_folder.In("again"), real);
        Directory.CreateSymbolicLink(_folder.In("root"), "/");
        Directory.CreateSymbolicLink(_folder.In("self"), _folder.In("self"));
        Directory.CreateSymbolicLink(_folder.In("nowhere"), _folder.In("missing"));
        Assert.That(Names(), Is.EqualTo((string[])["merge/two-tokens"]));
    }

    [Test]
    public void ALinkToAnotherTreeIsFollowed()
    {
        Directory.CreateSymbolicLink(_folder.In("linked"), Path.Combine(FixtureFolder.Source, "importance"));
        Assert.That(Names(), Is.EqualTo((string[])["importance/n12-h1"]));
    }

    [Test]
    public void DepthIsLimited()
    {
        _folder.Write($"{string.Join('/', Enumerable.Repeat("d", 40))}/geometry.json", """{"cases":[{"height":3,"width":4}]}""");
        var result = _folder.RunOne();
        Assert.That(result.Status, Is.EqualTo(CaseStatus.Fail));
        Assert.That(result.Reason, Does.Contain("deeper than 24"));
    }

    [Test]
    public void AnEmptyTreeHasNoCases()
    {
        Directory.CreateDirectory(_folder.In("a", "b"));
        Assert.That(Names(), Is.Empty);
    }

    [Test]
    public void AKindThatThrowsIsAFailureAndTheWalkGoesOn()
    {
        _folder.Copy("merge/two-tokens", "a");
        var results = ParityWalker.Find(_folder.In("a"), [new Faulty(), .. ParityKinds.All]).Select(c => c.Run()).ToArray();
        CaseStatus[] expected = [CaseStatus.NotSupported, CaseStatus.Fail, CaseStatus.Pass];
        Assert.That(results.Select(r => r.Status), Is.EqualTo(expected));
        Assert.That(results[1].Reason, Does.Contain("InvalidOperationException: on purpose"));
    }

    private sealed class Faulty : IParityKind
    {
        public IEnumerable<IParityCase> Find(string directory)
        {
            yield return SettledCase.NotSupported("faulty", "first", "no such thing");
            throw new InvalidOperationException("on purpose");
        }
    }
}
