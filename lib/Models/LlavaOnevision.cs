using System.Security.Cryptography;

namespace Aim.Models;

/// <summary>
/// LLaVA-OneVision: SigLIP tower, projector, pictures in tiles, pooled video frames, and a Qwen2 decoder that reads them between the words
/// of a prompt. It loads and saves ordinary Hugging Face checkpoint directories.
/// </summary>
public sealed class LlavaOnevision : IDisposable
{
    // Files beside config.json and the weights that belong to a checkpoint; copied when a model is saved elsewhere.
    private static readonly string[] s_companions =
    [
        "tokenizer.json", "tokenizer_config.json", "special_tokens_map.json", "generation_config.json", "chat_template.json",
        "chat_template.jinja", "preprocessor_config.json", "video_preprocessor_config.json", "processor_config.json",
    ];

    private readonly Lazy<BpeTokenizer> _tokenizer;
    private readonly Lazy<VideoProcessor> _videoProcessor;
    private readonly Lazy<OnevisionImageProcessor> _imageProcessor;
    private readonly Lazy<ChatTemplate> _chatTemplate;
    private string? _weightsPath;
    private string? _hash;

    private LlavaOnevision(LlavaOnevisionConfig config, WeightStore weights, string? weightsPath, WeightResidency products)
    {
        Config = config;
        Weights = weights;
        _weightsPath = weightsPath;
        Tower = new SiglipVisionTower(config.Vision, weights, LlavaOnevisionWeights.Tower);
        Projector = new MultimodalProjector(weights, LlavaOnevisionWeights.Projector);
        Language = new LanguageModel(config.Text, weights, LlavaOnevisionWeights.Language, products);
        _tokenizer = new(() => BpeTokenizer.Load(Path.Combine(SourceDirectory, "tokenizer.json")));
        _videoProcessor = new(() => VideoProcessor.Load(SourceDirectory, config.Vision));
        _imageProcessor = new(() => OnevisionImageProcessor.Load(SourceDirectory, config));
        _chatTemplate = new(() => ChatTemplate.Load(SourceDirectory));
    }

    /// <summary>The configuration.</summary>
    public LlavaOnevisionConfig Config { get; }

    /// <summary>All weights, under the names of the hub's checkpoint files.</summary>
    public WeightStore Weights { get; }

    /// <summary>The decoder.</summary>
    public LanguageModel Language { get; }

    internal SiglipVisionTower Tower { get; }

    internal MultimodalProjector Projector { get; }

    /// <summary>The tokenizer of the checkpoint directory.</summary>
    /// <exception cref="CheckpointException">tokenizer.json is missing or not supported.</exception>
    public BpeTokenizer Tokenizer => _tokenizer.Value;

    /// <summary>The video processor of the checkpoint directory.</summary>
    /// <exception cref="CheckpointException">Its settings are missing or not supported.</exception>
    public VideoProcessor VideoProcessor => _videoProcessor.Value;

    /// <summary>The processor of pictures of the checkpoint directory.</summary>
    /// <exception cref="CheckpointException">Its settings are missing or not supported.</exception>
    public OnevisionImageProcessor ImageProcessor => _imageProcessor.Value;

    /// <summary>The learned token <c>[dim]</c> that follows each row of a picture's tiles, and the last frame of a video.</summary>
    public Tensor ImageNewline => Weights.Get(LlavaOnevisionWeights.Newline);

    /// <summary>SHA-256 (lower-case hexadecimal) of model.safetensors as it was loaded or last saved.</summary>
    /// <exception cref="InvalidOperationException">The model was made anew and not saved yet.</exception>
    public string Hash
    {
        get
        {
            if (_hash is null)
            {
                using var stream = File.OpenRead(_weightsPath ?? throw new InvalidOperationException("a model has a hash once it is saved"));
                _hash = Convert.ToHexStringLower(SHA256.HashData(stream));
            }

            return _hash;
        }
    }

    private string SourceDirectory
        => Config.Directory ?? throw new InvalidOperationException("this model was made without a checkpoint directory and has no tokenizer or processor");

    /// <summary>Loads a checkpoint directory. Weights that do not train keep the file's type; tables stay mapped.</summary>
    /// <param name="directory">Holds config.json, model.safetensors, tokenizer and processor files.</param>
    /// <param name="trainable">Whether gradients are kept for the weights, which then are float32 tensors.</param>
    /// <param name="products">
    /// How the weights of matrix products are kept otherwise: packed, or mapped, which loads at once and needs no memory of its
    /// own but computes more slowly.
    /// </param>
    /// <exception cref="CheckpointException">A file is missing, broken or does not fit the others; the message names it.</exception>
    public static LlavaOnevision Load(
        string directory, bool trainable = false, WeightResidency products = WeightResidency.Packed)
    {
        if (!Directory.Exists(directory))
            throw new CheckpointException($"{directory}: no such directory; a Hugging Face checkpoint directory is expected");
        var config = LlavaOnevisionConfig.Load(directory);
        var weights = CheckpointWeights.Load(directory, config, trainable, products);
        return new LlavaOnevision(config, weights, Path.Combine(directory, CheckpointWeights.FileName), products);
    }

