using System.Text.Json;

namespace Aim.Models;

/// <summary>
/// The parts of a tokenizer.json that byte-level BPE needs. What the file asks for beyond them is an error, never ignored: a tokenizer that
/// is off by one rule gives plausible nonsense.
/// </summary>
internal sealed class TokenizerFile
{
    internal readonly record struct AddedToken(string Content, int Id, bool Special);

    public required string Path { get; init; }

    /// <summary>Id of each single byte.</summary>
    public required int[] ByteIds { get; init; }

    /// <summary>Pairs of ids that join, with the order in which they were learned and the id they give.</summary>
    public required Dictionary<(int Left, int Right), (int Rank, int Id)> Merges { get; init; }

    public required IReadOnlyList<AddedToken> Added { get; init; }

    public required HashSet<int> Special { get; init; }

    public required Dictionary<string, int> Ids { get; init; }

    public required Dictionary<int, string> Tokens { get; init; }

    public required bool NormalizeNfc { get; init; }

    public static TokenizerFile Load(string path) => Read(ConfigSection.Load(path));

    public static TokenizerFile Read(ConfigSection root)
    {
        var normalizer = root.Section("normalizer");
        normalizer?.Text("type", "", "NFC");
        CheckPreTokenizer(root);
        var model = root.Section("model") ?? throw root.Error("model", "is missing; a BPE model is expected");
        model.Text("type", "BPE", "BPE");
        foreach (string option in (string[])["byte_fallback", "ignore_merges"])
        {
            if (model.Bool(option, false))
                throw model.Error(option, "is not supported; it must be false");
        }

        foreach (string option in (string[])["continuing_subword_prefix", "end_of_word_suffix"])
            model.Text(option, "", "");
        if (model.Has("dropout"))
            throw model.Error("dropout", "is not supported; it must be null");

        var ids = ReadVocabulary(model);
        var tokens = ids.ToDictionary(t => t.Value, t => t.Key);
        var byteIds = new int[256];
        for (int b = 0; b < 256; b++)
        {
            string token = ByteLevel.ToChar((byte)b).ToString();
            byteIds[b] = ids.TryGetValue(token, out int id)
                ? id
                : throw model.Error("vocab", $"has no token for byte {b} (\"{token}\"); a byte-level vocabulary holds all 256");
        }

        var merges = ReadMerges(model, ids);
        var added = ReadAdded(root);
        foreach (var token in added)
        {
            ids[token.Content] = token.Id;
            tokens[token.Id] = token.Content;
        }

        return new TokenizerFile
        {
            Path = root.FileName,
            ByteIds = byteIds,
            Merges = merges,
            Added = added,
            Special = [.. added.Where(t => t.Special).Select(t => t.Id)],
            Ids = ids,
            Tokens = tokens,
            NormalizeNfc = normalizer is not null,
        };
    }

    private static void CheckPreTokenizer(ConfigSection root)
    {
        const string Expected = "Qwen2's is expected: a Sequence of Split by its regular expression and ByteLevel without one";
        var section = root.Section("pre_tokenizer") ?? throw root.Error("pre_tokenizer", $"is missing; {Expected}");
        var parts = section.Element.TryGetProperty("pretokenizers", out var array) && array.ValueKind == JsonValueKind.Array
            ? array.EnumerateArray().ToList()
            : [];
        bool fits = parts.Count == 2
            && Is(parts[0], "type", "Split") && Is(parts[0], "behavior", "Isolated") && !IsTrue(parts[0], "invert")
            && parts[0].TryGetProperty("pattern", out var pattern) && Is(pattern, "Regex", QwenPreTokenizer.Pattern)
            && Is(parts[1], "type", "ByteLevel") && !IsTrue(parts[1], "add_prefix_space")
            && parts[1].TryGetProperty("use_regex", out var regex) && regex.ValueKind == JsonValueKind.False;
        if (!fits)
            throw root.Error("pre_tokenizer", $"this kind is not supported; {Expected}");
    }

