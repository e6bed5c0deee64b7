namespace Aim.Models;

/// <summary>
/// The second stage: cuts a normalised text into words, across which the model joins nothing. Types: <c>ByteLevel</c>,
/// <c>Metaspace</c>,
/// <c>Split</c> by an expression that <see cref="WordPattern"/> has, and <c>Sequence</c>.
/// </summary>
internal abstract class PreTokenizer
{
    private const string Supported = "ByteLevel, Metaspace, Split and Sequence are";

    /// <summary>Whether words are spelled as bytes (the model's vocabulary holds all 256), not as characters.</summary>
    public virtual bool SpellsBytes => false;

    /// <summary>Whether <see cref="Rewrite"/> does anything.</summary>
    protected virtual bool Rewrites => false;

    /// <summary>
    /// The text with what is put before or into it; <paramref name="first"/>: it begins where the whole text begins.
    /// </summary>
    public virtual NormalizedText Rewrite(NormalizedText text, bool first) => text;

    /// <summary>Appends the ends (UTF-16) of the words of <c>text[start..end]</c>, which is not empty.</summary>
    public abstract void Cut(ReadOnlySpan<char> text, int start, int end, List<int> ends);

    /// <summary>Reads the field <c>pre_tokenizer</c>; null makes a whole text one word.</summary>
    /// <exception cref="CheckpointException">The type is not supported, or a field of it is wrong.</exception>
    public static PreTokenizer Read(ConfigSection? section)
    {
        if (section is not { } s)
            return new Sequence([]);
        return s.Text("type", "") switch
        {
            "ByteLevel" => new ByteLevelWords(s.Bool("add_prefix_space", true), s.Bool("use_regex", true)),
            "Metaspace" => Metaspace.Read(s),
            "Split" => ReadSplit(s),
            "Sequence" => ReadSequence(s),
            var type => throw s.Error("type", $"\"{type}\" is not supported; {Supported}"),
        };
    }

    private static Split ReadSplit(ConfigSection section)
    {
        section.Text("behavior", "Isolated", "Isolated");
        if (section.Bool("invert", false))
            throw section.Error("invert", "is not supported; it must be false");
        string expression = section.Section("pattern")?.Text("Regex", "") ?? "";
        var known = WordPattern.All.FirstOrDefault(p => p.Expression == expression);
        return new Split(known
            ?? throw section.Error("pattern", "is not supported; the regular expressions of GPT-2, Qwen2 and Llama 3 are"));
    }

    private static Sequence ReadSequence(ConfigSection section)
    {
        var parts = section.Sections("pretokenizers").Select(part => Read(part)).ToArray();
        for (int i = 0; i < parts.Length; i++)
        {
            if (i > 0 && parts[i].Rewrites)
                throw section.Error(
                    "pretokenizers", $"entry {i} puts something before each word, which is supported for the first entry only");
            if (parts[i].SpellsBytes && i + 1 < parts.Length)
                throw section.Error("pretokenizers", $"entry {i} spells bytes; nothing is supported after it");
        }

        return new Sequence(parts);
    }

    private sealed class ByteLevelWords(bool addPrefixSpace, bool useRegex) : PreTokenizer
    {
        public override bool SpellsBytes => true;

        protected override bool Rewrites => addPrefixSpace;

        public override NormalizedText Rewrite(NormalizedText text, bool first)
            => addPrefixSpace && !text.Text.StartsWith(' ') ? text.Prepend(" ") : text;

        public override void Cut(ReadOnlySpan<char> text, int start, int end, List<int> ends)
        {
            if (useRegex)
                WordPattern.Gpt2.Cut(text, start, end, ends);
            else
                ends.Add(end);
        }
    }

    private sealed class Split(WordPattern pattern) : PreTokenizer
    {
        public override void Cut(ReadOnlySpan<char> text, int start, int end, List<int> ends)
            => pattern.Cut(text, start, end, ends);
    }

    /// <summary>SentencePiece's spelling of spaces: a visible mark, also before the text; each mark begins a word.</summary>
    private sealed class Metaspace(char mark, string prepend, bool split) : PreTokenizer
    {
        protected override bool Rewrites => true;

        public static Metaspace Read(ConfigSection section)
        {
            string mark = section.Text("replacement", "▁");
            if (mark.Length != 1 || char.IsSurrogate(mark[0]))
                throw section.Error("replacement", "must be one character of the basic plane");
            string prepend = section.Text("prepend_scheme", "always", "always", "first", "never");
            bool prepends = section.Bool("add_prefix_space", true);
            return new Metaspace(mark[0], prepends ? prepend : "never", section.Bool("split", true));
        }

        public override NormalizedText Rewrite(NormalizedText text, bool first)
        {
            text = text.Replace(" ", mark.ToString());
            bool wanted = prepend == "always" || (prepend == "first" && first);
            return wanted && !text.Text.StartsWith(mark) ? text.Prepend(mark.ToString()) : text;
        }

        public override void Cut(ReadOnlySpan<char> text, int start, int end, List<int> ends)
        {
            while (split && text[(start + 1)..end].IndexOf(mark) is var offset and >= 0)
            {
                start += offset + 1;
                ends.Add(start);
            }

            ends.Add(end);
        }
    }

    private sealed class Sequence(PreTokenizer[] parts) : PreTokenizer
    {
        public override bool SpellsBytes => parts.Length > 0 && parts[^1].SpellsBytes;

        protected override bool Rewrites => parts.Length > 0 && parts[0].Rewrites;

        public override NormalizedText Rewrite(NormalizedText text, bool first)
            => parts.Length > 0 ? parts[0].Rewrite(text, first) : text;

        public override void Cut(ReadOnlySpan<char> text, int start, int end, List<int> ends)
        {
            int begin = ends.Count;
            ends.Add(end);
            foreach (var part in parts)
            {
                var whole = ends[begin..];
                ends.RemoveRange(begin, ends.Count - begin);
                int from = start;
                foreach (int to in whole)
                {
                    part.Cut(text, from, to, ends);
                    from = to;
                }
            }
        }
    }
}
