using System.Collections.Concurrent;
using System.Globalization;
using System.Text;

namespace Aim.Models;

/// <summary>
/// Byte-pair encoding of words. A word is spelled as bytes, or as characters (then what the vocabulary lacks becomes its bytes,
/// <c>&lt;0x0A&gt;</c>, or the unknown token), and merged. Words seen before come from a cache. Thread-safe.
/// </summary>
internal sealed class BpeModel
{
    private const int CachedLength = 64, CacheCapacity = 1 << 16;

    private readonly ConcurrentDictionary<string, int[]> _cache = new(StringComparer.Ordinal);
    private readonly BpeMerges _merges;
    private readonly BpeSeams? _seams;
    private readonly int[]? _byteIds;
    private readonly Dictionary<int, int> _characters = [];
    private readonly int? _unknown;
    private readonly bool _spellsBytes, _fuseUnknown, _wholeWords;
    private int _cached;

    private BpeModel(ConfigSection section, bool spellsBytes)
    {
        Vocabulary = Vocabulary.Read(section);
        _merges = BpeMerges.Read(section, Vocabulary);
        _spellsBytes = spellsBytes;
        _wholeWords = section.Bool("ignore_merges", false);
        bool fallback = section.Bool("byte_fallback", false);
        if (spellsBytes && fallback)
            throw section.Error("byte_fallback", "is not supported where the pre-tokenizer spells bytes; it must be false");
        if (spellsBytes)
        {
            _byteIds = ByteIds(b => ByteLevel.ToChar(b).ToString(), out int missing);
            if (missing >= 0)
            {
                string token = ByteLevel.ToChar((byte)missing).ToString();
                throw section.Error(
                    "vocab", $"has no token for byte {missing} (\"{token}\"); a byte-level vocabulary holds all 256");
            }

            return;
        }

        if (section.Text("unk_token", "") is { Length: > 0 } unknown)
            _unknown = Vocabulary.IdOf(unknown)
                ?? throw section.Error("unk_token", $"is \"{unknown}\", which the vocabulary lacks");
        _fuseUnknown = section.Bool("fuse_unk", false);
        foreach (var (token, id) in Vocabulary.Tokens)
        {
            if (token.Length is 1 or 2 && Rune.TryGetRuneAt(token, 0, out var rune) && rune.Utf16SequenceLength == token.Length)
                _characters[rune.Value] = id;
        }

        if (fallback)
            _byteIds = ByteIds(b => string.Create(CultureInfo.InvariantCulture, $"<0x{b:X2}>"), out _);

        // Where each character is spelled by itself, and no word is looked up whole, words can be cut further.
        bool apart = !_wholeWords && (!_fuseUnknown || _unknown is null || (_byteIds is not null && !_byteIds.Contains(-1)));
        if (apart)
            _seams = BpeSeams.Find(Vocabulary, _merges, [.. _byteIds ?? [], _unknown ?? -1]);
    }

    /// <summary>The model's own tokens.</summary>
    public Vocabulary Vocabulary { get; }

    /// <summary>Reads the field <c>model</c>.</summary>
    /// <param name="root">The file.</param>
    /// <param name="spellsBytes">Whether the pre-tokenizer spells words as bytes.</param>
    /// <exception cref="CheckpointException">
    /// It is another kind of model, or asks for an option that is not supported.
    /// </exception>
    public static BpeModel Read(ConfigSection root, bool spellsBytes)
    {
        var section = root.Section("model") ?? throw root.Error("model", "is missing; a BPE model is expected");
        section.Text("type", "BPE", "BPE");
        foreach (string option in (string[])["continuing_subword_prefix", "end_of_word_suffix"])
            section.Text(option, "", "");
        if (section.Has("dropout"))
            throw section.Error("dropout", "is not supported; it must be null");
        return new BpeModel(section, spellsBytes);
    }

