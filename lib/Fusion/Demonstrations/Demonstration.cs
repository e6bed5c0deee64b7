using System.Buffers.Binary;
using System.Security.Cryptography;
using Aim.Models;

namespace Aim.Fusion;

/// <summary>
/// A demonstration of the second paper (arXiv 2406.07588, section 3): picture, instruction text, reference text. The picture
/// comes first: causal attention lets the text gather it, and not the other way round.
/// </summary>
/// <param name="Picture">The picture; null for a demonstration of text alone (a control).</param>
/// <param name="Instruction">What is asked, with all punctuation and spaces.</param>
/// <param name="Reference">What is answered, with the space before it and whatever closes the demonstration.</param>
public sealed record Demonstration(RgbImage? Picture, string Instruction, string Reference)
{
    private string? _pictureHash;

    /// <summary>Instruction and reference: as many fused virtual tokens stand for the demonstration as this has tokens.</summary>
    public string Text => Instruction + Reference;

    /// <summary>sha256 of the picture's size and colours; the empty text without a picture.</summary>
    public string PictureHash => _pictureHash ??= HashOf(Picture);

    /// <summary>The same text without its picture.</summary>
    public Demonstration WithoutPicture() => new(null, Instruction, Reference);

    private static string HashOf(RgbImage? picture)
    {
        if (picture is null)
            return "";
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Span<byte> size = stackalloc byte[8];
        BinaryPrimitives.WriteInt32LittleEndian(size, picture.Height);
        BinaryPrimitives.WriteInt32LittleEndian(size[4..], picture.Width);
        hash.AppendData(size);
        hash.AppendData(picture.Rgb);
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}
