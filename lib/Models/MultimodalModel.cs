namespace Aim.Models;

/// <summary>
/// What all families share: a decoder that reads pictures between the words of a prompt, a tokenizer, a chat template; loading
/// and saving of ordinary Hugging Face checkpoint directories. A family adds what sees, and how pictures and videos become
/// tokens.
/// </summary>
public abstract class MultimodalModel : IDisposable
{
    // Files beside config.json and the weights that belong to a checkpoint; copied when a model is saved elsewhere.
    private static readonly string[] s_companions =
    [
        "tokenizer.json", "tokenizer_config.json", "special_tokens_map.json", "generation_config.json", "chat_template.json",
        "chat_template.jinja", "preprocessor_config.json", "video_preprocessor_config.json", "processor_config.json",
    ];

    private readonly Lazy<BpeTokenizer> _tokenizer;
    private readonly Lazy<ChatTemplate> _chatTemplate;
    private string? _weightsPath;
    private string? _hash;

    private protected MultimodalModel(MultimodalConfig config, WeightStore weights, string? weightsPath, WeightResidency products)
    {
        Weights = weights;
        _weightsPath = weightsPath;
        Language = new LanguageModel(config.Text, weights, MultimodalWeights.LanguageOf(config), products);
        _tokenizer = new(() => BpeTokenizer.Load(Path.Combine(SourceDirectory, "tokenizer.json")));
        _chatTemplate = new(() => ChatTemplate.Load(SourceDirectory));
    }

    /// <summary>The configuration.</summary>
    public abstract MultimodalConfig Config { get; }

    /// <summary>All weights, under the names of the hub's checkpoint files.</summary>
    public WeightStore Weights { get; }

    /// <summary>The decoder.</summary>
    public LanguageModel Language { get; }

    /// <summary>The tokenizer of the checkpoint directory.</summary>
    /// <exception cref="CheckpointException">tokenizer.json is missing or not supported.</exception>
    public BpeTokenizer Tokenizer => _tokenizer.Value;

    /// <summary><see cref="HashOf"/> the directory that the model was loaded from or last saved in.</summary>
    /// <exception cref="InvalidOperationException">The model was made anew and not saved yet.</exception>
    public string Hash => _hash ??= CheckpointFiles.Hash(
        _weightsPath ?? throw new InvalidOperationException("a model has a hash once it is saved"));

    /// <summary>
    /// SHA-256 (lower-case hexadecimal) of a checkpoint's weights: of model.safetensors; of a sharded checkpoint, what
    /// <c>sha256sum model-*.safetensors | sha256sum</c> gives. The files' headers are checked first.
    /// </summary>
    /// <exception cref="CheckpointException">A file is missing or broken; the message names it.</exception>
    public static string HashOf(string directory)
    {
        CheckDirectory(directory);
        string path = CheckpointFiles.Find(directory);
        CheckpointFiles.Open(path).Dispose();
        return CheckpointFiles.Hash(path);
    }

    /// <summary>Bytes of a checkpoint's weight files, whose headers are checked; nothing else of them is read.</summary>
    /// <exception cref="CheckpointException">A file is missing or broken; the message names it.</exception>
    public static long WeightBytes(string directory)
    {
        CheckDirectory(directory);
        using var files = CheckpointFiles.Open(CheckpointFiles.Find(directory));
        return files.ByteLength;
    }

    private protected string SourceDirectory
        => Config.Directory ?? throw new InvalidOperationException(
            "this model was made without a checkpoint directory and has no tokenizer or processor");

    /// <summary>
    /// Loads a checkpoint directory of any family, which its config.json names. Weights that do not train keep the file's type;
    /// tables stay mapped.
    /// </summary>
    /// <param name="directory">Holds config.json, model.safetensors or its shards, tokenizer and processor files.</param>
    /// <param name="trainable">Whether gradients are kept for the weights, which then are float32 tensors.</param>
    /// <param name="products">
    /// How the weights of matrix products are kept otherwise: packed, or mapped, which loads at once and needs no memory of its
    /// own but computes more slowly.
    /// </param>
    /// <exception cref="CheckpointException">
    /// A file is missing, broken or does not fit the others; the message names it.
    /// </exception>
    public static MultimodalModel Load(
        string directory, bool trainable = false, WeightResidency products = WeightResidency.Packed)
    {
        CheckDirectory(directory);
        return Load(MultimodalConfig.Load(directory), directory, trainable, products);
    }