    /// <summary>Appends the ids of a word.</summary>
    public void Encode(ReadOnlySpan<char> word, List<int> ids)
    {
        if (_seams is null)
        {
            EncodePiece(word, ids);
            return;
        }

        for (int start = 0; start < word.Length;)
        {
            int end = _seams.Next(word, start);
            EncodePiece(word[start..end], ids);
            start = end;
        }
    }

    /// <summary>The tokens of a word with the bytes that each stands for, for offsets; not cached.</summary>
    public BpeSymbol[] Symbols(ReadOnlySpan<char> word)
    {
        if (_wholeWords && Whole(word) is { } whole)
            return [whole];
        var symbols = _spellsBytes ? SpellBytes(word) : SpellCharacters(word);
        return symbols[.._merges.Merge(symbols)];
    }

    private void EncodePiece(ReadOnlySpan<char> piece, List<int> ids)
    {
        if (piece.Length > CachedLength)
        {
            foreach (var symbol in Symbols(piece))
                ids.Add(symbol.Id);
            return;
        }

        if (!_cache.GetAlternateLookup<ReadOnlySpan<char>>().TryGetValue(piece, out int[]? found))
        {
            found = [.. Symbols(piece).Select(s => s.Id)];
            if (_cached < CacheCapacity && _cache.TryAdd(piece.ToString(), found))
                Interlocked.Increment(ref _cached);
        }

        ids.AddRange(found.AsSpan());
    }

    // ignore_merges, as its documentation has it: "whether or not to match tokens with the vocab before using merges" (Llama 3,
    // whose vocabulary holds words that its merges do not lead to).
    private BpeSymbol? Whole(ReadOnlySpan<char> word)
    {
        int bytes = Encoding.UTF8.GetByteCount(word);
        string spelled = word.ToString();
        if (_spellsBytes)
            spelled = string.Concat(Encoding.UTF8.GetBytes(spelled).Select(ByteLevel.ToChar));
        return Vocabulary.IdOf(spelled) is { } id ? new BpeSymbol(id, bytes) : null;
    }

    private BpeSymbol[] SpellBytes(ReadOnlySpan<char> word)
    {
        var bytes = new byte[Encoding.UTF8.GetByteCount(word)];
        Encoding.UTF8.GetBytes(word, bytes);
        return Array.ConvertAll(bytes, b => new BpeSymbol(_byteIds![b], 1));
    }

    private BpeSymbol[] SpellCharacters(ReadOnlySpan<char> word)
    {
        var symbols = new List<BpeSymbol>(word.Length);
        Span<byte> bytes = stackalloc byte[4];
        BpeSymbol? unknown = null;
        void Flush()
        {
            if (unknown is { } symbol)
                symbols.Add(symbol);
            unknown = null;
        }

        foreach (var rune in word.EnumerateRunes())
        {
            if (_characters.TryGetValue(rune.Value, out int id))
            {
                Flush();
                symbols.Add(new BpeSymbol(id, rune.Utf8SequenceLength));
                continue;
            }

            var spelled = bytes[..rune.EncodeToUtf8(bytes)];
            if (_byteIds is not null && IsComplete(spelled))
            {
                foreach (byte b in spelled)
                    symbols.Add(new BpeSymbol(_byteIds[b], 1));
            }
            else if (_unknown is { } unknownId)
            {
                int before = _fuseUnknown && unknown is { } open ? open.Bytes : 0;
                if (before == 0)
                    Flush();
                unknown = new BpeSymbol(unknownId, before + spelled.Length);
            }
        }

        Flush();
        return [.. symbols];
    }

    private bool IsComplete(ReadOnlySpan<byte> bytes)
    {
        foreach (byte b in bytes)
        {
            if (_byteIds![b] < 0)
                return false;
        }

        return true;
    }

    private int[] ByteIds(Func<byte, string> spell, out int missing)
    {
        var ids = new int[256];
        for (int b = 0; b < 256; b++)
            ids[b] = Vocabulary.IdOf(spell((byte)b)) ?? -1;
        missing = Array.IndexOf(ids, -1);
        return ids;
    }
}
