using System.Text.Json;

namespace Aim.Models;

/// <summary>The tokens of a model and their ids, as <c>model.vocab</c> lists them.</summary>
internal sealed class Vocabulary
{
    /// <summary>The greatest id; real vocabularies stay far below.</summary>
    public const int MaxId = (1 << 22) - 1;

    private readonly Dictionary<string, int> _ids;
    private readonly string?[] _tokens;

    private Vocabulary(Dictionary<string, int> ids)
    {
        _ids = ids;
        _tokens = new string?[ids.Count == 0 ? 0 : ids.Values.Max() + 1];
        foreach (var (token, id) in ids)
            _tokens[id] = token;
    }

    /// <summary>One more than the greatest id.</summary>
    public int Size => _tokens.Length;

    /// <summary>All tokens.</summary>
    public IEnumerable<KeyValuePair<string, int>> Tokens => _ids;

    /// <summary>The id of a token; null where there is none.</summary>
    public int? IdOf(string token) => _ids.TryGetValue(token, out int id) ? id : null;

    /// <summary>The token of an id; null outside the vocabulary.</summary>
    public string? TokenOf(int id) => (uint)id < (uint)_tokens.Length ? _tokens[id] : null;

    /// <summary>Reads the field <c>vocab</c> of a model.</summary>
    /// <exception cref="CheckpointException">It is missing, or a token or an id in it is wrong or occurs twice.</exception>
    public static Vocabulary Read(ConfigSection model)
    {
        var section = model.Section("vocab") ?? throw model.Error("vocab", "is missing; an object of token: id is expected");
        var ids = new Dictionary<string, int>(StringComparer.Ordinal);
        var seen = new HashSet<int>();
        foreach (var item in section.Element.EnumerateObject())
        {
            if (item.Value.ValueKind != JsonValueKind.Number || !item.Value.TryGetInt32(out int id) || id is < 0 or > MaxId)
                throw model.Error("vocab", $"the id of {Quoted(item.Name)} must be a whole number in 0 .. {MaxId}");
            if (!seen.Add(id) || !ids.TryAdd(item.Name, id))
                throw model.Error("vocab", $"{Quoted(item.Name)} or its id {id} occurs twice");
        }

        return new Vocabulary(ids);
    }

    private static string Quoted(string token) => JsonSerializer.Serialize(token.Length > 60 ? token[..57] + "..." : token);
}
