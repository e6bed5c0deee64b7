using Aim.Models;

namespace Aim.Fusion;

/// <summary>
/// What fusion asks of a frozen multimodal model: to pack a sequence of texts, pictures and vectors, and to run its decoder over
/// it. Any decoder that takes input embeddings can be a host.
/// </summary>
public interface IFusionHost
{
    /// <summary>Width of the decoder's embeddings and hidden states.</summary>
    int Dim { get; }

    /// <summary>Layers of the decoder.</summary>
    int Layers { get; }

    /// <summary>Weights of the whole model, none of which trains.</summary>
    long ParameterCount { get; }

    /// <summary>sha256 of the model's weights, as its files are.</summary>
    string Hash { get; }

    /// <summary>
    /// sha256 of the weights as they are in memory now: equal before and after a training, or something trained that should not
    /// have.
    /// </summary>
    string Checksum();

    /// <summary>
    /// Everything beside the weights that shapes what a picture and a text become: the processor's settings and the tokenizer's
    /// rules, as a text that differs when they do.
    /// </summary>
    string Settings { get; }

    /// <summary>Ids that open every sequence (a begin-of-sequence token), often none.</summary>
    IReadOnlyList<int> Opening { get; }

    /// <summary>Token ids of a text, without special tokens of the tokenizer's own.</summary>
    IReadOnlyList<int> Encode(string text);

    /// <summary>Packs one sequence.</summary>
    /// <exception cref="ArgumentException">The parts have no slot at all, or vectors are not <see cref="Dim"/> wide.</exception>
    PackedSequence Pack(IReadOnlyList<FusionPart> parts);

    /// <summary>A picture's place in the space of the vision tower: the mean of its features, <c>[vision dim]</c>.</summary>
    float[] Feature(RgbImage image);

    /// <summary>
    /// Runs the decoder causally up to a layer. Sequences of a batch are padded on the right, where no row sees them. Gradients
    /// flow to
    /// <paramref name="embeds"/> alone.
    /// </summary>
    /// <param name="embeds"><c>[b, n, dim]</c>.</param>
    /// <param name="positions"><c>[n]</c>, <c>[b, n]</c> or <c>[axes, b, n]</c>; null: every sequence counts from 0.</param>
    /// <param name="layer">0: the embeddings as they are; k: what decoder layer k (from 1) gives.</param>
    /// <param name="norm">Whether the decoder's final norm follows.</param>
    /// <returns><c>[b, n, dim]</c>.</returns>
    Tensor States(Tensor embeds, Tensor? positions, int layer, bool norm);

    /// <summary>Logits <c>[.., vocabulary]</c> of states <c>[.., dim]</c> that have passed the final norm.</summary>
    Tensor Logits(Tensor states);
}
