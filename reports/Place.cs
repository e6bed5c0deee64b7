namespace Aim.Reports;

/// <summary>Where on the page a section stands: what its ids begin with, and how deep its heading is.</summary>
/// <param name="Prefix">Empty on a page of one run; what names the run where there are many.</param>
/// <param name="Level">Of the headings, from 2.</param>
/// <param name="Folded">Whether sections are closed until the reader opens them.</param>
internal readonly record struct Place(string Prefix, int Level, bool Folded = false)
{
    /// <summary>The page of one run.</summary>
    public static readonly Place Page = new("", 2);

    /// <summary>The id of an element here.</summary>
    public string Id(string id) => Prefix + id;
}
