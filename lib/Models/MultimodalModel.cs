using System.Security.Cryptography;

namespace Aim.Models;

/// <summary>
/// What the LLaVA families share: a vision tower, a projector, and a decoder that reads pictures between the words of a prompt;
/// loading and saving of ordinary Hugging Face checkpoint directories. A family adds how pictures become tokens, and videos where
/// it has them.
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
        Tower = new VisionTower(config.Vision, weights, MultimodalWeights.Tower);
        Projector = new MultimodalProjector(weights, MultimodalWeights.Projector, config.ProjectorLayers);
        Language = new LanguageModel(config.Text, weights, MultimodalWeights.Language, products);
        _tokenizer = new(() => BpeTokenizer.Load(Path.Combine(SourceDirectory, "tokenizer.json")));
        _chatTemplate = new(() => ChatTemplate.Load(SourceDirectory));
    }

    /// <summary>The configuration.</summary>
    public abstract MultimodalConfig Config { get; }

    /// <summary>All weights, under the names of the hub's checkpoint files.</summary>
    public WeightStore Weights { get; }

    /// <summary>The vision tower, whose attention methods may <see cref="VisionTower.Look">look at</see>.</summary>
    public VisionTower Tower { get; }

    /// <summary>The decoder.</summary>
    public LanguageModel Language { get; }

    internal MultimodalProjector Projector { get; }

    /// <summary>The learned token <c>[dim]</c> that stands after rows of a picture; null for a family without one.</summary>
    public Tensor? Newline => Config.HasNewline ? Weights.Get(MultimodalWeights.Newline) : null;

    /// <summary>The tokenizer of the checkpoint directory.</summary>
    /// <exception cref="CheckpointException">tokenizer.json is missing or not supported.</exception>
    public BpeTokenizer Tokenizer => _tokenizer.Value;

    /// <summary>SHA-256 (lower-case hexadecimal) of model.safetensors as it was loaded or last saved.</summary>
    /// <exception cref="InvalidOperationException">The model was made anew and not saved yet.</exception>
    public string Hash
    {
        get
        {
            if (_hash is null)
            {
                using var stream = File.OpenRead(
                    _weightsPath ?? throw new InvalidOperationException("a model has a hash once it is saved"));
                _hash = Convert.ToHexStringLower(SHA256.HashData(stream));
            }

            return _hash;
        }
    }

    private protected string SourceDirectory
        => Config.Directory ?? throw new InvalidOperationException(
            "this model was made without a checkpoint directory and has no tokenizer or processor");

    /// <summary>
    /// Loads a checkpoint directory of any family, which its config.json names. Weights that do not train keep the file's type;
    /// tables stay mapped.
    /// </summary>
    /// <param name="directory">Holds config.json, model.safetensors, tokenizer and processor files.</param>
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
        => Of(
            config, CheckpointWeights.Load(directory, config, trainable, products),
            Path.Combine(directory, CheckpointWeights.FileName), products);

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
            LlavaOnevisionConfig onevision => new LlavaOnevision(onevision, weights, weightsPath, products),
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

        _weightsPath = Path.Combine(directory, CheckpointWeights.FileName);
        _hash = null;
    }

    /// <summary>Prepares the pictures of one prompt for the tower, as the checkpoint's processor files say.</summary>
    /// <param name="pictures">In the order of their placeholders.</param>
    /// <exception cref="CheckpointException">The processor's settings are missing or not supported.</exception>
    public abstract IReadOnlyList<PreparedImage> Prepare(IReadOnlyList<RgbImage> pictures);

    /// <summary>What the tower gives for tiles, pictures or frames, before the projector.</summary>
    /// <param name="pixelValues"><c>[tiles, 3, height, width]</c>, normalised.</param>
    /// <param name="merger">Merges tokens within the tower; null: all stay.</param>
    /// <returns>
    /// <c>[tiles, features, vision dim]</c>, features = <see cref="MultimodalConfig.FeaturesPerTile"/>, or what the merger leaves of them.
    /// </returns>
    public Tensor VisionFeatures(Tensor pixelValues, ITowerMerger? merger = null)
    {
        using var scope = NewDisposeScope();
        return Select(Tower.Forward(pixelValues, Config.VisionLayersUsed, merger)).MoveToOuterDisposeScope();
    }

    /// <summary>Of the tower's output <c>[tiles, tokens, vision dim]</c> the rows that enter the projector.</summary>
    public Tensor Select(Tensor hidden)
    {
        ArgumentNullException.ThrowIfNull(hidden);
        return Config.DropsClass ? hidden.narrow(1, 1, hidden.shape[1] - 1) : hidden.alias();
    }

    /// <summary>Projects the tower's features to the decoder's width: what pictures are packed from.</summary>
    /// <param name="visionFeatures"><c>[tiles, features, vision dim]</c>.</param>
    /// <returns><c>[tiles, features, dim]</c>.</returns>
    public Tensor Project(Tensor visionFeatures) => Projector.Forward(visionFeatures);

    /// <summary>
    /// Each picture's tokens, from the projected features of all pictures' tiles; gradients flow to them and to the newline.
    /// </summary>
    /// <param name="projected"><c>[tiles, features, dim]</c>, picture after picture.</param>
    /// <param name="layouts">The pictures' layouts.</param>
    /// <returns>For each picture <c>[tokens, dim]</c>, newlines included.</returns>
    /// <exception cref="ArgumentException">There are more or fewer tiles than the layouts say.</exception>
    public IReadOnlyList<Tensor> PictureTokens(Tensor projected, IReadOnlyList<ImageLayout> layouts)
    {
        ArgumentNullException.ThrowIfNull(projected);
        ArgumentNullException.ThrowIfNull(layouts);
        int tiles = layouts.Sum(l => l.Tiles), first = 0;
        if (projected.shape[0] != tiles)
        {
            throw new ArgumentException(
                $"{projected.shape[0]} tiles are given where the layouts have {tiles}", nameof(projected));
        }

        var tokens = new List<Tensor>();
        foreach (var layout in layouts)
        {
            tokens.Add(layout.Pack(projected.narrow(0, first, layout.Tiles), Newline));
            first += layout.Tiles;
        }

        return tokens;
    }

    /// <summary>Each picture's tokens, from its pixels.</summary>
    /// <returns>For each picture <c>[tokens, dim]</c>, newlines included.</returns>
    public IReadOnlyList<Tensor> PictureTokens(IReadOnlyList<PreparedImage> pictures)
    {
        ArgumentNullException.ThrowIfNull(pictures);
        if (pictures.Count == 0)
            return [];
        using var scope = NewDisposeScope();
        var pixels = cat(pictures.Select(p => p.PixelValues).ToArray(), 0);
        var tokens = PictureTokens(Project(VisionFeatures(pixels)), [.. pictures.Select(p => p.Layout)]);
        return [.. tokens.Select(t => t.MoveToOuterDisposeScope())];
    }

    /// <summary>The ids of a conversation about pictures, whose placeholders stand before the first user turn's text.</summary>
    /// <param name="turns">
    /// Roles (<c>system</c>, <c>user</c>, <c>assistant</c>) and texts; the model is to answer the last one.
    /// </param>
    /// <param name="pictures">How many pictures.</param>
    /// <exception cref="CheckpointException">The checkpoint's chat template is missing or not supported.</exception>
    public int[] BuildPicturePrompt(IReadOnlyList<(string Role, string Text)> turns, int pictures = 1)
        => BuildPrompt(WithVisual(turns, (role, text) => new ChatMessage(role, text, Images: pictures)));

    /// <summary>
    /// The ids of a conversation whose last message the model is to answer, with a placeholder for each picture and video.
    /// </summary>
    /// <exception cref="CheckpointException">The checkpoint's chat template is missing or not supported.</exception>
    public int[] BuildPrompt(IReadOnlyList<ChatMessage> messages)
        => Tokenizer.Encode(_chatTemplate.Value.Render(messages, addGenerationPrompt: true), addSpecialTokens: true);

    private protected static List<ChatMessage> WithVisual(
        IReadOnlyList<(string Role, string Text)> turns, Func<string, string, ChatMessage> visual)
    {
        ArgumentNullException.ThrowIfNull(turns);
        int first = turns.Select(t => t.Role).ToList().IndexOf("user");
        return first < 0
            ? throw new ArgumentException("a prompt about a video or a picture needs a user turn", nameof(turns))
            : [.. turns.Select((t, i) => i == first ? visual(t.Role, t.Text) : new ChatMessage(t.Role, t.Text))];
    }

    /// <summary>The decoder's input: token embeddings with each picture's tokens in the place of its placeholder.</summary>
    /// <param name="ids">A prompt with one image placeholder a picture.</param>
    /// <param name="pictures">
    /// Each picture's tokens <c>[v, dim]</c>, newlines included, merged or not; all are visual (and prunable).
    /// </param>
    /// <returns>Embeddings <c>[1, n, dim]</c> and which of the n slots are visual.</returns>
    /// <exception cref="ArgumentException">Placeholders and pictures do not fit together.</exception>
    public virtual (Tensor Embeds, PromptLayout Layout) PackPictures(IReadOnlyList<int> ids, IReadOnlyList<Tensor> pictures)
    {
        ArgumentNullException.ThrowIfNull(ids);
        ArgumentNullException.ThrowIfNull(pictures);
        return PromptPacking.Pack(Language, ids, Config.ImageTokenId, pictures, "image");
    }

    /// <summary>Frees decoder and weights.</summary>
    public void Dispose()
    {
        Language.Dispose();
        Weights.Dispose();
        GC.SuppressFinalize(this);
    }
}
