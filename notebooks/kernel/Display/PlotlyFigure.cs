using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Aim.Kernel.Display;

/// <summary>
/// A figure that plotly.js draws: as its own MIME type for front ends that know it, and as HTML for the classic notebook and for
/// nbconvert, which drops outputs of that type alone. Nothing is fetched: the first figure that a host shows carries the script.
/// </summary>
/// <param name="data">The traces, as plotly.js names their attributes.</param>
/// <param name="layout">The layout, likewise.</param>
public sealed class PlotlyFigure(object data, object? layout) : IDisplayed
{
    /// <summary>The MIME type of Plotly's figures.</summary>
    public const string MimeType = "application/vnd.plotly.v1+json";

    // The default encoder escapes <, > and &: the text is safe inside a script element.
    private static readonly JsonSerializerOptions Options = new()
    {
        IncludeFields = true,
        Converters = { new GapConverter() },
    };

    private static int _figures;

    /// <inheritdoc/>
    public MimeBundle ToMimeBundle()
    {
        string traces = JsonSerializer.Serialize(data, Options), around = JsonSerializer.Serialize(layout ?? new { }, Options);
        string json = $$"""{"data":{{traces}},"layout":{{around}}}""";
        int number = Interlocked.Increment(ref _figures);
        return MimeBundle.Of(MimeType, json)
            .With(MimeBundle.Html, (number == 1 ? Script() : "")
                + Html($"aim-figure-{Environment.ProcessId}-{number}", json, Height(around)))
            .With(MimeBundle.Plain, "a Plotly figure");
    }

    // Some front ends run scripts before their output is in the page, and the outputs of a stored notebook in any order.
    private static string Html(string id, string json, double height) => $$"""
        <div id="{{id}}" style="min-height:{{height.ToString(CultureInfo.InvariantCulture)}}px"></div>
        <script>
        (function draw(tries) {
          const place = document.getElementById("{{id}}");
          if (place && window.Plotly) {
            const figure = {{json}};
            const config = { responsive: true, displaylogo: false, plotlyServerURL: "" };
            window.Plotly.newPlot(place, figure.data, figure.layout, config);
          } else if (tries > 0) {
            setTimeout(draw, 50, tries - 1);
          } else if (place) {
            place.textContent = "plotly.js is in the output of the first figure of this notebook: run its cell again";
          }
        })(200);
        </script>
        """;

    // The place is as high as the figure will be, so that nothing moves when it is drawn; 450 is plotly.js' own choice.
    private static double Height(string layout)
    {
        using var json = JsonDocument.Parse(layout);
        return json.RootElement.ValueKind == JsonValueKind.Object && json.RootElement.TryGetProperty("height", out var height)
            && height.ValueKind == JsonValueKind.Number ? height.GetDouble() : 450;
    }

    // Hidden from plotly.js, a module loader in the page, require.js above all, cannot keep it from being a global.
    private static string Script()
    {
        using var resource = typeof(PlotlyFigure).Assembly.GetManifestResourceStream("plotly-cartesian.min.js")!;
        using var reader = new StreamReader(resource, Encoding.UTF8);
        return $$"""
            <script>
            if (!window.Plotly) (function (define, require, module, exports) {
            {{reader.ReadToEnd()}}
            }).call(window);
            </script>

            """;
    }

    // What is no number is a gap, as plotly.js reads null.
    private sealed class GapConverter : JsonConverter<double>
    {
        public override double Read(ref Utf8JsonReader reader, Type type, JsonSerializerOptions options) => reader.GetDouble();

        public override void Write(Utf8JsonWriter writer, double value, JsonSerializerOptions options)
        {
            if (double.IsFinite(value))
                writer.WriteNumberValue(value);
            else
                writer.WriteNullValue();
        }
    }
}
