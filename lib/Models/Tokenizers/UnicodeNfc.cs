using System.Globalization;
using System.Text;

namespace Aim.Models;

/// <summary>
/// Unicode's normalisation form C. The runtime's own needs ICU, which is absent under <c>InvariantGlobalization</c> (there it returns its
/// input unchanged), and results must not depend on the machine's libraries.
/// </summary>
internal static class UnicodeNfc
{
    private const int HangulBase = 0xAC00, LBase = 0x1100, VBase = 0x1161, TBase = 0x11A7, LCount = 19, VCount = 21, TCount = 28;

    private static readonly Dictionary<int, byte> s_class = [];
    private static readonly Dictionary<int, int[]> s_decompositions = [];
    private static readonly Dictionary<(int First, int Second), int> s_compositions = [];

    static UnicodeNfc()
    {
        using var stream = typeof(UnicodeNfc).Assembly.GetManifestResourceStream("Aim.Models.Tokenizers.nfc.txt")
            ?? throw new InvalidOperationException("the normalisation data is missing from the assembly");
        using var reader = new StreamReader(stream);
        while (reader.ReadLine() is { } line)
        {
            if (line.StartsWith('#'))
                continue;
            string[] parts = line.Split(' ');
            if (parts[0] == "c")
            {
                string[] range = parts[1].Split('-');
                for (int c = Hex(range[0]); c <= Hex(range[^1]); c++)
                    s_class[c] = byte.Parse(parts[2], CultureInfo.InvariantCulture);
                continue;
            }

            int code = Hex(parts[1]);
            int[] decomposed = [.. parts.Skip(2).Select(Hex)];
            s_decompositions[code] = decomposed;
            if (parts[0] == "p")
                s_compositions[(decomposed[0], decomposed[1])] = code;
        }

        static int Hex(string text) => int.Parse(text, NumberStyles.HexNumber, CultureInfo.InvariantCulture);
    }

    /// <summary>The text with canonically equivalent sequences composed. Lone surrogates become U+FFFD.</summary>
    public static string Normalize(string text)
    {
        // Nothing below U+0300 decomposes for good or joins with its neighbour: text in Latin scripts costs one look per character.
        if (!text.AsSpan().ContainsAnyExceptInRange('\0', '\u02FF'))
            return text;
        var codes = new List<int>(text.Length);
        foreach (var rune in text.EnumerateRunes())
            Decompose(rune.Value, codes);
        Reorder(codes);
        Compose(codes);
        var result = new StringBuilder(text.Length);
        foreach (int code in codes)
            result.Append(new Rune(code).ToString());
        return result.ToString();
    }

    private static void Decompose(int code, List<int> target)
    {
        int syllable = code - HangulBase;
        if (syllable is >= 0 and < LCount * VCount * TCount)
        {
            target.Add(LBase + (syllable / (VCount * TCount)));
            target.Add(VBase + (syllable / TCount % VCount));
            if (syllable % TCount != 0)
                target.Add(TBase + (syllable % TCount));
        }
        else if (s_decompositions.TryGetValue(code, out int[]? parts))
        {
            foreach (int part in parts)
                Decompose(part, target);
        }
        else
        {
            target.Add(code);
        }
    }

    // Combining marks between two starters go into the order of their classes; equal ones keep theirs (insertion sort is stable).
    private static void Reorder(List<int> codes)
    {
        for (int i = 1; i < codes.Count; i++)
        {
            int code = codes[i], mark = Class(code), j = i;
            if (mark == 0)
                continue;
            for (; j > 0 && Class(codes[j - 1]) > mark; j--)
                codes[j] = codes[j - 1];
            codes[j] = code;
        }
    }

    private static void Compose(List<int> codes)
    {
        int starter = -1, count = 0, lastClass = 0;
        foreach (int code in codes.ToArray())
        {
            int mark = Class(code);

            // Blocked: something of the same or a higher class (or another starter) stands between the starter and this one.
            bool adjacent = starter >= 0 && count == starter + 1;
            if (starter >= 0 && (adjacent || lastClass < mark) && Pair(codes[starter], code) is { } composite)
            {
                codes[starter] = composite;
                continue;
            }

            if (mark == 0)
                starter = count;
            lastClass = mark;
            codes[count++] = code;
        }

        codes.RemoveRange(count, codes.Count - count);
    }

    private static int? Pair(int first, int second)
    {
        int l = first - LBase, v = second - VBase;
        if (l is >= 0 and < LCount && v is >= 0 and < VCount)
            return HangulBase + (((l * VCount) + v) * TCount);
        int lv = first - HangulBase, t = second - TBase;
        if (lv is >= 0 and < LCount * VCount * TCount && lv % TCount == 0 && t is > 0 and < TCount)
            return first + t;
        return s_compositions.TryGetValue((first, second), out int composite) ? composite : null;
    }

    private static int Class(int code) => s_class.TryGetValue(code, out byte value) ? value : 0;
}
