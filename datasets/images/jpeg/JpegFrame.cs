namespace Aim.Datasets;

/// <summary>A frame: the picture's size and its components, all multiples of 8 x 8 blocks.</summary>
internal sealed class JpegFrame
{
    public required int Width { get; init; }

    public required int Height { get; init; }

    public required bool IsProgressive { get; init; }

    public required JpegComponent[] Components { get; init; }

    /// <summary>The largest sampling factors: a unit of the scan (MCU) covers 8 times as many pixels.</summary>
    public int MaxAcross { get; private set; }

    /// <inheritdoc cref="MaxAcross"/>
    public int MaxDown { get; private set; }

    /// <summary>Units of the scan, a row and in all rows.</summary>
    public int UnitsAcross { get; private set; }

    /// <inheritdoc cref="UnitsAcross"/>
    public int UnitsDown { get; private set; }

    /// <summary>Blocks that hold samples of the picture.</summary>
    public long Blocks => Components.Sum(c => (long)c.BlocksAcross * c.BlocksDown);

    /// <summary>Derives all sizes from the sampling factors.</summary>
    public void Measure()
    {
        MaxAcross = Components.Max(c => c.Across);
        MaxDown = Components.Max(c => c.Down);
        UnitsAcross = Ceiling(Width, 8 * MaxAcross);
        UnitsDown = Ceiling(Height, 8 * MaxDown);
        foreach (var c in Components)
        {
            c.Width = Ceiling(Width * c.Across, MaxAcross);
            c.Height = Ceiling(Height * c.Down, MaxDown);
            c.BlocksAcross = Ceiling(c.Width, 8);
            c.BlocksDown = Ceiling(c.Height, 8);
            c.Stride = UnitsAcross * c.Across;
            c.Rows = UnitsDown * c.Down;
        }
    }

    private static int Ceiling(int value, int by) => (value + by - 1) / by;
}

/// <summary>One of the frame's components: luma, a chroma, a colour, ink.</summary>
/// <param name="id">What scans call it.</param>
/// <param name="across">Horizontal sampling factor, 1 to 4.</param>
/// <param name="down">Vertical sampling factor, 1 to 4.</param>
/// <param name="quantisation">Which quantisation table it uses, 0 to 3.</param>
internal sealed class JpegComponent(int id, int across, int down, int quantisation)
{
    public int Id { get; } = id;

    public int Across { get; } = across;

    public int Down { get; } = down;

    public int Quantisation { get; } = quantisation;

    /// <summary>Its own size in samples, without padding.</summary>
    public int Width { get; set; }

    /// <inheritdoc cref="Width"/>
    public int Height { get; set; }

    /// <summary>Blocks that hold samples: what a scan of this component alone has.</summary>
    public int BlocksAcross { get; set; }

    /// <inheritdoc cref="BlocksAcross"/>
    public int BlocksDown { get; set; }

    /// <summary>Blocks a row and rows of blocks, padded to whole units of interleaved scans.</summary>
    public int Stride { get; set; }

    /// <inheritdoc cref="Stride"/>
    public int Rows { get; set; }

    /// <summary>Quantisation steps, row-major: those that held when its first scan began. Null before.</summary>
    public short[]? Steps { get; set; }

    /// <summary>Progressive: all blocks' coefficients <c>[rows, stride, 64]</c>, row-major within a block.</summary>
    public short[] Coefficients { get; set; } = [];

    /// <summary>Samples <c>[rows * 8, stride * 8]</c>.</summary>
    public byte[] Samples { get; set; } = [];

    /// <summary>The tables of the scan that runs.</summary>
    public JpegHuffman? Dc { get; set; }

    /// <inheritdoc cref="Dc"/>
    public JpegHuffman? Ac { get; set; }

    /// <summary>The DC coefficient of the block before.</summary>
    public int Prediction { get; set; }
}
