using System.Text;
using System.Text.RegularExpressions;
using Aim.Experiments.Planning;

namespace Aim.Experiments.Jupyter;

/// <summary>An executed notebook as nbconvert writes it, made into a page that needs nothing else.</summary>
internal static partial class NotebookPage
{
    // What nbconvert loads and a page of ours does not need: a module loader (figures bring plotly.js), formulas, diagrams.
    private const string Policy =
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'; "
        + "script-src 'unsafe-inline'; img-src data: blob:; font-src data:; base-uri 'none'; form-action 'none'\">";

    /// <summary>
    /// Takes out what would be fetched, forbids the rest to be fetched, and points the links to other notebooks and to the
    /// repository's files to where they lie from the page.
    /// </summary>
    /// <param name="html">nbconvert's page.</param>
    /// <param name="notebook">The notebook, whose relative links these are.</param>
    /// <param name="page">The file that the page will be.</param>
    /// <param name="published">Names of notebooks that have pages beside it.</param>
    /// <exception cref="DefinitionException">It shows something that lies elsewhere.</exception>
    public static string SelfContained(string html, StoredNotebook notebook, string page, IReadOnlyCollection<string> published)
    {
        var result = new StringBuilder(html.Length);
        int at = 0;
        foreach (Match script in Script().Matches(html))
        {
            result.Append(Rest(html[at..script.Index], notebook, page, published));
            if (!IsLoaded(script))
                result.Append(script.Value);
            at = script.Index + script.Length;
        }

        result.Append(Rest(html[at..], notebook, page, published));
        string whole = result.ToString();
        int head = whole.IndexOf("<head>", StringComparison.Ordinal);
        return head < 0 ? throw new DefinitionException($"{notebook.Path}: nbconvert wrote a page without a head")
            : whole.Insert(head + "<head>".Length, "\n" + Policy);
    }

    // A script that lies elsewhere, or one that fetches or sets up such a one.
    private static bool IsLoaded(Match script) => Source().IsMatch(script.Groups[1].Value)
        || script.Groups[1].Value.Contains("x-mathjax-config", StringComparison.Ordinal)
        || Imported().IsMatch(script.Groups[2].Value);

    private static string Rest(string html, StoredNotebook notebook, string page, IReadOnlyCollection<string> published)
    {
        html = Link().Replace(html, "");
        if (Shown().Match(html) is { Success: true } shown)
        {
            throw new DefinitionException(
                $"{notebook.Path}: shows {shown.Groups[1].Value}, which a reader without a network does not have; "
                    + "give the picture itself");
        }

        return Reference().Replace(html, m => $"{m.Groups[1].Value}{Pointed(m.Groups[2].Value, notebook, page, published)}\"");
    }

    private static string Pointed(string target, StoredNotebook notebook, string page, IReadOnlyCollection<string> published)
    {
        string[] parts = target.Split('#', 2);
        string name = Path.GetFileNameWithoutExtension(parts[0]);
        if (parts[0].EndsWith(".ipynb", StringComparison.Ordinal) && published.Contains(name))
            return $"{name}.html{(parts.Length > 1 ? $"#{parts[1]}" : "")}";
        string full = Path.GetFullPath(parts[0], Path.GetDirectoryName(notebook.Path)!);
        if (!Path.Exists(full))
            return target;
        string relative = Path.GetRelativePath(Path.GetDirectoryName(Path.GetFullPath(page))!, full).Replace('\\', '/');
        return relative + (parts.Length > 1 ? $"#{parts[1]}" : "");
    }

    [GeneratedRegex("<script\\b([^>]*)>(.*?)</script>", RegexOptions.Singleline | RegexOptions.IgnoreCase)]
    private static partial Regex Script();

    [GeneratedRegex("\\bsrc\\s*=", RegexOptions.IgnoreCase)]
    private static partial Regex Source();

    [GeneratedRegex("\\bimport\\b\\s*\\(?[^;\\n]{0,80}[\"']https?:|MathJax\\.Hub", RegexOptions.None)]
    private static partial Regex Imported();

    [GeneratedRegex("<link\\b[^>]*\\bhref\\s*=\\s*[\"'](?!data:)[^>]*>", RegexOptions.IgnoreCase)]
    private static partial Regex Link();

    [GeneratedRegex(
        "<(?:img|video|audio|source|iframe|embed|object)\\b[^>]*\\b(?:src|data)\\s*=\\s*[\"']((?!data:)[^\"']*)",
        RegexOptions.IgnoreCase)]
    private static partial Regex Shown();

    // Relative links: no scheme, no place within the page.
    [GeneratedRegex("(<a\\b[^>]*\\bhref=\")(?![a-z][a-z0-9+.-]*:|#|//)([^\"]+)\"", RegexOptions.IgnoreCase)]
    private static partial Regex Reference();
}
