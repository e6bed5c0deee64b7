namespace Aim.Models;

/// <summary>
/// The regular expressions by which byte-level tokenizers cut texts into words, each written out by hand. The alternatives are
/// tried in their order at every place; the pieces cover the text. Time is linear whatever the text.
/// </summary>
internal abstract class WordPattern
{
    /// <summary>GPT-2's, which <c>ByteLevel</c> uses by itself.</summary>
    public static readonly WordPattern Gpt2 = new Gpt2Pattern();

    /// <summary>Qwen2's, which its tokenizer.json spells out in a <c>Split</c>.</summary>
    public static readonly WordPattern Qwen2 = new Qwen2Pattern(mostDigits: 1);

    /// <summary>Llama 3's, which is Qwen2's but for digits: up to three of them are a word.</summary>
    public static readonly WordPattern Llama3 = new Qwen2Pattern(mostDigits: 3);

    /// <summary>All of them.</summary>
    public static IReadOnlyList<WordPattern> All => [Gpt2, Qwen2, Llama3];

    /// <summary>The expression, as tokenizer.json would spell it.</summary>
    public abstract string Expression { get; }

    /// <summary>Appends the end offsets (UTF-16) of the words of <c>text[start..end]</c>.</summary>
    public void Cut(ReadOnlySpan<char> text, int start, int end, List<int> ends)
    {
        var part = text[..end];
        while (start < end)
        {
            start = Match(part, start);
            ends.Add(start);
        }
    }

    protected abstract int Match(ReadOnlySpan<char> text, int start);

    // \s+(?!\S)|\s+: all but the last character before a word.
    private static int Space(int start, int stop, int length) => stop < length && stop - start > 1 ? stop - 1 : stop;

    private sealed class Gpt2Pattern : WordPattern
    {
        public override string Expression => @"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+";

        protected override int Match(ReadOnlySpan<char> text, int start)
        {
            if (text[start] == '\'' && Contraction(text[(start + 1)..]) is var length and > 0)
                return start + 1 + length;
            var kind = CharacterKinds.At(text, start, out int width);
            int next = start + width;
            if (text[start] == ' ' && next < text.Length &&
                CharacterKinds.At(text, next, out _) is var after and not CharacterKind.Space)
                return CharacterKinds.Run(text, next, after);
            int stop = CharacterKinds.Run(text, next, kind);
            return kind == CharacterKind.Space ? Space(start, stop, text.Length) : stop;
        }

        private static int Contraction(ReadOnlySpan<char> rest)
        {
            if (rest.IsEmpty)
                return 0;
            if (rest[0] is 's' or 't' or 'm' or 'd')
                return 1;
            return rest.Length > 1 && (rest[0], rest[1]) is ('r', 'e') or ('v', 'e') or ('l', 'l') ? 2 : 0;
        }
    }

    private sealed class Qwen2Pattern(int mostDigits) : WordPattern
    {
        public override string Expression { get; } = $@"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{{L}}\p{{N}}]?\p{{L}}+|"
            + (mostDigits == 1 ? @"\p{N}" : $@"\p{{N}}{{1,{mostDigits}}}")
            + @"| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+";

        protected override int Match(ReadOnlySpan<char> text, int start)
        {
            char c = text[start];
            if (c == '\'' && Contraction(text[(start + 1)..]) is var length and > 0)
                return start + 1 + length;

            var kind = CharacterKinds.At(text, start, out int width);
            int next = start + width;
            if (kind == CharacterKind.Letter)
                return CharacterKinds.Run(text, next, CharacterKind.Letter);
            if (kind == CharacterKind.Number)
            {
                for (int digits = 1; digits < mostDigits && next < text.Length
                    && CharacterKinds.At(text, next, out width) == CharacterKind.Number; digits++)
                    next += width;
                return next;
            }

            // One character that is no line break takes the letters after it along.
            var after = next < text.Length ? CharacterKinds.At(text, next, out _) : CharacterKind.Space;
            if (c is not ('\r' or '\n') && after == CharacterKind.Letter)
                return CharacterKinds.Run(text, next, CharacterKind.Letter);
            if (kind == CharacterKind.Other || (c == ' ' && after == CharacterKind.Other))
            {
                int end = CharacterKinds.Run(text, next, CharacterKind.Other);
                while (end < text.Length && text[end] is '\r' or '\n')
                    end++;
                return end;
            }

            // White space: up to its last line break if it has one.
            int stop = CharacterKinds.Run(text, next, CharacterKind.Space);
            int lineBreak = text[start..stop].LastIndexOfAny('\r', '\n');
            return lineBreak >= 0 ? start + lineBreak + 1 : Space(start, stop, text.Length);
        }

        // 's, 't, 'm, 'd (s also as the long s U+017F, which folds to s), 're, 've, 'll; the length behind the apostrophe, or 0.
        private static int Contraction(ReadOnlySpan<char> rest)
        {
            if (rest.IsEmpty)
                return 0;
            if (rest[0] is 's' or 'S' or '\u017F' or 't' or 'T' or 'm' or 'M' or 'd' or 'D')
                return 1;
            if (rest.Length < 2)
                return 0;
            return (char.ToLowerInvariant(rest[0]), char.ToLowerInvariant(rest[1])) is
                ('r', 'e') or ('v', 'e') or ('l', 'l') ? 2 : 0;
        }
    }
}
