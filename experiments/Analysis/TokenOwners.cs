namespace Aim.Experiments.Analysis;

/// <summary>
/// What the visual tokens of a frame show: for each token the pixels that each thing covers of it, from the lab's own drawing. A
/// token belongs to the thing that covers at least half of its pixels, else to the background.
/// </summary>
internal sealed class TokenOwners
{
    private readonly int[][][] _pixels;

    /// <param name="pixels"><c>[frames][tokens][things + 1]</c>: pixels of the background first, then of each thing.</param>
    public TokenOwners(int[][][] pixels) => _pixels = pixels;

    /// <summary>Counts the pixels of every token of a square grid.</summary>
    /// <param name="owners">
    /// Per frame the thing that each pixel shows, row by row, -1 for the background: <c>[frames][side * side]</c>.
    /// </param>
    /// <param name="side">Pixels a side.</param>
    /// <param name="grid">Tokens a side; divides <paramref name="side"/>.</param>
    /// <param name="things">Things of the scene.</param>
    public static TokenOwners Of(IReadOnlyList<sbyte[]> owners, int side, int grid, int things)
    {
        int token = side / grid;
        return new TokenOwners([.. owners.Select(owner =>
        {
            var pixels = new int[grid * grid][];
            for (int t = 0; t < pixels.Length; t++)
                pixels[t] = new int[things + 1];
            for (int p = 0; p < owner.Length; p++)
                pixels[p / side / token * grid + p % side / token][owner[p] + 1]++;
            return pixels;
        })]);
    }

    public int Frames => _pixels.Length;

    public int Tokens => _pixels[0].Length;

    /// <summary>Pixels of the background and of each thing in one token.</summary>
    public int[] Pixels(int frame, int token) => _pixels[frame][token];

    /// <summary>The thing (from 1) that holds at least half of so many pixels; 0, the background, where none does.</summary>
    public static int OwnerOf(IReadOnlyList<int> pixels)
    {
        int all = pixels.Sum(), owner = 0;
        for (int thing = 1; thing < pixels.Count; thing++)
            if (2 * pixels[thing] >= all && pixels[thing] > 0 && (owner == 0 || pixels[thing] > pixels[owner]))
                owner = thing;
        return owner;
    }
}
