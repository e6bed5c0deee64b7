namespace Aim.Models;

/// <summary>
/// generation_config.json of a checkpoint: which ids end an answer and pad a batch, and how its authors suggest to sample.
/// Nothing of the suggestion is in force unless it is asked for.
/// </summary>
public sealed record GenerationConfig
{
    /// <summary>Ids that end an answer; none where the checkpoint names none.</summary>
    public IReadOnlyList<int> EndIds { get; init; } = [];

    /// <summary>The id that pads batches; null where the checkpoint names none, and upstream takes the first end id.</summary>
    public int? PadId { get; init; }

    /// <summary>Whether the authors suggest to sample.</summary>
    public bool DoSample { get; init; }

    /// <summary>The suggested sampling; what the file leaves out is upstream's (top-k 50).</summary>
    public Sampling Sampling { get; init; } = new() { TopK = 50 };

    /// <summary>The suggested repetition penalty.</summary>
    public double RepetitionPenalty { get; init; } = 1;

    /// <summary>Reads a checkpoint directory's file; without one, the ids of config.json or its text_config count.</summary>
    /// <exception cref="CheckpointException">A file is broken or a field is wrong; the message names it.</exception>
    public static GenerationConfig Load(string directory)
    {
        string path = Path.Combine(directory, "generation_config.json");
        if (Path.Exists(path))
            return Read(ConfigSection.Load(path));
        var config = ConfigSection.Load(Path.Combine(directory, "config.json"));
        var text = config.Section("text_config") ?? config;
        var outer = Ids(config);
        var inner = Ids(text);
        return new GenerationConfig
        {
            EndIds = inner.End.Count > 0 ? inner.End : outer.End,
            PadId = inner.Pad ?? outer.Pad,
        };
    }

    /// <summary>Reads a whole file.</summary>
    /// <exception cref="CheckpointException">A field is wrong; the message names it.</exception>
    public static GenerationConfig Read(ConfigSection file)
    {
        var (end, pad) = Ids(file);
        double topP = file.Positive("top_p", 1);
        return new GenerationConfig
        {
            EndIds = end,
            PadId = pad,
            DoSample = file.Bool("do_sample", false),
            Sampling = new Sampling
            {
                // Files of greedy models may say 0, which upstream then never looks at.
                Temperature = file.NonNegative("temperature", 1) is > 0 and var temperature ? temperature : 1,
                TopK = file.Int("top_k", 50, 0),
                TopP = topP <= 1 ? topP : throw file.Error("top_p", $"{topP} is more than 1"),
            },
            RepetitionPenalty = file.Positive("repetition_penalty", 1),
        };
    }

    // Some files say -1 where they mean none.
    private static (IReadOnlyList<int> End, int? Pad) Ids(ConfigSection file)
    {
        int pad = file.Int("pad_token_id", -1, -1);
        int[] end = file.IsArray("eos_token_id") ? file.Ints("eos_token_id")! : [file.Int("eos_token_id", -1, -1)];
        return ([.. end.Where(id => id >= 0).Distinct()], pad < 0 ? null : pad);
    }
}
