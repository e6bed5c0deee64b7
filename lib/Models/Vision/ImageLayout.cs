namespace Aim.Models;

/// <summary>
/// How one picture's projected features become the tokens that stand in its placeholder's place: whole tiles, then (where a
/// picture is cut into tiles) the tiles' common grid, unpadded, shrunk if it is too large, with a newline token after each row.
/// </summary>
public sealed class ImageLayout
{
    /// <summary>Stands in <see cref="Rows"/> for the newline token.</summary>
    public const int Newline = -1;

    // Rows of the features that form the grid before it is shrunk, row-major, and the sizes before and after.
    private readonly (int[] Source, int Rows, int Columns, int ToRows, int ToColumns)? _shrink;

    private ImageLayout(int tiles, int patches, IReadOnlyList<int> rows, bool sharesTile, (int[], int, int, int, int)? shrink)
    {
        (Tiles, Patches, Rows, SharesTile, _shrink) = (tiles, patches, rows, sharesTile, shrink);
        Newlines = rows.Count(r => r == Newline);
        int grid = rows.Count - patches - Newlines, side = (int)Math.Round(Math.Sqrt(patches));
        var whole = side * side == patches ? new VisionGrid(1, side, side) : new VisionGrid(1, 1, patches);
        Views = grid > 0 ? [whole, new VisionGrid(1, Newlines, grid / Newlines)] : [whole];
    }

    /// <summary>Tiles that the tower sees.</summary>
    public int Tiles { get; }

    /// <summary>Features of one tile.</summary>
    public int Patches { get; }

    /// <summary>
    /// Whether the base tile and the only tile of the grid hold the same pixels, so that both are taken from one; upstream
    /// computes them twice and gets the same numbers.
    /// </summary>
    public bool SharesTile { get; }

    /// <summary>
    /// Where each token comes from, in order: the row of the features <c>[tiles * patches]</c>, or <see cref="Newline"/>. Where
    /// <see cref="IsShrunk"/>, rows from tiles * patches on are those of the shrunk grid.
    /// </summary>
    public IReadOnlyList<int> Rows { get; }

    /// <summary>Whether the grid is interpolated to a smaller one, so that its tokens are no features of one patch.</summary>
    public bool IsShrunk => _shrink is not null;

    /// <summary>Visual tokens of the picture, newlines included.</summary>
    public int Tokens => Rows.Count;

    /// <summary>Newline tokens among them.</summary>
    public int Newlines { get; }

    /// <summary>
    /// How the tokens lie, newlines apart: the base tile; then, where there are tiles, their common grid. Features that are no
    /// square (with a class token) count as one row.
    /// </summary>
    public IReadOnlyList<VisionGrid> Views { get; }

    /// <summary>One tile's features as they are; with a newline token behind them where <paramref name="newline"/>.</summary>
    public static ImageLayout Single(int patches, bool newline)
    {
        var rows = Enumerable.Range(0, patches);
        return new ImageLayout(1, patches, [.. newline ? rows.Append(Newline) : rows], false, null);
    }

    /// <summary>The base tile, then the grid of tiles with newlines.</summary>
    /// <param name="height">The picture's height in pixels, as its file has it.</param>
    /// <param name="width">Its width.</param>
    /// <param name="resolution">The resolution chosen for it (<see cref="AnyResolution.Best"/>).</param>
    /// <param name="tileSize">Side of a tile in pixels.</param>
    /// <param name="side">Side of a tile's grid of features.</param>
    /// <param name="maxTiles">The grid shrinks to as many tokens as this many tiles give; null: it never shrinks.</param>
    public static ImageLayout Tiled(
        int height, int width, (int Height, int Width) resolution, int tileSize, int side, int? maxTiles)
    {
        int down = resolution.Height / tileSize, across = resolution.Width / tileSize, patches = side * side;

        // A square picture in a resolution of one tile is neither cut nor padded: that tile is the base tile.
        bool shares = down == 1 && across == 1 && height == width;
        var (top, left, rows, columns) = AnyResolution.Unpad(height, width, down * side, across * side);
        var source = new int[rows * columns];
        for (int i = 0; i < source.Length; i++)
        {
            int y = top + (i / columns), x = left + (i % columns), tile = (shares ? 0 : 1) + (y / side * across) + (x / side);
            source[i] = (tile * patches) + (y % side * side) + (x % side);
        }

        int tiles = shares ? 1 : 1 + (down * across);
        var (toRows, toColumns) = source.Length > 0 && maxTiles is { } most
            ? AnyResolution.Shrink(rows, columns, side, most)
            : (rows, columns);
        bool shrinks = (toRows, toColumns) != (rows, columns);
        var tokens = Enumerable.Range(0, patches).ToList();
        for (int y = 0; y < toRows; y++)
        {
            for (int x = 0; x < toColumns; x++)
                tokens.Add(shrinks ? (tiles * patches) + (y * toColumns) + x : source[(y * columns) + x]);
            tokens.Add(Newline);
        }

        return new ImageLayout(tiles, patches, tokens, shares, shrinks ? (source, rows, columns, toRows, toColumns) : null);
    }