    private protected static MultimodalModel Load(
        MultimodalConfig config, string directory, bool trainable, WeightResidency products)
    {
        string path = CheckpointFiles.Find(directory);
        return Of(config, CheckpointWeights.Load(path, config, trainable, products), path, products);
    }

    private protected static void CheckDirectory(string directory)
    {
        if (!Directory.Exists(directory))
            throw new CheckpointException($"{directory}: no such directory; a Hugging Face checkpoint directory is expected");
    }

    /// <summary>
    /// Makes a model with seeded random weights: biases 0, norms 1, the rest bell-shaped with deviation 1/sqrt(3 * inputs).
    /// </summary>
    /// <param name="config">Its shape; if it was loaded from a directory, tokenizer and processor are read there too.</param>
    /// <param name="seed">Same seed, same weights.</param>
    /// <param name="trainable">Whether gradients are kept for the weights.</param>
    public static MultimodalModel Create(MultimodalConfig config, ulong seed, bool trainable)
    {
        ArgumentNullException.ThrowIfNull(config);
        return Of(config, WeightInitializer.Create(config, seed, trainable));
    }

    /// <summary>A model of given weights, which it owns.</summary>
    internal static MultimodalModel Of(
        MultimodalConfig config, WeightStore weights, string? weightsPath = null,
        WeightResidency products = WeightResidency.Packed)
        => config switch
        {
            LlavaConfig llava => new Llava(llava, weights, weightsPath, products),
            LlavaNextConfig next => new LlavaNext(next, weights, weightsPath, products),
            LlavaOnevisionConfig onevision => new LlavaOnevision(onevision, weights, weightsPath, products),
            Qwen2VlConfig qwen => new Qwen2Vl(qwen, weights, weightsPath, products),
            _ => throw new ArgumentException($"there is no model for {config.GetType().Name}", nameof(config)),
        };

    /// <summary>
    /// Saves a checkpoint directory that Hugging Face's libraries and <see cref="Load(string, bool, WeightResidency)"/> read;
    /// each file is written atomically.
    /// </summary>
    /// <param name="directory">Made if need be.</param>
    /// <param name="dtype">Float32, or BFloat16 (rounded to nearest, ties to even).</param>
    public void Save(string directory, ScalarType dtype)
    {
        var (type, name) = dtype switch
        {
            ScalarType.Float32 => (SafetensorsType.F32, "float32"),
            ScalarType.BFloat16 => (SafetensorsType.BF16, "bfloat16"),
            _ => throw new ArgumentException($"weights are saved as Float32 or BFloat16, not {dtype}", nameof(dtype)),
        };
        CheckpointWeights.Save(directory, Weights, Config, type);
        AtomicFile.WriteText(Path.Combine(directory, "config.json"), Config.ToJson(name));
        if (Config.Directory is { } source && Path.GetFullPath(source) != Path.GetFullPath(directory))
        {
            foreach (string file in s_companions.Where(f => File.Exists(Path.Combine(source, f))))
            {
                byte[] bytes = File.ReadAllBytes(Path.Combine(source, file));
                AtomicFile.Write(Path.Combine(directory, file), stream => stream.Write(bytes));
            }
        }

        _weightsPath = Path.Combine(directory, CheckpointFiles.FileName);
        _hash = null;
    }

    /// <summary>The ids of a conversation about pictures, whose placeholders stand before the first user turn's text.</summary>
    /// <param name="turns">
    /// Roles (<c>system</c>, <c>user</c>, <c>assistant</c>) and texts; the model is to answer the last one.
    /// </param>
    /// <param name="pictures">How many pictures.</param>
    /// <exception cref="CheckpointException">The checkpoint's chat template is missing or not supported.</exception>
    public int[] BuildPicturePrompt(IReadOnlyList<(string Role, string Text)> turns, int pictures = 1)
        => BuildPrompt(WithVisual(turns, (role, text) => new ChatMessage(role, text, Images: pictures)));

    /// <summary>The ids of a conversation about one video, whose placeholder stands before the first user turn's text.</summary>
    /// <param name="turns">
    /// Roles (<c>system</c>, <c>user</c>, <c>assistant</c>) and texts; the model is to answer the last one.
    /// </param>
    /// <exception cref="CheckpointException">The checkpoint's chat template is missing or not supported.</exception>
    /// <exception cref="NotSupportedException">The family takes no videos.</exception>
    public int[] BuildVideoPrompt(IReadOnlyList<(string Role, string Text)> turns) => TakesVideos
        ? BuildPrompt(WithVisual(turns, (role, text) => new ChatMessage(role, text, Videos: 1)))
        : throw NoVideos();

