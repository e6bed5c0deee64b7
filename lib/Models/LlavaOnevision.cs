using System.Security.Cryptography;

namespace Aim.Models;

/// <summary>
/// LLaVA-OneVision: SigLIP tower, projector, pooled video frames, and a Qwen2 decoder that reads them between the words of a prompt.
/// It loads and saves ordinary Hugging Face checkpoint directories.
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

    /// <summary>The learned token <c>[dim]</c> that follows the last frame of a video.</summary>
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

    /// <summary>The ids of a conversation about one video, whose placeholder stands before the first user turn's text.</summary>
    /// <param name="turns">Roles (<c>system</c>, <c>user</c>, <c>assistant</c>) and texts; the model is to answer the last one.</param>
    /// <exception cref="CheckpointException">The checkpoint's chat template is missing or not supported.</exception>
    public int[] BuildVideoPrompt(IReadOnlyList<(string Role, string Text)> turns)
    {
        ArgumentNullException.ThrowIfNull(turns);
        int first = turns.Select(t => t.Role).ToList().IndexOf("user");
        if (first < 0)
            throw new ArgumentException("a prompt about a video needs a user turn", nameof(turns));
        var messages = turns.Select((t, i) => new ChatMessage(t.Role, t.Text, i == first ? 1 : 0)).ToList();
        return Tokenizer.Encode(_chatTemplate.Value.Render(messages, addGenerationPrompt: true));
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
        int placeholders = ids.Count(id => id == Config.VideoTokenId);
        if (ids.Contains(Config.ImageTokenId))
            throw new ArgumentException("the prompt holds an image placeholder; pictures are given as videos of one frame", nameof(ids));
        if (placeholders != (visualTokens is null ? 0 : 1))
        {
            throw new ArgumentException(
                $"the prompt holds {placeholders} video placeholders where {(visualTokens is null ? "none is" : "one is")} expected", nameof(ids));
        }

        using var scope = NewDisposeScope();
        if (visualTokens is null)
            return (Embed(ids).unsqueeze(0).MoveToOuterDisposeScope(), PromptLayout.AllText(ids.Count));
        if (visualTokens.shape is not [var visual, var dim] || dim != Config.Text.HiddenSize)
        {
            throw new ArgumentException(
                $"visual tokens [{string.Join(", ", visualTokens.shape)}] do not fit: [tokens, {Config.Text.HiddenSize}] is expected",
                nameof(visualTokens));
        }

        int at = 0;
        while (ids[at] != Config.VideoTokenId)
            at++;
        var parts = new List<Tensor>();
        if (at > 0)
            parts.Add(Embed([.. ids.Take(at)]));
        parts.Add(visualTokens);
        parts.Add(ImageNewline.unsqueeze(0));
        if (at + 1 < ids.Count)
            parts.Add(Embed([.. ids.Skip(at + 1)]));
        var layout = PromptLayout.Span(at, at + (int)visual + 1, ids.Count + (int)visual);
        return (cat(parts, 0).unsqueeze(0).MoveToOuterDisposeScope(), layout);
    }

    private Tensor Embed(IReadOnlyList<int> ids)
        => Language.Embed(tensor(ids.Select(id => (long)id).ToArray(), [ids.Count], device: ImageNewline.device));

    /// <summary>Frees decoder and weights.</summary>
    public void Dispose()
    {
        Language.Dispose();
        Weights.Dispose();
    }
}
