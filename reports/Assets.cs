using System.Text;

namespace Aim.Reports;

/// <summary>The files that every report carries within itself.</summary>
internal static class Assets
{
    /// <summary>plotly.js, cartesian bundle (see assets/README.md).</summary>
    public static string Plotly => Text("plotly-cartesian.min.js");

    public static string Style => Text("report.css");

    /// <summary>What must run before the page is drawn: light or dark.</summary>
    public static string Theme => Text("theme.js");

    /// <summary>What makes the page usable: figures, tables, claims, galleries.</summary>
    /// <remarks>The files are parts of one function: their names are seen by each other and by nobody else.</remarks>
    public static string Script => $"(() => {{\n\"use strict\";\n{string.Join("\n", ScriptFiles.Select(Text))}}})();\n";

    private static string[] ScriptFiles => ["announce.js", "figures.js", "tables.js", "claims.js", "gallery.js", "print.js"];

    public static string Text(string name) => Encoding.UTF8.GetString(Bytes(name));

    public static byte[] Bytes(string name)
    {
        using var stream = typeof(Assets).Assembly.GetManifestResourceStream(name)
            ?? throw new InvalidOperationException($"the resource '{name}' is not embedded in this build");
        using var memory = new MemoryStream();
        stream.CopyTo(memory);
        return memory.ToArray();
    }
}
