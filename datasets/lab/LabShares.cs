namespace Aim.Datasets;

/// <summary>How often each thing occurs in training. The defaults are what lab-video is trained with.</summary>
public sealed record LabShares
{
    /// <summary>Stage 1: repeated random sequences, which teach copying from context.</summary>
    public double Repeats { get; init; } = 0.35;

    /// <summary>Stage 1: 'NAME CODE' pairs in changing order, which teach look-up.</summary>
    public double Pairs { get; init; } = 0.15;

    /// <summary>Stage 1: the questions of clips and pictures, asked of scenes told in words.</summary>
    public double Stories { get; init; } = 0.5;

    /// <summary>Stage 2: batches of stories and pairs, so that what stage 1 taught stays.</summary>
    public double Texts { get; init; } = 0.12;

    /// <summary>Stage 2: batches of single pictures.</summary>
    public double Pictures { get; init; } = 0.23;

    /// <summary>Stage 2: batches of clips.</summary>
    public double Clips { get; init; } = 0.65;

    /// <summary>Sampled frames of a clip and how often: mostly 8 and 16, but 32 must be known too.</summary>
    public IReadOnlyList<(int Frames, double Share)> Frames { get; init; } = [(4, 0.1), (8, 0.4), (16, 0.35), (32, 0.15)];

    /// <summary>Facts asked bare, with letters and with a code book. 'there' is always bare, so the last two make half of all turns of clips.</summary>
    public double Direct { get; init; } = 0.34;

    /// <inheritdoc cref="Direct"/>
    public double Choice { get; init; } = 0.33;

    /// <inheritdoc cref="Direct"/>
    public double Code { get; init; } = 0.33;

    /// <summary>Of the pictures: one thing alone, asked for by name or through a rule told before the picture.</summary>
    public double SingleThings { get; init; } = 0.2;

    /// <summary>Questions and answers in a document.</summary>
    public int Turns { get; init; } = 6;

    /// <summary>Frames in a batch of clips (at least one clip).</summary>
    public int FramesInBatch { get; init; } = 48;

    /// <summary>Pictures in a batch.</summary>
    public int PicturesInBatch { get; init; } = 24;

    /// <summary>Documents in a batch of text.</summary>
    public int TextsInBatch { get; init; } = 16;
}
