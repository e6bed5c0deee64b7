using System.Text;

namespace Aim.Models;

/// <summary>
/// Where a text can be cut without changing what merging makes of it. A join across the place between two characters needs a
/// merge whose left token ends with the one and whose right token begins with the other; where no merge has such a pair, both
/// sides are merged by themselves. SentencePiece's tokenizers give whole texts as one word, which this cuts into words that can
/// be cached.
/// </summary>
internal sealed class BpeSeams
{
    // A table for ASCII and SentencePiece's mark, which takes the place of character 128.
    private const int Mark = '▁', Row = 129;

    private readonly bool[] _small = new bool[Row * Row];
    private readonly HashSet<(int Left, int Right)> _joined = [];

    private BpeSeams()
    {
    }

    /// <summary>The seams of a model; null where merges join tokens that do not stand for their own characters.</summary>
    /// <param name="vocabulary">The tokens.</param>
    /// <param name="merges">The merges.</param>
    /// <param name="stands">Ids of tokens that stand for something else than their text: bytes, the unknown token.</param>
    public static BpeSeams? Find(Vocabulary vocabulary, BpeMerges merges, HashSet<int> stands)
    {
        var seams = new BpeSeams();
        foreach (var (left, right) in merges.Pairs)
        {
            if (stands.Contains(left) || stands.Contains(right)
                || Rune.DecodeLastFromUtf16(vocabulary.TokenOf(left), out var last, out _) != System.Buffers.OperationStatus.Done
                || Rune.DecodeFromUtf16(vocabulary.TokenOf(right), out var first, out _) != System.Buffers.OperationStatus.Done)
            {
                return null;
            }

            seams._joined.Add((last.Value, first.Value));
            if (Small(last.Value) is var a and >= 0 && Small(first.Value) is var b and >= 0)
                seams._small[(a * Row) + b] = true;
        }

        return seams;
    }

    /// <summary>The end of the piece that begins at a place of a well-formed text.</summary>
    public int Next(ReadOnlySpan<char> text, int start)
    {
        int left = Code(text, start, out int width);
        for (int at = start + width; at < text.Length; at += width)
        {
            int right = Code(text, at, out width);
            if (!Joined(left, right))
                return at;
            left = right;
        }

        return text.Length;
    }

    private bool Joined(int left, int right)
        => Small(left) is var a and >= 0 && Small(right) is var b and >= 0 ? _small[(a * Row) + b]
            : _joined.Contains((left, right));

    private static int Small(int code) => code < 128 ? code : code == Mark ? 128 : -1;

    private static int Code(ReadOnlySpan<char> text, int index, out int width)
    {
        width = 1;
        char c = text[index];
        if (!char.IsHighSurrogate(c) || index + 1 >= text.Length)
            return c;
        width = 2;
        return char.ConvertToUtf32(c, text[index + 1]);
    }
}
