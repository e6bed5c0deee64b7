namespace Aim.Datasets;

/// <summary>What the turns of a clip are about.</summary>
public enum LabClipTurns
{
    /// <summary>What appears when: first, last, after, before; what is there, how many.</summary>
    Order,

    /// <summary>What is where.</summary>
    Places,

    /// <summary>A list of the things in order of appearance, then questions about it.</summary>
    List,

    /// <summary>Which way things move.</summary>
    Motion,

    /// <summary>What appears only briefly.</summary>
    Brief,

    /// <summary>What is written on a plate.</summary>
    Plate,
}

/// <summary>What the turns of a picture are about.</summary>
public enum LabPictureTurns
{
    /// <summary>What is where; what is there, how many.</summary>
    Places,

    /// <summary>One thing alone, asked for by name or through a rule told before the picture.</summary>
    Single,

    /// <summary>A list of the things row by row, then a question about it.</summary>
    List,

    /// <summary>What is written on a plate.</summary>
    Plate,
}

/// <summary>How often each thing occurs in training. The defaults are what lab-video is trained with.</summary>
public sealed record LabShares
{
    /// <summary>Stage 1: repeated random sequences, which teach copying from context.</summary>
    public double Repeats { get; init; } = 0.3;

    /// <summary>Stage 1: 'NAME CODE' pairs in changing order, which teach look-up.</summary>
    public double Pairs { get; init; } = 0.12;

    /// <summary>Stage 1: the questions of clips and pictures, asked of scenes told in words.</summary>
    public double Stories { get; init; } = 0.43;

    /// <summary>Stage 1: the work after the look (letters, code books, rules) with the answer named in the text.</summary>
    public double Told { get; init; } = 0.1;

    /// <summary>Stage 1: objects and what they are.</summary>
    public double Categories { get; init; } = 0.05;

    /// <summary>Stage 2: batches of text (all of stage 1 but the repeats), so that what stage 1 taught stays.</summary>
    public double Texts { get; init; } = 0.12;

    /// <summary>Stage 2: batches of single pictures.</summary>
    public double Pictures { get; init; } = 0.23;

    /// <summary>Stage 2: batches of clips.</summary>
    public double Clips { get; init; } = 0.65;

    /// <summary>
    /// Of the batches of pictures: those shown as `&lt;image&gt;`; the others are videos of one frame, which take an eighth of
    /// the tokens.
    /// </summary>
    public double Images { get; init; } = 0.5;

    /// <summary>Sampled frames of a clip and how often: mostly 8 and 16, but 32 must be known too.</summary>
    public IReadOnlyList<(int Frames, double Share)> Frames { get; init; } = [(4, 0.1), (8, 0.4), (16, 0.35), (32, 0.15)];

    /// <summary>
    /// Whether a brief event has one question alone. With two, 'is the key there?' names the answer of 'what appears briefly?'
    /// half the time, and what the text tells is not learnt from the frames.
    /// </summary>
    public bool BriefAlone { get; init; }

    /// <summary>What the turns of clips are about, by <see cref="LabClipTurns"/>.</summary>
    public double[] ClipTurns { get; init; } = [0.42, 0.16, 0.12, 0.12, 0.08, 0.1];

    /// <summary>What the turns of pictures are about, by <see cref="LabPictureTurns"/>.</summary>
    public double[] PictureTurns { get; init; } = [0.6, 0.2, 0.1, 0.1];

    /// <summary>Facts asked bare, with letters, with a code book and with a rule. Facts whose answer is no object know the
    /// first two alone; of the two-hop questions about a large category some are asked bare, so that all categories are equally
    /// common.</summary>
    public double Direct { get; init; } = 0.3;

    /// <inheritdoc cref="Direct"/>
    public double Choice { get; init; } = 0.28;

    /// <inheritdoc cref="Direct"/>
    public double Code { get; init; } = 0.2;

    /// <inheritdoc cref="Direct"/>
    public double Hop { get; init; } = 0.3;

    /// <summary>Of the pictures of one thing: those whose rule is told before the picture.</summary>
    public double Rules { get; init; } = 0.5;

    /// <summary>Questions and answers in a document, at most.</summary>
    public int Turns { get; init; } = 6;

    /// <summary>Frames in a batch of clips (at least one clip).</summary>
    public int FramesInBatch { get; init; } = 48;

    /// <summary>Pictures in a batch, shown as videos of one frame.</summary>
    public int PicturesInBatch { get; init; } = 24;

    /// <summary>Pictures in a batch, shown as pictures.</summary>
    public int ImagesInBatch { get; init; } = 8;

    /// <summary>Documents in a batch of text.</summary>
    public int TextsInBatch { get; init; } = 16;
}
