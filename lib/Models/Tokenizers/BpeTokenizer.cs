using System.Text;

namespace Aim.Models;

/// <summary>
/// Byte-pair encoding as Hugging Face's <c>tokenizer.json</c> describes it, of byte-level kind (GPT-2, Qwen2) or SentencePiece's
/// (Llama, Mistral). Encoding is a pipeline of the file's own parts: added tokens are cut out, the text between them is
/// normalised (<see cref="Normalizer"/>), cut into words (<see cref="PreTokenizer"/>), encoded (<see cref="BpeModel"/>) and
/// surrounded (<see cref="PostProcessor"/>); <see cref="TokenDecoder"/> leads back. What a file asks for beyond them is an error,
/// never ignored: a tokenizer that is off by one rule gives plausible nonsense. Instances are immutable and thread-safe.
/// </summary>
public sealed class BpeTokenizer
{
    private const long MaxBytes = 256L << 20;

    private readonly string _file;
    private readonly Normalizer _normalizer;
    private readonly PreTokenizer _preTokenizer;
    private readonly BpeModel _model;
    private readonly PostProcessor _postProcessor;
    private readonly Func<TokenDecoder[]> _decoder;
    private readonly AddedVocabulary _vocabulary;

    private BpeTokenizer(ConfigSection root)
    {
        // Truncation and padding, which a file may ask for too, are switched off by transformers before each call.
        _file = root.FileName;
        _normalizer = Normalizer.Read(root.Section("normalizer"));
        _preTokenizer = PreTokenizer.Read(root.Section("pre_tokenizer"));
        _model = BpeModel.Read(root, _preTokenizer.SpellsBytes);
        _postProcessor = PostProcessor.Read(root.Section("post_processor"));
        _decoder = TokenDecoder.Read(root.Section("decoder"));
        _vocabulary = new AddedVocabulary(_file, _model.Vocabulary, _normalizer, AddedToken.ReadAll(root));
        if (_vocabulary.Size == 0)
            throw root.Error("model.vocab", "is empty");
    }

    private BpeTokenizer(BpeTokenizer other, AddedVocabulary vocabulary)
    {
        (_file, _normalizer, _preTokenizer) = (other._file, other._normalizer, other._preTokenizer);
        (_model, _postProcessor, _decoder) = (other._model, other._postProcessor, other._decoder);
        _vocabulary = vocabulary;
    }

    /// <summary>One more than the greatest id.</summary>
    public int VocabularySize => _vocabulary.Size;

    /// <summary>Reads a tokenizer.json.</summary>
    /// <exception cref="CheckpointException">
    /// The file is missing or broken, or asks for what is not supported; the message says which part.
    /// </exception>
    public static BpeTokenizer Load(string path)
    {
        var info = new FileInfo(path);
        if (info.Exists && info.Length is 0 or > MaxBytes)
            throw new CheckpointException($"{path}: {info.Length} bytes; a tokenizer.json has 1 .. {MaxBytes}");
        return Read(ConfigSection.Load(path));
    }

    /// <summary>Takes the content of a tokenizer.json.</summary>
    /// <exception cref="CheckpointException">As for <see cref="Load"/>.</exception>
    internal static BpeTokenizer Read(ConfigSection file) => new(file);

    /// <summary>This tokenizer with one more added token, as <c>add_tokens</c> does; this one stays as it is.</summary>
    /// <exception cref="CheckpointException">The token's content or id is taken.</exception>
    public BpeTokenizer With(AddedToken token)
    {
        ArgumentNullException.ThrowIfNull(token);
        return new BpeTokenizer(this, _vocabulary.With(token));
    }

    /// <summary>The ids of a text. Lone surrogates count as U+FFFD.</summary>
    /// <param name="text">The text, which may hold added tokens.</param>
    /// <param name="addSpecialTokens">
    /// Whether the ids stand between those that the file puts around a text, such as <c>&lt;s&gt;</c>.
    /// </param>
    public int[] Encode(string text, bool addSpecialTokens = false)
    {
        ArgumentNullException.ThrowIfNull(text);
        text = NormalizedText.WellFormed(text);
        var ids = new List<int>((text.Length / 3) + 4);
        if (addSpecialTokens)
            ids.AddRange(_postProcessor.Before);
        Encode(new NormalizedText(text, null), ids, null);
        if (addSpecialTokens)
            ids.AddRange(_postProcessor.After);
        return [.. ids];
    }

    /// <summary>
    /// The ids of a text, without special tokens around, and the range of code points of the text that each stands for.
    /// </summary>
    internal (int[] Ids, TextRange[] Offsets) EncodeWithOffsets(string text)
    {
        var ids = new List<int>();
        var offsets = new List<TextRange>();
        Encode(NormalizedText.Track(NormalizedText.WellFormed(text)), ids, offsets);
        return ([.. ids], [.. offsets]);
    }

    /// <summary>The ends (UTF-16) of the words of a text without added tokens, after normalisation.</summary>
    internal (string Text, List<int> Ends) Words(string text)
    {
        var whole = Prepare(new NormalizedText(NormalizedText.WellFormed(text), null), first: true, out var ends);
        return (whole.Text, ends);
    }

