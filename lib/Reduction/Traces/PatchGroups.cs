using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Aim.Reduction;

/// <summary>
/// A sample's trace as run records keep it: for each frame the token that every patch is in, and for each token the last decoder
/// layer that it enters. As JSON: <c>{"grid":[frames,rows,columns],"layers":12,"groups":[[0,0,1,..],..],"last":[11,4,..]}</c>.
/// </summary>
public sealed class PatchGroups
{
    private const string Shape = "{\"grid\":[frames,rows,columns],\"layers\":n,\"groups\":[[..],..],\"last\":[..]}";

    // Beyond these no sample of a model lies; they keep a file from asking for memory that it does not hold.
    private const int MostFrames = 4096, MostSide = 1024, MostLayers = 1000;

    /// <summary>Makes it from its parts.</summary>
    /// <param name="grid">The frames' grids.</param>
    /// <param name="layers">Layers of the decoder.</param>
    /// <param name="groups">For each frame the token of every patch in raster order, -1 where it is in none.</param>
    /// <param name="last">For each token the last layer that it enters.</param>
    /// <exception cref="ArgumentException">The parts do not fit together.</exception>
    public PatchGroups(PatchGrid grid, int layers, IReadOnlyList<IReadOnlyList<int>> groups, IReadOnlyList<int> last)
    {
        ArgumentNullException.ThrowIfNull(grid);
        ArgumentNullException.ThrowIfNull(groups);
        ArgumentNullException.ThrowIfNull(last);
        if (grid.Frames is < 1 or > MostFrames || grid.Rows is < 1 or > MostSide || grid.Columns is < 1 or > MostSide)
        {
            throw new ArgumentException(
                $"a grid of {grid.Frames} frames of {grid.Rows} x {grid.Columns} is not one of 1 to {MostFrames} frames "
                + $"of 1 to {MostSide} a side",
                nameof(grid));
        }

        if (layers is < 1 or > MostLayers)
            throw new ArgumentException($"{layers} layers are not 1 to {MostLayers}", nameof(layers));
        if (groups.Count != grid.Frames || groups.Any(f => f.Count != grid.PerFrame))
            throw new ArgumentException($"groups are not {grid.Frames} frames of {grid.PerFrame} patches", nameof(groups));
        if (groups.Any(f => f.Any(g => g < -1 || g >= last.Count)))
        {
            throw new ArgumentException(
                $"a patch is in a token that is not among the {last.Count}; -1 stands for none", nameof(groups));
        }

        if (last.Any(l => l < 0 || l >= layers))
            throw new ArgumentException($"a token's last layer is none of the layers 0 to {layers - 1}", nameof(last));
        (Grid, Layers, Groups, Last) = (grid, layers, groups, last);
    }

    /// <summary>The frames' grids.</summary>
    public PatchGrid Grid { get; }

    /// <summary>Layers of the decoder.</summary>
    public int Layers { get; }

    /// <summary>For each frame the token of every patch in raster order, counted over the whole sample; -1: in none.</summary>
    public IReadOnlyList<IReadOnlyList<int>> Groups { get; }

    /// <summary>For each token the last layer that it enters; the last of all where it is never pruned.</summary>
    public IReadOnlyList<int> Last { get; }

    /// <summary>For each patch of a frame the last layer that its token enters, -1 where it is in none.</summary>
    public int[] LastLayers(int frame) => [.. Groups[frame].Select(g => g < 0 ? -1 : Last[g])];

    /// <summary>One line of JSON.</summary>
    public string ToJson()
    {
        var text = new StringBuilder();
        void List(IEnumerable<int> values) => text.Append('[').AppendJoin(',', values).Append(']');
        text.Append("{\"grid\":");
        List([Grid.Frames, Grid.Rows, Grid.Columns]);
        text.Append(CultureInfo.InvariantCulture, $",\"layers\":{Layers},\"groups\":[");
        for (int f = 0; f < Groups.Count; f++)
        {
            text.Append(f > 0 ? "," : "");
            List(Groups[f]);
        }

        text.Append("],\"last\":");
        List(Last);
        return text.Append('}').ToString();
    }

    /// <summary>Reads <see cref="ToJson"/>'s form back.</summary>
    /// <exception cref="FormatException">It is not that form, or its parts do not fit together; the message says
    /// which.</exception>
    public static PatchGroups FromJson(string json)
    {
        ArgumentNullException.ThrowIfNull(json);
        try
        {
            using var document = JsonDocument.Parse(json);
            var root = document.RootElement;
            if (root.ValueKind != JsonValueKind.Object || root.EnumerateObject().Count() != 4)
                throw new FormatException($"not the provenance of a sample; {Shape} is expected");
            int[] grid = Ints(Need(root, "grid"));
            if (grid.Length != 3)
                throw new FormatException("provenance: grid is not [frames, rows, columns]");
            var groups = Need(root, "groups");
            return new PatchGroups(
                new PatchGrid(grid[0], grid[1], grid[2]), Int(Need(root, "layers")),
                [.. groups.EnumerateArray().Select(f => (IReadOnlyList<int>)Ints(f))], Ints(Need(root, "last")));
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException or ArgumentException)
        {
            throw new FormatException($"provenance: {error.Message.ReplaceLineEndings(" ")}; {Shape} is expected", error);
        }
    }

    private static JsonElement Need(JsonElement root, string name)
        => root.TryGetProperty(name, out var value)
            ? value
            : throw new FormatException($"provenance: '{name}' is missing; {Shape} is expected");

    private static int[] Ints(JsonElement list) => [.. list.EnumerateArray().Select(Int)];

    private static int Int(JsonElement value) => value.TryGetInt32(out int number)
        ? number
        : throw new FormatException($"provenance: {value.GetRawText()} is not a whole number of 32 bits");
}
