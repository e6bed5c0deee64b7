using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Aim.Fusion;

/// <summary>
/// What an aggregate depends on, hashed: the model, the states taken, picture and text of the demonstration, how both are
/// prepared, and the program that computes. Whatever changes one of them never meets an old entry.
/// </summary>
internal readonly record struct BankKey(string Hex)
{
    /// <summary>Bytes of a key.</summary>
    public const int Bytes = 32;

    /// <summary>The key of a demonstration.</summary>
    /// <param name="source">Model and states.</param>
    /// <param name="computedBy">Engine, instruction set and code.</param>
    /// <param name="demonstration">Picture and text.</param>
    public static BankKey Of(IAggregateSource source, string computedBy, Demonstration demonstration)
    {
        var text = new StringBuilder();
        foreach (string part in (string[])
        [
            source.Host.Hash, source.Host.Settings, source.Options.Canonical(source.Host), computedBy, demonstration.PictureHash,
            demonstration.Instruction, demonstration.Reference,
        ])
        {
            // Lengths in front: no two lists of parts give the same text.
            text.Append(CultureInfo.InvariantCulture, $"{part.Length}:").Append(part).Append('\n');
        }

        return new BankKey(Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text.ToString()))));
    }
}
