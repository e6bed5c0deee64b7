using System.Text;

namespace Aim.Reports;

/// <summary>The files that every report carries within itself.</summary>
internal static class Assets
{
    /// <summary>plotly.js, cartesian bundle (see assets/README.md).</summary>
    public static string Plotly => Text("plotly-cartesian.min.js");

    public static string Style => Text("report.css");

    public static string Script => Text("report.js");

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