    /// <summary>
    /// The ids of a conversation whose last message the model is to answer, with a placeholder for each picture and video.
    /// </summary>
    /// <exception cref="CheckpointException">The checkpoint's chat template is missing or not supported.</exception>
    public int[] BuildPrompt(IReadOnlyList<ChatMessage> messages)
        => Tokenizer.Encode(_chatTemplate.Value.Render(messages, addGenerationPrompt: true), addSpecialTokens: true);

    /// <summary>Whether its prompts have a placeholder for videos.</summary>
    public bool TakesVideos => Config.TakesVideos;

    /// <summary>Prepares the pictures of one prompt, as the checkpoint's processor files say.</summary>
    /// <param name="pictures">In the order of their placeholders; some families treat a single one otherwise.</param>
    /// <returns>One for each, to be disposed.</returns>
    /// <exception cref="CheckpointException">The processor's settings are missing or not supported.</exception>
    /// <exception cref="ArgumentException">The family cannot take a picture of this shape.</exception>
    public abstract IReadOnlyList<PromptVisual> Pictures(IReadOnlyList<RgbImage> pictures);

    /// <summary>Prepares a video's frames.</summary>
    /// <exception cref="CheckpointException">The processor's settings are missing or not supported.</exception>
    /// <exception cref="ArgumentException">There is no frame, or the family cannot take frames of these shapes.</exception>
    /// <exception cref="NotSupportedException">The family takes no videos (<see cref="TakesVideos"/>).</exception>
    public virtual PromptVisual Video(IReadOnlyList<RgbImage> frames) => throw NoVideos();

    private NotSupportedException NoVideos() => NoVideos(Config.ModelType);

    internal static NotSupportedException NoVideos(string family)
        => new($"a {family} model takes no videos: its prompts have no placeholder for one; give frames as pictures");

    /// <summary>The decoder's input: token embeddings with pictures and videos in the places of their placeholders.</summary>
    /// <param name="ids">A prompt with one placeholder a picture or video.</param>
    /// <param name="visuals">What stands in the placeholders, in order.</param>
    /// <returns>
    /// Embeddings <c>[1, n, dim]</c>; which of the n slots are visual, and, where the decoder asks for them, every slot's
    /// positions.
    /// </returns>
    /// <exception cref="ArgumentException">Placeholders and visual tokens do not fit together.</exception>
    public (Tensor Embeds, PromptLayout Layout) Pack(IReadOnlyList<int> ids, IReadOnlyList<VisualTokens> visuals)
    {
        ArgumentNullException.ThrowIfNull(ids);
        ArgumentNullException.ThrowIfNull(visuals);
        var placeholders = Config.PlaceholderIds;
        foreach (var (id, visual) in ids.Where(placeholders.Contains).Zip(visuals))
        {
            if (id != Config.ImageTokenId != visual.IsVideo)
            {
                throw new ArgumentException(
                    visual.IsVideo
                        ? "the prompt holds an image placeholder where a video is packed"
                        : "the prompt holds a video placeholder where a picture is packed",
                    nameof(ids));
            }
        }

        using var scope = NewDisposeScope();
        var (embeds, layout) = PromptPacking.Pack(
            Language, ids, [.. placeholders], [.. visuals.Select(v => v.Tokens)], TakesVideos ? "image and video" : "image");
        var positioned = Position(layout, visuals);
        return (embeds.MoveToOuterDisposeScope(), positioned);
    }

    /// <summary>Adds positions to a packed prompt's layout; without them slots count from 0.</summary>
    private protected virtual PromptLayout Position(PromptLayout layout, IReadOnlyList<VisualTokens> visuals) => layout;

    private protected static List<ChatMessage> WithVisual(
        IReadOnlyList<(string Role, string Text)> turns, Func<string, string, ChatMessage> visual)
    {
        ArgumentNullException.ThrowIfNull(turns);
        int first = turns.Select(t => t.Role).ToList().IndexOf("user");
        return first < 0
            ? throw new ArgumentException("a prompt about a video or a picture needs a user turn", nameof(turns))
            : [.. turns.Select((t, i) => i == first ? visual(t.Role, t.Text) : new ChatMessage(t.Role, t.Text))];
    }

    /// <summary>Frees decoder and weights.</summary>
    public void Dispose()
    {
        Language.Dispose();
        Weights.Dispose();
        GC.SuppressFinalize(this);
    }
}
