using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using Aim.Models;

namespace Aim.Fusion;

/// <summary>A checkpoint of any LLaVA family as a host. The model stays its owner's.</summary>
public sealed class MultimodalFusionHost : IFusionHost
{
    // What a checkpoint directory holds beside weights that changes what goes into the decoder.
    private static readonly string[] s_settings =
    [
        "config.json", "tokenizer.json", "preprocessor_config.json", "processor_config.json",
    ];

    private readonly MultimodalModel _model;
    private readonly Lazy<string> _settings;

    /// <summary>Makes a host of a loaded model.</summary>
    /// <param name="model">The model, none of whose weights trains.</param>
    /// <param name="opening">Ids that open every sequence.</param>
    /// <exception cref="ArgumentException">A weight of the model trains: it would not stay frozen.</exception>
    public MultimodalFusionHost(MultimodalModel model, IReadOnlyList<int>? opening = null)
    {
        ArgumentNullException.ThrowIfNull(model);
        if (model.Weights.Parameters().Any())
            throw new ArgumentException("the model was loaded to train; a host is frozen", nameof(model));
        _model = model;
        Opening = opening ?? [];
        _settings = new(ReadSettings);
    }

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
        var visual = new List<bool>();
        var spans = new List<Range>();
        foreach (var part in parts)
        {
            var tokens = part switch
            {
                FusionPart.Text text => text.Ids.Count == 0 ? null : _model.Language.Embed(text.Ids),
                FusionPart.Picture picture => _model.PictureTokens(_model.Prepare([picture.Image]))[0],
                FusionPart.Visual given => Checked(given.Tokens),
                FusionPart.Fused fused => Checked(fused.Vectors),
                _ => throw new ArgumentException($"a {part.GetType().Name} cannot be packed", nameof(parts)),
            };
            int count = (int)(tokens?.shape[0] ?? 0);
            spans.Add(visual.Count..(visual.Count + count));
            visual.AddRange(Enumerable.Repeat(part is FusionPart.Picture or FusionPart.Visual, count));
            if (tokens is not null && count > 0)
                tensors.Add(tokens);
        }

        if (tensors.Count == 0)
            throw new ArgumentException("a sequence needs at least one token", nameof(parts));
        var embeds = tensors.Count == 1 ? tensors[0].alias() : cat(tensors.ToArray(), 0);
        return new PackedSequence(embeds.MoveToOuterDisposeScope(), new PromptLayout([.. visual]), null, spans);
    }

    /// <inheritdoc/>
    public float[] Feature(RgbImage image)
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        var features = _model.VisionFeatures(_model.Prepare([image])[0].PixelValues);
        return features.reshape(-1, features.shape[^1]).mean([0]).cpu().data<float>().ToArray();
    }

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