    private void Encode(NormalizedText whole, List<int> ids, List<TextRange>? offsets)
    {
        foreach (var part in _vocabulary.Raw.Split(whole.Text))
        {
            if (part.Token is { } token)
            {
                ids.Add(token.Id);
                offsets?.Add(whole.OriginOf(part.Start, part.End));
                continue;
            }

            var normalized = _normalizer.Normalize(whole.Slice(part.Start, part.End));
            foreach (var inner in _vocabulary.Normalized.Split(normalized.Text))
            {
                if (inner.Token is { } found)
                {
                    ids.Add(found.Id);
                    offsets?.Add(normalized.OriginOf(inner.Start, inner.End));
                    continue;
                }

                EncodeWords(normalized.Slice(inner.Start, inner.End), part.Start == 0 && inner.Start == 0, ids, offsets);
            }
        }
    }

    private void EncodeWords(NormalizedText text, bool first, List<int> ids, List<TextRange>? offsets)
    {
        text = _preTokenizer.Rewrite(text, first);
        var ends = new List<int>((text.Text.Length / 4) + 1);
        _preTokenizer.Cut(text.Text, 0, text.Text.Length, ends);
        int start = 0;
        foreach (int end in ends)
        {
            var word = text.Text.AsSpan(start, end - start);
            if (offsets is null)
                _model.Encode(word, ids);
            else
                Place(_model.Symbols(word), text.Slice(start, end), ids, offsets);
            start = end;
        }
    }

    private NormalizedText Prepare(NormalizedText text, bool first, out List<int> ends)
    {
        text = _preTokenizer.Rewrite(_normalizer.Normalize(text), first);
        ends = [];
        if (!text.IsEmpty)
            _preTokenizer.Cut(text.Text, 0, text.Text.Length, ends);
        return text;
    }

    // Symbols count bytes of UTF-8; origins are kept by UTF-16 unit.
    private static void Place(BpeSymbol[] symbols, NormalizedText word, List<int> ids, List<TextRange> offsets)
    {
        var units = new List<int>(word.Text.Length);
        for (int i = 0; i < word.Text.Length; i++)
        {
            if (Rune.TryGetRuneAt(word.Text, i, out var rune))
                units.AddRange(Enumerable.Repeat(i, rune.Utf8SequenceLength));
        }

        int at = 0;
        foreach (var symbol in symbols)
        {
            ids.Add(symbol.Id);
            offsets.Add(word.OriginOf(units[at], units[at + symbol.Bytes - 1] + 1));
            at += symbol.Bytes;
        }
    }

    /// <summary>
    /// The text of ids. Bytes that are not valid UTF-8 become U+FFFD; ids outside the vocabulary are skipped, as upstream does.
    /// </summary>
    /// <param name="ids">Token ids.</param>
    /// <param name="skipSpecial">Whether special tokens are left out.</param>
    /// <param name="cleanUp">
    /// Whether spaces before punctuation and English contractions are removed (<c>clean_up_tokenization_spaces</c>).
    /// </param>
    public string Decode(IEnumerable<int> ids, bool skipSpecial = true, bool cleanUp = false)
    {
        ArgumentNullException.ThrowIfNull(ids);
        var stream = Stream(skipSpecial);
        var text = new StringBuilder();
        foreach (int id in ids)
            text.Append(stream.Append(id));
        text.Append(stream.Finish());
        if (!cleanUp)
            return text.ToString();
        foreach (string mark in (string[])[".", "?", "!", ","])
            text.Replace(" " + mark, mark);
        text.Replace(" ' ", "'");
        foreach (string contraction in (string[])["n't", "'m", "'s", "'ve", "'re"])
            text.Replace(" " + contraction, contraction);
        return text.ToString();
    }

    /// <summary>
    /// A decoder for text that is shown while it is being generated: it holds back what later tokens may still change.
    /// </summary>
    public StreamingDecoder Stream(bool skipSpecial = true)
        => new(_decoder(), id => skipSpecial && IsSpecial(id) ? null : _vocabulary.TokenOf(id));

    /// <summary>The id of a token given by its content, such as <c>&lt;|im_end|&gt;</c>.</summary>
    /// <exception cref="CheckpointException">The vocabulary lacks it.</exception>
    public int TokenId(string token)
        => TryGetTokenId(token, out int id) ? id : throw new CheckpointException($"{_file}: the vocabulary has no token {token}");

    /// <summary>The id of a token given by its content; false when the vocabulary lacks it.</summary>
    public bool TryGetTokenId(string token, out int id) => _vocabulary.TryGetId(token, out id);

    /// <summary>Whether an id is one of the special tokens.</summary>
    public bool IsSpecial(int id) => _vocabulary.IsSpecial(id);

    /// <summary>Decodes token by token; all pieces together are what <see cref="Decode"/> gives for all ids.</summary>
    public sealed class StreamingDecoder
    {
        private readonly TokenDecoder[] _decoders;
        private readonly Func<int, string?> _tokenOf;

        internal StreamingDecoder(TokenDecoder[] decoders, Func<int, string?> tokenOf)
        {
            _decoders = decoders;
            _tokenOf = tokenOf;
        }

        /// <summary>The characters that this id completes; possibly none.</summary>
        public string Append(int id) => _tokenOf(id) is { } token ? Pass(0, [token]) : "";

        /// <summary>What is left when no more ids come: U+FFFD for a character cut off, else nothing.</summary>
        public string Finish()
        {
            var text = new StringBuilder();
            for (int i = 0; i < _decoders.Length; i++)
            {
                var left = new List<string>();
                _decoders[i].Finish(left);
                text.Append(Pass(i + 1, left));
            }

            return text.ToString();
        }

        private string Pass(int from, List<string> tokens)
        {
            foreach (var decoder in _decoders.AsSpan(from))
            {
                var output = new List<string>();
                foreach (string token in tokens)
                    decoder.Append(token, output);
                tokens = output;
            }

            return string.Concat(tokens);
        }
    }
}
