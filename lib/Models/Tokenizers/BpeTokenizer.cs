using System.Text;

namespace Aim.Models;

/// <summary>
/// Byte-level byte-pair encoding as Hugging Face's <c>tokenizer.json</c> describes it, with Qwen2's pre-tokenizer. Encoding: special tokens
/// are cut out, the rest is normalised (NFC), cut into words, spelled as bytes and merged. Instances are immutable and thread-safe.
/// </summary>
public sealed class BpeTokenizer
{
    private readonly TokenizerFile _file;
    private readonly AddedTokens _added;
    private readonly BpeMerger _merger;

    private BpeTokenizer(TokenizerFile file)
    {
        _file = file;
        _added = new AddedTokens(file.Added.Select(t => (t.Content, t.Id)));
        _merger = new BpeMerger(file.ByteIds, file.Merges);
        VocabularySize = file.Tokens.Keys.Max() + 1;
    }

    /// <summary>One more than the greatest id.</summary>
    public int VocabularySize { get; }

    /// <summary>Reads a tokenizer.json.</summary>
    /// <exception cref="CheckpointException">The file is missing or broken, or describes another kind of tokenizer; the message says which part.</exception>
    public static BpeTokenizer Load(string path) => new(TokenizerFile.Load(path));

    /// <summary>Takes the content of a tokenizer.json.</summary>
    internal static BpeTokenizer Read(ConfigSection file) => new(TokenizerFile.Read(file));

    /// <summary>The ids of a text, without anything added before or after. Lone surrogates count as U+FFFD.</summary>
    public int[] Encode(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var ids = new List<int>();
        for (int start = 0; start < text.Length;)
        {
            var (at, length, id) = _added.Next(text, start);
            EncodePlain(at < 0 ? text[start..] : text[start..at], ids);
            if (at < 0)
                break;
            ids.Add(id);
            start = at + length;
        }

        return [.. ids];
    }

    private void EncodePlain(string text, List<int> ids)
    {
        if (text.Length == 0)
            return;
        if (_file.NormalizeNfc)
            text = UnicodeNfc.Normalize(text);
        int start = 0;
        foreach (int end in QwenPreTokenizer.Ends(text))
        {
            _merger.Encode(text.AsSpan(start, end - start), ids);
            start = end;
        }
    }

    /// <summary>
    /// The text of ids. Bytes that are not valid UTF-8 become U+FFFD; ids outside the vocabulary are skipped, as upstream does.
    /// </summary>
    /// <param name="ids">Token ids.</param>
    /// <param name="skipSpecial">Whether special tokens are left out.</param>
    public string Decode(IEnumerable<int> ids, bool skipSpecial = true)
    {
        ArgumentNullException.ThrowIfNull(ids);
        var bytes = new List<byte>();
        foreach (int id in ids)
            bytes.AddRange(BytesOf(id, skipSpecial));
        return Encoding.UTF8.GetString([.. bytes]);
    }

    /// <summary>A decoder for text that is shown while it is being generated: it holds back bytes of a character not yet complete.</summary>
    public StreamingDecoder Stream(bool skipSpecial = true) => new(this, skipSpecial);

    /// <summary>The id of a token given by its content, such as <c>&lt;|im_end|&gt;</c>.</summary>
    /// <exception cref="CheckpointException">The vocabulary lacks it.</exception>
    public int TokenId(string token)
        => TryGetTokenId(token, out int id) ? id : throw new CheckpointException($"{_file.Path}: the vocabulary has no token {token}");

    /// <summary>The id of a token given by its content; false when the vocabulary lacks it.</summary>
    public bool TryGetTokenId(string token, out int id) => _file.Ids.TryGetValue(token, out id);

    /// <summary>Whether an id is one of the special tokens.</summary>
    public bool IsSpecial(int id) => _file.Special.Contains(id);

    private byte[] BytesOf(int id, bool skipSpecial)
        => _file.Tokens.TryGetValue(id, out string? token) && !(skipSpecial && IsSpecial(id)) ? ByteLevel.ToBytes(token) : [];

    /// <summary>Decodes token by token; all pieces together are what <see cref="BpeTokenizer.Decode"/> gives for all ids.</summary>
    public sealed class StreamingDecoder
    {
        private readonly BpeTokenizer _tokenizer;
        private readonly bool _skipSpecial;
        private readonly Decoder _decoder = Encoding.UTF8.GetDecoder();

        internal StreamingDecoder(BpeTokenizer tokenizer, bool skipSpecial)
        {
            _tokenizer = tokenizer;
            _skipSpecial = skipSpecial;
        }

        /// <summary>The characters that this id completes; possibly none.</summary>
        public string Append(int id) => Take(_tokenizer.BytesOf(id, _skipSpecial), flush: false);

        /// <summary>What is left when no more ids come: U+FFFD for a character cut off, else nothing.</summary>
        public string Finish() => Take([], flush: true);

        private string Take(byte[] bytes, bool flush)
        {
            var chars = new char[_decoder.GetCharCount(bytes, flush)];
            _decoder.GetChars(bytes, chars, flush);
            return new string(chars);
        }
    }
}