    /// <summary>Makes a model with seeded random weights: biases 0, norms 1, the rest bell-shaped with deviation 1/sqrt(3 * inputs).</summary>
    /// <param name="config">Its shape; if it was loaded from a directory, tokenizer and processor are read there too.</param>
    /// <param name="seed">Same seed, same weights.</param>
    /// <param name="trainable">Whether gradients are kept for the weights.</param>
    public static LlavaOnevision Create(LlavaOnevisionConfig config, ulong seed, bool trainable)
    {
        ArgumentNullException.ThrowIfNull(config);
        return new LlavaOnevision(config, WeightInitializer.Create(config, seed, trainable), null, WeightResidency.Packed);
    }

    /// <summary>A model of weights that lie in no file; it owns them.</summary>
    internal static LlavaOnevision Of(LlavaOnevisionConfig config, WeightStore weights) =>
        new(config, weights, null, WeightResidency.Packed);

    /// <summary>Saves a checkpoint directory that Hugging Face's libraries and <see cref="Load"/> read; each file is written atomically.</summary>
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

    /// <summary>What the tower gives for pictures or frames, before the projector.</summary>
    /// <param name="pixelValues"><c>[frames, 3, height, width]</c>, normalised.</param>
    /// <returns><c>[frames, patches, vision dim]</c>.</returns>
    public Tensor VisionFeatures(Tensor pixelValues) => Tower.Forward(pixelValues, Config.VisionLayersUsed);

    /// <summary>Projects the tower's features to the decoder's width and pools each frame.</summary>
    /// <param name="visionFeatures"><c>[frames, patches, vision dim]</c>.</param>
    /// <returns><c>[frames, tokens, dim]</c>, tokens = <see cref="LlavaOnevisionConfig.TokensPerFrame"/>.</returns>
    public Tensor ProjectAndPool(Tensor visionFeatures)
    {
        using var scope = NewDisposeScope();
        return FramePooling.Pool(Projector.Forward(visionFeatures)).MoveToOuterDisposeScope();
    }

    /// <summary>The visual tokens of a video's frames, in order, without the newline: <c>[frames, tokens, dim]</c>.</summary>
    /// <param name="pixelValues"><c>[frames, 3, height, width]</c>, normalised.</param>
    public Tensor VideoFeatures(Tensor pixelValues)
    {
        using var scope = NewDisposeScope();
        return ProjectAndPool(VisionFeatures(pixelValues)).MoveToOuterDisposeScope();
    }

    /// <summary>Projects the tower's features to the decoder's width: what pictures are packed from.</summary>
    /// <param name="visionFeatures"><c>[tiles, patches, vision dim]</c>.</param>
    /// <returns><c>[tiles, patches, dim]</c>.</returns>
    public Tensor Project(Tensor visionFeatures) => Projector.Forward(visionFeatures);

    /// <summary>Each picture's tokens, from the projected features of all pictures' tiles; gradients flow to them and to the newline.</summary>
    /// <param name="projected"><c>[tiles, patches, dim]</c>, picture after picture.</param>
    /// <param name="layouts">The pictures' layouts.</param>
    /// <returns>For each picture <c>[tokens, dim]</c>, newlines included.</returns>
    /// <exception cref="ArgumentException">There are more or fewer tiles than the layouts say.</exception>
    public IReadOnlyList<Tensor> PictureTokens(Tensor projected, IReadOnlyList<ImageLayout> layouts)
    {
        ArgumentNullException.ThrowIfNull(projected);
        ArgumentNullException.ThrowIfNull(layouts);
        int tiles = layouts.Sum(l => l.Tiles), first = 0;
        if (projected.shape[0] != tiles)
            throw new ArgumentException($"{projected.shape[0]} tiles are given where the layouts have {tiles}", nameof(projected));
        var tokens = new List<Tensor>();
        foreach (var layout in layouts)
        {
            tokens.Add(layout.Pack(projected.narrow(0, first, layout.Tiles), ImageNewline));
            first += layout.Tiles;
        }

        return tokens;
    }

    /// <summary>Each picture's tokens, from its pixels.</summary>
    /// <returns>For each picture <c>[tokens, dim]</c>, newlines included.</returns>
    public IReadOnlyList<Tensor> PictureTokens(IReadOnlyList<PreparedImage> pictures)
    {
        ArgumentNullException.ThrowIfNull(pictures);
        using var scope = NewDisposeScope();
        var pixels = cat(pictures.Select(p => p.PixelValues).ToArray(), 0);
        var tokens = PictureTokens(Project(VisionFeatures(pixels)), [.. pictures.Select(p => p.Layout)]);
        return [.. tokens.Select(t => t.MoveToOuterDisposeScope())];
    }

