using Aim.Experiments;
using Aim.Experiments.Jupyter;
using Aim.Experiments.Planning;

namespace Aim.Notebooks.Tests.Publish;

/// <summary>What nbconvert writes, made into a page that fetches nothing.</summary>
public class NotebookPageTests
{
    private static readonly StoredNotebook Notebook = new(Path.Combine(Places.Root(), "notebooks", "01-first-look.ipynb"));

    private static readonly string Page = Path.Combine(Places.Root(), "reports", "published", "01-first-look.html");

    [Test]
    public void TakesOutWhatWouldBeFetched()
    {
        string page = Made("""
            <!DOCTYPE html><html><head>
            <script src="https://cdnjs.cloudflare.com/ajax/libs/require.js/2.1.10/require.min.js"></script>
            <script type="text/x-mathjax-config">MathJax.Hub.Config({});</script>
            <script>var tag = "kept"; // import nothing
            </script>
            <script type="module"> import mermaid from 'https://cdnjs.cloudflare.com/mermaid.esm.min.mjs'; </script>
            <link rel="stylesheet" href="https://fonts.example/x.css">
            </head><body><img src="data:image/png;base64,AA=="></body></html>
            """);
        Assert.That(page, Does.Not.Contain("https://").And.Not.Contain("MathJax"));
        Assert.That(page, Does.Contain("kept").And.Contain("data:image/png;base64,AA=="));
        Assert.That(page, Does.Match("(?s)<head>\\s*<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'"));
    }

    [Test]
    public void PointsLinksToWhereThingsLie()
    {
        string page = Made("""
            <html><head></head><body><a href="02-tradeoff-curve.ipynb#x">next</a> <a href="../experiments/definitions/table4.yaml">definition</a>
            <a href="https://arxiv.org/abs/2412.03248">paper</a> <a href="#here">here</a> <a href="nowhere.txt">nowhere</a></body></html>
            """);
        Assert.That(page, Does.Contain("href=\"02-tradeoff-curve.html#x\"")
            .And.Contain("href=\"../../experiments/definitions/table4.yaml\"")
            .And.Contain("href=\"https://arxiv.org/abs/2412.03248\"").And.Contain("href=\"#here\"")
            .And.Contain("href=\"nowhere.txt\""));
    }

    [Test]
    public void RefusesWhatLiesElsewhere() => Assert.That(
        () => Made("<html><head></head><body><img alt='x' src='https://example.org/x.png'></body></html>"),
        Throws.TypeOf<DefinitionException>().With.Message.Contains("shows https://example.org/x.png"));

    private static string Made(string html) =>
        NotebookPage.SelfContained(html, Notebook, Page, ["01-first-look", "02-tradeoff-curve"]);
}
