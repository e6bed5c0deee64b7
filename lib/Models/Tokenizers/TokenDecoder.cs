using System.Globalization;
using System.Text;

namespace Aim.Models;

/// <summary>
/// The last stage: turns tokens into text, one after the other, so that a text can be shown while it is generated. Types:
/// <c>ByteLevel</c>, <c>Replace</c> (of a string), <c>Metaspace</c>, <c>ByteFallback</c>, <c>Fuse</c>, <c>Strip</c> and
/// <c>Sequence</c>. An instance is the state of one text; it may hold tokens back until what follows decides how they read.
/// </summary>
internal abstract class TokenDecoder
{
    private const string Supported = "ByteLevel, Replace, Metaspace, ByteFallback, Fuse, Strip and Sequence are";

    /// <summary>Takes a token and appends what it completes.</summary>
    public abstract void Append(string token, List<string> output);

    /// <summary>Appends what is left when no more tokens come.</summary>
    public virtual void Finish(List<string> output)
    {
    }

    /// <summary>
    /// Reads the field <c>decoder</c>; the result makes the decoders of a text, in the order in which tokens pass them.
    /// </summary>
    /// <exception cref="CheckpointException">The type is not supported, or a field of it is wrong.</exception>
    public static Func<TokenDecoder[]> Read(ConfigSection? section)
    {
        if (section is not { } s)
            return () => [new Spaced()];
        var makers = new List<Func<TokenDecoder>>();
        Collect(s, makers, fused: false);
        return () => [.. makers.Select(make => make())];
    }

    // 'Fused' decoders give one token in pieces: after one only Strip of the beginning is defined piece by piece.
    private static bool Collect(ConfigSection section, List<Func<TokenDecoder>> makers, bool fused)
    {
        string type = section.Text("type", "");
        int start = type == "Strip" ? section.Int("start", 0, 0) : 0, stop = type == "Strip" ? section.Int("stop", 0, 0) : 0;
        if (fused && (type is not ("Strip" or "Fuse") || stop > 0))
            throw section.Error("type", $"\"{type}\" is not supported after Fuse or ByteLevel; Strip of the start is");
        switch (type)
        {
            case "ByteLevel":
                makers.Add(() => new Bytes());
                return true;
            case "Replace":
                string pattern = Normalizer.StringPattern(section), content = section.Text("content", "");
                makers.Add(() => new Each(token => token.Replace(pattern, content, StringComparison.Ordinal)));
                return false;
            case "Metaspace":
                string mark = section.Text("replacement", "▁");
                if (mark.Length == 0)
                    throw section.Error("replacement", "must be one character");
                bool prepends = section.Bool("add_prefix_space", true)
                    && section.Text("prepend_scheme", "always", "always", "first", "never") != "never";
                makers.Add(() => new Marks(mark, prepends));
                return false;
            case "ByteFallback":
                makers.Add(() => new Fallback());
                return false;
            case "Fuse":
                return true;
            case "Strip":
                string stripped = section.Text("content", "");
                if (stripped.Length != 1)
                    throw section.Error("content", "must be one character");
                makers.Add(fused
                    ? () => new StripText(stripped[0], start)
                    : () => new Each(token => Strip(token, stripped[0], start, stop)));
                return fused;
            case "Sequence":
                foreach (var part in section.Sections("decoders"))
                    fused = Collect(part, makers, fused);
                return fused;
            default:
                throw section.Error("type", $"\"{type}\" is not supported; {Supported}");
        }
    }

    private static string Strip(string token, char content, int start, int stop)
    {
        int from = 0, to = token.Length;
        while (from < to && from < start && token[from] == content)
            from++;
        while (to > from && token.Length - to < stop && token[to - 1] == content)
            to--;
        return token[from..to];
    }

    /// <summary>No decoder at all: tokens between spaces.</summary>
    private sealed class Spaced : TokenDecoder
    {
        private bool _begun;

        public override void Append(string token, List<string> output)
        {
            output.Add(_begun ? " " + token : token);
            _begun = true;
        }
    }

    private sealed class Each(Func<string, string> change) : TokenDecoder
    {
        public override void Append(string token, List<string> output) => output.Add(change(token));
    }

    /// <summary>
    /// Byte-level spelling. Bytes of a character that is not complete yet are held back; wrong ones become U+FFFD.
    /// </summary>
    private sealed class Bytes : TokenDecoder
    {
        private readonly Decoder _utf8 = Encoding.UTF8.GetDecoder();

        public override void Append(string token, List<string> output) => Take(ByteLevel.ToBytes(token), flush: false, output);

        public override void Finish(List<string> output) => Take([], flush: true, output);

        private void Take(byte[] bytes, bool flush, List<string> output)
        {
            var chars = new char[_utf8.GetCharCount(bytes, flush)];
            _utf8.GetChars(bytes, chars, flush);
            output.Add(new string(chars));
        }
    }

    /// <summary>
    /// SentencePiece's marks become spaces; those of the first token vanish where the pre-tokenizer put one there.
    /// </summary>
    private sealed class Marks(string mark, bool prepended) : TokenDecoder
    {
        private bool _begun;

        public override void Append(string token, List<string> output)
        {
            output.Add(token.Replace(mark, !_begun && prepended ? "" : " ", StringComparison.Ordinal));
            _begun = true;
        }
    }

    /// <summary>
    /// Tokens like <c>&lt;0x0A&gt;</c>. A run of them is text if all of it is valid UTF-8, else U+FFFD for each: nothing of a run
    /// can be shown before its end.
    /// </summary>
    private sealed class Fallback : TokenDecoder
    {
        private static readonly UTF8Encoding s_strict = new(false, throwOnInvalidBytes: true);
        private readonly List<byte> _run = [];

        public override void Append(string token, List<string> output)
        {
            if (token.Length == 6 && token.StartsWith("<0x", StringComparison.Ordinal) && token[5] == '>'
                && byte.TryParse(token.AsSpan(3, 2),
                    NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out byte value))
            {
                _run.Add(value);
                return;
            }

            Finish(output);
            output.Add(token);
        }

        public override void Finish(List<string> output)
        {
            if (_run.Count == 0)
                return;
            try
            {
                output.Add(s_strict.GetString([.. _run]));
            }
            catch (DecoderFallbackException)
            {
                output.Add(new string('\uFFFD', _run.Count));
            }

            _run.Clear();
        }
    }

    /// <summary>Takes at most so many characters from the beginning of the whole text.</summary>
    private sealed class StripText(char content, int most) : TokenDecoder
    {
        private int _left = most;

        public override void Append(string token, List<string> output)
        {
            int from = 0;
            while (from < token.Length && _left > 0 && token[from] == content)
            {
                from++;
                _left--;
            }

            if (from < token.Length)
                _left = 0;
            output.Add(token[from..]);
        }
    }
}