    /// <summary>The picture's tokens; gradients flow to the features and to the newline.</summary>
    /// <param name="features">Projected features <c>[tiles, patches, dim]</c>.</param>
    /// <param name="newline">The newline token <c>[dim]</c>; null for a family without one.</param>
    /// <returns><c>[tokens, dim]</c>.</returns>
    /// <exception cref="ArgumentException">The features do not fit.</exception>
    public Tensor Pack(Tensor features, Tensor? newline)
    {
        ArgumentNullException.ThrowIfNull(features);
        if (features.shape is not [var tiles, var patches, var dim] || tiles != Tiles || patches != Patches)
        {
            throw new ArgumentException(
                $"features [{string.Join(", ", features.shape)}] do not fit the picture: [{Tiles}, {Patches}, dim] is expected",
                nameof(features));
        }

        using var scope = NewDisposeScope();
        var flat = features.reshape(-1, dim);
        List<Tensor> table = [flat];
        if (_shrink is { } shrink)
        {
            var grid = flat.index_select(0, Index(shrink.Source, flat));
            table.Add(Shrink(grid, shrink.Rows, shrink.Columns, shrink.ToRows, shrink.ToColumns));
        }

        long end = table.Sum(t => t.shape[0]);
        if (newline is not null)
            table.Add(newline.unsqueeze(0));
        var all = table.Count == 1 ? flat : cat(table, 0);
        return all.index_select(0, Index(Rows.Select(r => r == Newline ? (int)end : r), flat)).MoveToOuterDisposeScope();
    }

    /// <summary>One view's tokens.</summary>
    /// <param name="features">Projected features <c>[tiles, patches, dim]</c>.</param>
    /// <param name="view">Its place among the <see cref="Views"/>.</param>
    /// <returns><c>[1, tokens, dim]</c>.</returns>
    public Tensor View(Tensor features, int view)
    {
        using var scope = NewDisposeScope();
        return Shrink(PatchesOf(features, view), view).MoveToOuterDisposeScope();
    }

    /// <summary>What a view shows of the tiles, before the grid is shrunk.</summary>
    /// <param name="perTile">Anything that patches have, <c>[tiles, patches, any]</c>.</param>
    /// <param name="view">The view.</param>
    /// <returns><c>[1, patches of the view, any]</c>.</returns>
    public Tensor PatchesOf(Tensor perTile, int view)
    {
        ArgumentNullException.ThrowIfNull(perTile);
        using var scope = NewDisposeScope();
        var rows = view == 0 ? Rows.Take(Patches) : _shrink?.Source ?? Rows.Skip(Patches).Where(r => r != Newline);
        return perTile.reshape(-1, perTile.shape[2]).index_select(0, Index(rows, perTile)).unsqueeze(0).MoveToOuterDisposeScope();
    }

    /// <summary>
    /// Brings a view's patches to its tokens: the grid is shrunk where <see cref="IsShrunk"/>, nothing else changes.
    /// </summary>
    /// <param name="patches"><c>[1, patches of the view, any]</c>.</param>
    /// <param name="view">The view.</param>
    /// <returns><c>[1, tokens, any]</c>.</returns>
    public Tensor Shrink(Tensor patches, int view)
    {
        ArgumentNullException.ThrowIfNull(patches);
        if (view == 0 || _shrink is not { } shrink)
            return patches.alias();
        using var scope = NewDisposeScope();
        var small = Shrink(patches, shrink.Rows, shrink.Columns, shrink.ToRows, shrink.ToColumns);
        return small.unsqueeze(0).MoveToOuterDisposeScope();
    }

    // [.., rows * columns, dim] -> [toRows * toColumns, dim].
    private static Tensor Shrink(Tensor grid, int rows, int columns, int toRows, int toColumns)
    {
        long dim = grid.shape[^1];
        var small = nn.functional.interpolate(
            grid.reshape(1, rows, columns, dim).permute(0, 3, 1, 2), [toRows, toColumns], mode: InterpolationMode.Bilinear,
            align_corners: false);
        return small.permute(0, 2, 3, 1).reshape(-1, dim);
    }

    private static Tensor Index(IEnumerable<int> rows, Tensor like)
    {
        long[] index = [.. rows.Select(r => (long)r)];
        return tensor(index, [index.Length]).to(like.device);
    }
}
