namespace Aim.Models;

/// <summary>The added tokens of a tokenizer, over the vocabulary of its model; immutable.</summary>
internal sealed class AddedVocabulary
{
    private readonly string _file;
    private readonly Vocabulary _model;
    private readonly Normalizer _normalizer;
    private readonly List<AddedToken> _tokens;
    private readonly Dictionary<string, AddedToken> _byContent = new(StringComparer.Ordinal);
    private readonly Dictionary<int, AddedToken> _byId = [];
    private readonly HashSet<string> _special = new(StringComparer.Ordinal);

    /// <exception cref="CheckpointException">
    /// Two tokens share an id or a content, or one contradicts the model's vocabulary.
    /// </exception>
    public AddedVocabulary(string file, Vocabulary model, Normalizer normalizer, IEnumerable<AddedToken> tokens)
    {
        _file = file;
        _model = model;
        _normalizer = normalizer;
        _tokens = [.. tokens];
        Size = model.Size;
        foreach (var token in _tokens)
            Add(token);
        Raw = new AddedTokenMatcher(_tokens.Where(t => !t.Normalized).Select(t => (t.Content, t)));
        Normalized = new AddedTokenMatcher(_tokens.Where(t => t.Normalized)
            .Select(t => (normalizer.Normalize(new NormalizedText(t.Content, null)).Text, t)));
    }

    /// <summary>One more than the greatest id.</summary>
    public int Size { get; private set; }

    /// <summary>Finds the tokens that are looked for in the text as given.</summary>
    public AddedTokenMatcher Raw { get; }

    /// <summary>Finds the tokens that are looked for in the normalised text.</summary>
    public AddedTokenMatcher Normalized { get; }

    /// <summary>This vocabulary and one more token.</summary>
    public AddedVocabulary With(AddedToken token) => new(_file, _model, _normalizer, _tokens.Append(token));

    public bool TryGetId(string token, out int id)
    {
        id = _byContent.TryGetValue(token, out var added) ? added.Id : _model.IdOf(token) ?? -1;
        return id >= 0;
    }

    /// <summary>The token of an id; null outside the vocabulary.</summary>
    public string? TokenOf(int id) => _byId.TryGetValue(id, out var added) ? added.Content : _model.TokenOf(id);

    public bool IsSpecial(int id) => TokenOf(id) is { } token && _special.Contains(token);

    private void Add(AddedToken token)
    {
        CheckpointException Wrong(string problem) => new($"{_file}: added_tokens: {token.Quoted} with id {token.Id}: {problem}");
        if (token.Content.Length is 0 or > AddedToken.MaxLength)
            throw Wrong($"must have 1 to {AddedToken.MaxLength} characters");
        if (token.Id is < 0 or > Vocabulary.MaxId)
            throw Wrong($"the id must be in 0 .. {Vocabulary.MaxId}");
        if (!_byContent.TryAdd(token.Content, token) || !_byId.TryAdd(token.Id, token))
            throw Wrong("this content or id is added twice");
        if (_model.IdOf(token.Content) is { } id && id != token.Id)
            throw Wrong($"the model's vocabulary gives it id {id}");
        if (_model.TokenOf(token.Id) is { } other && other != token.Content)
            throw Wrong("the model's vocabulary has another token of this id");
        if (token.Special)
            _special.Add(token.Content);
        Size = Math.Max(Size, token.Id + 1);
    }
}
