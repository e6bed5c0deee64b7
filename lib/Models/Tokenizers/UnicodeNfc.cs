using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;

namespace Aim.Models;

/// <summary>
/// Unicode's normalisation form C. The runtime's own needs ICU, which is absent under <c>InvariantGlobalization</c> (there it
/// returns its input unchanged), and results must not depend on the machine's libraries.
/// </summary>
internal static class UnicodeNfc
{
    private const int HangulBase = 0xAC00, LBase = 0x1100, VBase = 0x1161, TBase = 0x11A7, LCount = 19, VCount = 21, TCount = 28;

    private static readonly Dictionary<int, byte> s_class = [];
    private static readonly Dictionary<int, int[]> s_decompositions = [];
    private static readonly Dictionary<(int First, int Second), int> s_compositions = [];

    // UTF-16 units that stay as they are and join nothing before them, which is most of any text. Nothing below U+0300 decomposes
    // for good or joins its neighbour; surrogates count as changing.
    private static readonly bool[] s_inert = new bool[0x10000];

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

        Array.Fill(s_inert, true);
        Array.Fill(s_inert, false, 0xD800, 0x800);
        foreach (int code in s_class.Keys.Concat(s_decompositions.Keys).Concat(s_compositions.Keys.Select(pair => pair.Second))
            .Concat(Enumerable.Range(VBase, VCount)).Concat(Enumerable.Range(TBase, TCount))
            .Where(code => code is >= 0x300 and < 0x10000))
        {
            s_inert[code] = false;
        }

        static int Hex(string text) => int.Parse(text, NumberStyles.HexNumber, CultureInfo.InvariantCulture);
    }

    /// <summary>The text with canonically equivalent sequences composed; no lone surrogates.</summary>
    public static string Normalize(string text) => Normalize(new NormalizedText(text, null)).Text;

    /// <summary>
    /// As for a string. A composed character comes from where the first of its parts stood, as upstream has it; one that is only
    /// a part of a decomposition, from where the one before it did.
    /// </summary>
    public static NormalizedText Normalize(NormalizedText text)
    {
        int next = NextChanging(text.Text, 0);
        if (next == text.Text.Length)
            return text;
        var result = new StringBuilder(text.Text.Length);
        var origins = text.Origins is null ? null : new List<TextRange>(text.Text.Length);
        for (int done = 0; ;)
        {
            // A stretch begins with the character that the changing one may join, and ends before the next inert one.
            int start = next > done && next < text.Text.Length ? next - (char.IsLowSurrogate(text.Text[next - 1]) ? 2 : 1) : next;
            result.Append(text.Text.AsSpan(done, start - done));
            origins?.AddRange(text.Origins.AsSpan(done, start - done));
            if (start == text.Text.Length)
                return new NormalizedText(result.ToString(), origins?.ToArray());
            done = next;
            while (done < text.Text.Length && !s_inert[text.Text[done]])
                done++;
            var from = text.Origins is { } all ? all.AsSpan(start, done - start) : default;
            NormalizeStretch(text.Text.AsSpan(start, done - start), from, result, origins);
            next = NextChanging(text.Text, done);
        }
    }

    private static int NextChanging(string text, int from)
    {
        while (from < text.Length && s_inert[text[from]])
            from++;
        return from;
    }

    private static void NormalizeStretch(
        ReadOnlySpan<char> text, ReadOnlySpan<TextRange> from, StringBuilder result, List<TextRange>? origins)
    {
        var codes = new List<Code>(text.Length);
        foreach (var rune in text.EnumerateRunes())
            Decompose(rune.Value, codes);
        Reorder(CollectionsMarshal.AsSpan(codes));
        Compose(codes);
        int at = 0;
        Span<char> units = stackalloc char[2];
        foreach (var code in codes)
        {
            int width = new Rune(code.Value).EncodeToUtf16(units);
            result.Append(units[..width]);
            if (origins is null)
                continue;
            var origin = from[code.Consumed > 0 ? at : Math.Max(0, at - 1)];
            for (int i = 0; i < width; i++)
                origins.Add(origin);
            for (int i = 0; i < code.Consumed; i++)
                at += char.IsHighSurrogate(text[at]) ? 2 : 1;
        }
    }

    /// <summary>A code point and how many of the original ones it stands for; 0 for the later parts of a decomposition.</summary>
    private readonly record struct Code(int Value, int Consumed);

    private static void Decompose(int code, List<Code> codes)
    {
        int first = codes.Count;
        DecomposeFully(code, codes);
        codes[first] = codes[first] with { Consumed = 1 };
    }

    private static void DecomposeFully(int code, List<Code> codes)
    {
        int hangul = code - HangulBase;
        if (hangul is >= 0 and < LCount * VCount * TCount)
        {
            codes.Add(new Code(LBase + (hangul / (VCount * TCount)), 0));
            codes.Add(new Code(VBase + (hangul % (VCount * TCount) / TCount), 0));
            if (hangul % TCount != 0)
                codes.Add(new Code(TBase + (hangul % TCount), 0));
        }
        else if (s_decompositions.TryGetValue(code, out int[]? parts))
        {
            foreach (int part in parts)
                DecomposeFully(part, codes);
        }
        else
        {
            codes.Add(new Code(code, 0));
        }
    }

    // Marks stand in the order of their classes, those of one class as they came: a stable sort of each run.
    private static void Reorder(Span<Code> codes)
    {
        for (int start = 0; start < codes.Length;)
        {
            int end = start;
            bool sorted = true;
            for (int last = 0; end < codes.Length && Class(codes[end].Value) is var mark and > 0; end++, last = mark)
                sorted &= mark >= last;
            if (!sorted)
            {
                var run = codes[start..end];
                run.ToArray().OrderBy(c => Class(c.Value)).ToArray().CopyTo(run);
            }

            start = Math.Max(end, start + 1);
        }
    }

    private static void Compose(List<Code> codes)
    {
        int starter = -1, count = 0, lastClass = 0;
        for (int i = 0; i < codes.Count; i++)
        {
            var code = codes[i];
            int mark = Class(code.Value);

            // Blocked: something of the same or a higher class (or another starter) stands between the starter and this one.
            bool adjacent = starter >= 0 && count == starter + 1;
            if (starter >= 0 && (adjacent || lastClass < mark) && Pair(codes[starter].Value, code.Value) is { } composite)
            {
                codes[starter] = new Code(composite, codes[starter].Consumed + code.Consumed);
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