    /// <summary>The ids of a conversation about one video, whose placeholder stands before the first user turn's text.</summary>
    /// <param name="turns">Roles (<c>system</c>, <c>user</c>, <c>assistant</c>) and texts; the model is to answer the last one.</param>
    /// <exception cref="CheckpointException">The checkpoint's chat template is missing or not supported.</exception>
    public int[] BuildVideoPrompt(IReadOnlyList<(string Role, string Text)> turns)
        => BuildPrompt(WithVisual(turns, (role, text) => new ChatMessage(role, text, Videos: 1)));

    /// <summary>The ids of a conversation about pictures, whose placeholders stand before the first user turn's text.</summary>
    /// <param name="turns">As in <see cref="BuildVideoPrompt"/>.</param>
    /// <param name="pictures">How many pictures.</param>
    /// <exception cref="CheckpointException">The checkpoint's chat template is missing or not supported.</exception>
    public int[] BuildPicturePrompt(IReadOnlyList<(string Role, string Text)> turns, int pictures = 1)
        => BuildPrompt(WithVisual(turns, (role, text) => new ChatMessage(role, text, Images: pictures)));

    /// <summary>The ids of a conversation whose last message the model is to answer, with a placeholder for each picture and video.</summary>
    /// <exception cref="CheckpointException">The checkpoint's chat template is missing or not supported.</exception>
    public int[] BuildPrompt(IReadOnlyList<ChatMessage> messages)
        => Tokenizer.Encode(_chatTemplate.Value.Render(messages, addGenerationPrompt: true));

    private static List<ChatMessage> WithVisual(IReadOnlyList<(string Role, string Text)> turns, Func<string, string, ChatMessage> visual)
    {
        ArgumentNullException.ThrowIfNull(turns);
        int first = turns.Select(t => t.Role).ToList().IndexOf("user");
        return first < 0
            ? throw new ArgumentException("a prompt about a video or a picture needs a user turn", nameof(turns))
            : [.. turns.Select((t, i) => i == first ? visual(t.Role, t.Text) : new ChatMessage(t.Role, t.Text))];
    }

    /// <summary>The decoder's input: token embeddings with a video's tokens in the place of its placeholder.</summary>
    /// <param name="ids">A prompt with exactly one video placeholder, or with none if there are no visual tokens.</param>
    /// <param name="visualTokens">
    /// <c>[v, dim]</c>, all frames' tokens in order, merged or not; image_newline is appended after the last and is visual (and prunable) too.
    /// </param>
    /// <returns>Embeddings <c>[1, n, dim]</c> and which of the n slots are visual.</returns>
    /// <exception cref="ArgumentException">Placeholders and visual tokens do not fit together.</exception>
    public (Tensor Embeds, PromptLayout Layout) Pack(IReadOnlyList<int> ids, Tensor? visualTokens)
    {
        ArgumentNullException.ThrowIfNull(ids);
        if (ids.Contains(Config.ImageTokenId))
            throw new ArgumentException("the prompt holds an image placeholder where a video is packed", nameof(ids));
        using var scope = NewDisposeScope();
        Tensor[] visual = visualTokens is null ? [] : [WithNewline(visualTokens)];
        var (embeds, layout) = PromptPacking.Pack(Language, ids, Config.VideoTokenId, visual, "video");
        return (embeds.MoveToOuterDisposeScope(), layout);
    }

    // Tokens of another shape are left for the packing to name.
    private Tensor WithNewline(Tensor tokens)
        => tokens.shape is [_, var dim] && dim == Config.Text.HiddenSize ? cat([tokens, ImageNewline.unsqueeze(0)], 0) : tokens;

    /// <summary>The decoder's input: token embeddings with each picture's tokens in the place of its placeholder.</summary>
    /// <param name="ids">A prompt with one image placeholder a picture.</param>
    /// <param name="pictures">Each picture's tokens <c>[v, dim]</c>, newlines included, merged or not; all are visual (and prunable).</param>
    /// <returns>Embeddings <c>[1, n, dim]</c> and which of the n slots are visual.</returns>
    /// <exception cref="ArgumentException">Placeholders and pictures do not fit together.</exception>
    public (Tensor Embeds, PromptLayout Layout) PackPictures(IReadOnlyList<int> ids, IReadOnlyList<Tensor> pictures)
    {
        ArgumentNullException.ThrowIfNull(ids);
        ArgumentNullException.ThrowIfNull(pictures);
        return ids.Contains(Config.VideoTokenId)
            ? throw new ArgumentException("the prompt holds a video placeholder where pictures are packed", nameof(ids))
            : PromptPacking.Pack(Language, ids, Config.ImageTokenId, pictures, "image");
    }

    /// <summary>Frees decoder and weights.</summary>
    public void Dispose()
    {
        Language.Dispose();
        Weights.Dispose();
    }
}
