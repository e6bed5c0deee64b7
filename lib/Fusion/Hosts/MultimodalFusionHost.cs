using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using Aim.Models;

namespace Aim.Fusion;

/// <summary>A checkpoint of any family of lib/Models as a host. The model stays its owner's.</summary>
public abstract class MultimodalFusionHost : IFusionHost
{
    // What a checkpoint directory holds beside weights that changes what goes into the decoder.
    private static readonly string[] s_settings =
    [
        "config.json", "tokenizer.json", "preprocessor_config.json", "processor_config.json",
    ];

    private readonly MultimodalModel _model;
    private readonly Lazy<string> _settings;

    private protected MultimodalFusionHost(MultimodalModel model, IReadOnlyList<int> opening)
    {
        if (model.Weights.Parameters().Any())
            throw new ArgumentException("the model was loaded to train; a host is frozen", nameof(model));
        _model = model;
        Opening = opening;
        _settings = new(ReadSettings);
    }

    /// <summary>Makes a host of a loaded model.</summary>
    /// <param name="model">The model, none of whose weights trains.</param>
    /// <param name="opening">Ids that open every sequence.</param>
    /// <exception cref="ArgumentException">A weight of the model trains: it would not stay frozen.</exception>
    public static MultimodalFusionHost Of(MultimodalModel model, IReadOnlyList<int>? opening = null) => model switch
    {
        LlavaFamily llava => new LlavaFusionHost(llava, opening ?? []),
        Qwen2Vl qwen => new Qwen2VlFusionHost(qwen, opening ?? []),
        _ => throw new ArgumentException($"there is no host for {model?.GetType().Name ?? "null"}", nameof(model)),
    };

    /// <summary>The model.</summary>
    public MultimodalModel Model => _model;

    /// <inheritdoc/>
    public int Dim => _model.Config.Text.HiddenSize;

    /// <inheritdoc/>
    public int Layers => _model.Config.Text.NumHiddenLayers;

    /// <inheritdoc/>
    public long ParameterCount => _model.Weights.ParameterCount;

    /// <inheritdoc/>
    public string Hash => _model.Hash;

    /// <inheritdoc/>
    public string Settings => _settings.Value;

    /// <inheritdoc/>
    public IReadOnlyList<int> Opening { get; }

    /// <inheritdoc/>
    public IReadOnlyList<int> Encode(string text) => _model.Tokenizer.Encode(text);

    /// <inheritdoc/>
    public PackedSequence Pack(IReadOnlyList<FusionPart> parts)
    {
        ArgumentNullException.ThrowIfNull(parts);
        using var scope = NewDisposeScope();
        var tensors = new List<Tensor>();
        var isVisual = new List<bool>();
        var spans = new List<Range>();
        var positions = new List<VisualPositions>();
        foreach (var part in parts)
        {
            int first = isVisual.Count;
            switch (part)
            {
                case FusionPart.Text { Ids.Count: 0 }:
                    break;
                case FusionPart.Text text:
                    Add(_model.Language.Embed(text.Ids), visual: false);
                    break;
                case FusionPart.Fused fused:
                    Add(Checked(fused.Vectors), visual: false);
                    break;
                case FusionPart.Visual given:
                    AddVisual(Checked(given.Tokens), given.Positions);
                    break;
                case FusionPart.Picture picture:
                    var (tokens, at) = See(picture.Image);
                    AddVisual(tokens, at);
                    break;
            }

            spans.Add(first..isVisual.Count);
        }

        if (tensors.Count == 0)
            throw new ArgumentException("a sequence needs at least one token", nameof(parts));
        var embeds = tensors.Count == 1 ? tensors[0].alias() : cat(tensors.ToArray(), 0);
        var layout = new PromptLayout([.. isVisual]) { Positions = PositionsOf(isVisual, positions) };
        return new PackedSequence(embeds.MoveToOuterDisposeScope(), layout, spans);

        void Add(Tensor tokens, bool visual)
        {
            tensors.Add(tokens);
            isVisual.AddRange(Enumerable.Repeat(visual, (int)tokens.shape[0]));
        }

        void AddVisual(Tensor tokens, VisualPositions? at)
        {
            Add(tokens, visual: true);
            if (at is not null)
                positions.Add(at);
        }
    }

    /// <summary>What a picture becomes in a sequence, made once for several of them.</summary>
    public FusionPart.Visual See(RgbImage image)
    {
        var (tokens, positions) = Tokens(image);
        return new FusionPart.Visual(tokens, positions);
    }

    /// <inheritdoc/>
    public float[] Feature(RgbImage image)
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        var features = Features(image);
        return features.reshape(-1, features.shape[^1]).mean([0]).cpu().data<float>().ToArray();
    }

    /// <summary>A picture's visual tokens <c>[v, dim]</c>, and where they stand in a family that places them in a grid.</summary>
    private protected abstract (Tensor Tokens, VisualPositions? Positions) Tokens(RgbImage image);

    /// <summary>What the vision tower gives for a picture, <c>[.., vision dim]</c>.</summary>
    private protected abstract Tensor Features(RgbImage image);

    /// <summary>Positions of a whole sequence on every axis; null where they simply count.</summary>
    private protected abstract IReadOnlyList<int[]>? PositionsOf(IReadOnlyList<bool> isVisual,
        IReadOnlyList<VisualPositions> visuals);

    /// <inheritdoc/>
    public Tensor States(Tensor embeds, Tensor? positions, int layer, bool norm)
        => _model.Language.States(embeds, layer, norm, positions);

    /// <inheritdoc/>
    public Tensor Logits(Tensor states) => _model.Language.Logits(states);

    /// <inheritdoc/>
    public string Checksum()
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (string name in _model.Weights.Names.Order(StringComparer.Ordinal))
        {
            var weight = _model.Weights[name];
            int columns = (int)weight.Shape.DefaultIfEmpty(1).Last(), rows = (int)(weight.Count / Math.Max(1, columns));
            hash.AppendData(Encoding.UTF8.GetBytes($"{name} {rows} {columns}\n"));
            var piece = new float[Math.Max(1, (1 << 18) / Math.Max(1, columns)) * columns];
            for (int row = 0; row < rows; row += piece.Length / columns)
            {
                var part = piece.AsSpan(0, Math.Min(piece.Length, (rows - row) * columns));
                weight.CopyRows(row, part);
                hash.AppendData(MemoryMarshal.AsBytes(part));
            }
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    private Tensor Checked(Tensor tokens)
        => tokens.shape is [_, var width] && width == Dim
            ? tokens
            : throw new ArgumentException($"vectors [{string.Join(", ", tokens.shape)}] do not fit: [tokens, {Dim}] is expected");

    private string ReadSettings()
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (string file in s_settings)
        {
            string path = Path.Combine(_model.Config.Directory ?? "", file);
            byte[] content = File.Exists(path) ? File.ReadAllBytes(path) : [];
            hash.AppendData(Encoding.UTF8.GetBytes($"{file} {content.Length}\n"));
            hash.AppendData(content);
        }

        return $"files {Convert.ToHexStringLower(hash.GetHashAndReset())} opening {string.Join(' ', Opening)}";
    }
}
