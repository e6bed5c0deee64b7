using System.Text.Json;
using Aim.Models;

namespace Aim.Parity;

/// <summary>
/// A case's pictures: how many each prompt has, how they are packed, their files and the tiles that are stored of them. Stored
/// are all tiles that upstream computes (also where two hold the same pixels), with zero tiles up to the largest number; where
/// the family cuts no tiles, there is no axis for them.
/// </summary>
internal sealed class CasePictures
{
    private const int Most = 64;
    private readonly CaseFile _file;
    private readonly int[] _perPrompt;
    private readonly bool _tiled;

    public CasePictures(CaseFile file, LlavaFamilyConfig config)
    {
        _file = file;
        _tiled = config is TiledConfig;
        if (!file.Inputs.Has(_tiled ? "image_sizes" : "pixel_values"))
        {
            (_perPrompt, Layouts) = ([], []);
            return;
        }

        _perPrompt = file.Root.NeedInts("images_per_prompt");
        if (_perPrompt.Any(n => n is < 0 or > Most))
            throw new BadFixtureException($"images_per_prompt must be numbers of pictures, at most {Most} each");
        int count = _perPrompt.Sum();

        // A family without tiles does not ask how large a picture was.
        long[] sizes = _tiled ? file.Integers("image_sizes") : [.. Enumerable.Repeat(1L, 2 * count)];
        if (sizes.Length != 2 * count || sizes.Any(s => s is < 1 or > 1 << 20))
            throw new BadFixtureException("image_sizes must hold height and width of each picture");
        Layouts =
        [
            .. _perPrompt.SelectMany(n => Enumerable.Repeat(n, n))
                .Select((n, i) => config.LayoutOf((int)sizes[2 * i], (int)sizes[(2 * i) + 1], n)),
        ];
    }

    /// <summary>All pictures' layouts, in order over the batch.</summary>
    public IReadOnlyList<ImageLayout> Layouts { get; }

    /// <summary>Runs the processor over the pictures' files, where they lie beside, and compares.</summary>
    public void Compare(Comparison c, LlavaFamily model)
    {
        string[] paths = CaseFrames.Pictures(_file);
        if (paths.Length != Layouts.Count || !paths.All(Path.Exists))
        {
            c.LeaveOut("pixel_values (no pictures beside)");
            return;
        }

        using var scope = NewDisposeScope();
        long[] shape = _file.Shape("pixel_values");
        var prepared = Prepare(model);
        var ours = _tiled ? stack(prepared.Select(tiles => WithZeros(tiles, shape[1])).ToArray(), 0) : cat(prepared.ToArray(), 0);
        c.Holds(
            ours.shape.SequenceEqual(shape),
            $"pixel_values have shape [{string.Join(", ", ours.shape)}], expected [{string.Join(", ", shape)}]");
        c.Close("pixel_values", ours.Values(), _file.Floats("pixel_values"), default);
    }

    /// <summary>
    /// Every picture's tiles from its file, as many as upstream computes: each <c>[tiles, 3, height, width]</c>.
    /// </summary>
    public List<Tensor> Prepare(LlavaFamily model)
    {
        string[] paths = CaseFrames.Pictures(_file);
        var pictures = new List<Tensor>();
        foreach (int count in _perPrompt)
        {
            foreach (var prepared in model.Prepare([.. paths.Skip(pictures.Count).Take(count).Select(CaseFrames.Read)]))
            {
                var tiles = prepared.PixelValues;
                pictures.Add(prepared.Layout.SharesTile ? cat([tiles, tiles], 0) : tiles);
            }

        }

        return pictures;
    }

    private static Tensor WithZeros(Tensor pixels, long tiles)
    {
        long missing = tiles - pixels.shape[0];
        return missing <= 0 ? pixels : cat([pixels, zeros([missing, .. pixels.shape[1..]])], 0);
    }

    /// <summary>The stored tiles of all pictures, without zero tiles: <c>[tiles, 3, height, width]</c>.</summary>
    public Tensor Tiles()
    {
        var pixels = _file.Tensor("pixel_values");
        if (pixels.dim() != (_tiled ? 5 : 4) || pixels.shape[0] != Layouts.Count)
            throw new BadFixtureException("pixel_values do not hold the pictures of images_per_prompt");
        if (!_tiled)
            return pixels;
        return cat(Layouts.Select((l, i) => pixels.select(0, i).narrow(0, 0, Upstream(l))).ToArray(), 0);
    }

    /// <summary>Of results for all of <see cref="Tiles"/> those that the layouts want.</summary>
    public Tensor Distinct(Tensor tiles)
    {
        var picked = new List<long>();
        long first = 0;
        foreach (var layout in Layouts)
        {
            // Of two tiles with the same pixels the second: upstream takes the grid from it, and the base must equal it.
            long skip = Upstream(layout) - layout.Tiles;
            picked.AddRange(Enumerable.Range(0, layout.Tiles).Select(i => first + skip + i));
            first += Upstream(layout);
        }

        return tiles.index_select(0, tensor(picked.ToArray()).to(tiles.device));
    }

    private static int Upstream(ImageLayout layout) => layout.Tiles + (layout.SharesTile ? 1 : 0);
}