    private static bool Is(JsonElement element, string field, string value)
        => element.ValueKind == JsonValueKind.Object && element.TryGetProperty(field, out var text)
            && text.ValueKind == JsonValueKind.String && text.GetString() == value;

    private static bool IsTrue(JsonElement element, string field)
        => element.TryGetProperty(field, out var value) && value.ValueKind == JsonValueKind.True;

    private static Dictionary<string, int> ReadVocabulary(ConfigSection model)
    {
        var vocabulary = model.Section("vocab") ?? throw model.Error("vocab", "is missing; an object of token: id is expected");
        var ids = new Dictionary<string, int>(StringComparer.Ordinal);
        var seen = new HashSet<int>();
        foreach (var item in vocabulary.Element.EnumerateObject())
        {
            if (item.Value.ValueKind != JsonValueKind.Number || !item.Value.TryGetInt32(out int id) || id < 0)
                throw model.Error("vocab", $"the id of {JsonSerializer.Serialize(item.Name)} must be a whole number of at least 0");
            if (!seen.Add(id) || !ids.TryAdd(item.Name, id))
                throw model.Error("vocab", $"{JsonSerializer.Serialize(item.Name)} or its id {id} occurs twice");
        }

        return ids;
    }

    private static Dictionary<(int, int), (int, int)> ReadMerges(ConfigSection model, Dictionary<string, int> ids)
    {
        if (!model.Element.TryGetProperty("merges", out var array) || array.ValueKind != JsonValueKind.Array)
            throw model.Error("merges", "is missing; an array of pairs is expected");
        var merges = new Dictionary<(int, int), (int, int)>(array.GetArrayLength());
        int rank = 0;
        foreach (var item in array.EnumerateArray())
        {
            var (left, right) = Pair(item) ?? throw model.Error("merges", $"entry {rank} must be \"left right\" or [\"left\", \"right\"]");
            if (!ids.TryGetValue(left, out int leftId) || !ids.TryGetValue(right, out int rightId) || !ids.TryGetValue(left + right, out int joined))
                throw model.Error("merges", $"entry {rank} joins tokens that are not all in the vocabulary");
            merges[(leftId, rightId)] = (rank++, joined);
        }

        return merges;
    }

    // Older files spell a merge as one string, newer ones as a pair (which alone can hold tokens with spaces).
    private static (string Left, string Right)? Pair(JsonElement item)
    {
        if (item.ValueKind == JsonValueKind.String)
        {
            string[] parts = item.GetString()!.Split(' ');
            return parts.Length == 2 ? (parts[0], parts[1]) : null;
        }

        if (item.ValueKind != JsonValueKind.Array || item.GetArrayLength() != 2)
            return null;
        return item[0].ValueKind == JsonValueKind.String && item[1].ValueKind == JsonValueKind.String
            ? (item[0].GetString()!, item[1].GetString()!)
            : null;
    }

    private static List<AddedToken> ReadAdded(ConfigSection root)
    {
        var added = new List<AddedToken>();
        if (!root.Element.TryGetProperty("added_tokens", out var array) || array.ValueKind == JsonValueKind.Null)
            return added;
        if (array.ValueKind != JsonValueKind.Array)
            throw root.Error("added_tokens", "must be an array");
        foreach (var item in array.EnumerateArray())
        {
            if (item.ValueKind != JsonValueKind.Object || !item.TryGetProperty("content", out var content) || content.ValueKind != JsonValueKind.String
                || !item.TryGetProperty("id", out var idElement) || idElement.ValueKind != JsonValueKind.Number
                || !idElement.TryGetInt32(out int id) || id < 0)
            {
                throw root.Error("added_tokens", $"entry {added.Count} must have content (a string) and id (a whole number of at least 0)");
            }

            foreach (string option in (string[])["single_word", "lstrip", "rstrip", "normalized"])
            {
                if (IsTrue(item, option))
                    throw root.Error("added_tokens", $"entry {added.Count}: {option} is not supported; it must be false");
            }

            added.Add(new AddedToken(content.GetString()!, id, IsTrue(item, "special")));
        }

        return added;
    }
}
