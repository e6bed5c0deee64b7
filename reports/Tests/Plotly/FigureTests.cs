using System.Text.Json;
using Aim.Reports.Plotly;

namespace Aim.Reports.Tests.Plotly;

public class FigureTests
{
    private static readonly Figure Figure = new(
        [
            new Scatter
            {
                Name = "</script>",
                X = [1, 2.5],
                Y = [0.1, 1e-20],
                ErrorY = new ErrorBars { Array = [0.1, 0.2], ArrayMinus = [0.3, 0.4] },
                CustomData = [["a"], ["b"]],
            },
            new Heatmap { X = ["x"], Y = ["y"], Z = [[null]], ColorScale = [[0.0, "#fff"], [1.0, "#000"]] },
        ],
        new Layout { XAxis = new Axis { Type = "log", DTick = "D2" }, YAxis = new Axis() });

    [Test]
    public void Attributes_have_plotlys_spelling()
    {
        var root = JsonDocument.Parse(Figure.ToJson()).RootElement;
        var scatter = root.GetProperty("data")[0];

        Assert.Multiple(() =>
        {
            Assert.That(scatter.GetProperty("type").GetString(), Is.EqualTo("scatter"));
            Assert.That(scatter.GetProperty("error_y").GetProperty("arrayminus")[1].GetDouble(), Is.EqualTo(0.4));
            Assert.That(scatter.GetProperty("y")[1].GetDouble(), Is.EqualTo(1e-20));
            Assert.That(scatter.GetProperty("customdata")[1][0].GetString(), Is.EqualTo("b"));
            Assert.That(scatter.TryGetProperty("hovertemplate", out _), Is.False, "what is not set is left to plotly");
            Assert.That(root.GetProperty("data")[1].GetProperty("z")[0][0].ValueKind, Is.EqualTo(JsonValueKind.Null));
            Assert.That(root.GetProperty("layout").GetProperty("xaxis").GetProperty("dtick").GetString(), Is.EqualTo("D2"));
            Assert.That(root.GetProperty("layout").GetProperty("paper_bgcolor").GetString(), Is.Not.Null);
        });
    }

    [Test]
    public void The_text_is_safe_inside_a_script_element() => Assert.That(Figure.ToJson(), Does.Not.Contain("<"));
}
