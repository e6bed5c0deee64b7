using System.Buffers;
using System.Text;

namespace Aim.Models;

/// <summary>
/// Cuts added tokens out of a text: the leftmost first, of several there the longest, with the white space that they take along.
/// A trie bounds the work at a place by the longest token's length.
/// </summary>
internal sealed class AddedTokenMatcher
{
    private readonly Dictionary<(int Node, char Next), int> _edges = [];
    private readonly List<AddedToken?> _ends = [null];
    private readonly SearchValues<char> _firsts;

    public AddedTokenMatcher(IEnumerable<(string Content, AddedToken Token)> tokens)
    {
        var firsts = new HashSet<char>();
        foreach (var (content, token) in tokens.Where(t => t.Content.Length > 0))
        {
            firsts.Add(content[0]);
            int node = 0;
            foreach (char c in content)
            {
                if (!_edges.TryGetValue((node, c), out int next))
                {
                    _edges[(node, c)] = next = _ends.Count;
                    _ends.Add(null);
                }

                node = next;
            }

            _ends[node] = token;
        }

        _firsts = SearchValues.Create([.. firsts]);
    }

    /// <summary>A stretch of a text: an added token, or null for text between them.</summary>
    internal readonly record struct Part(int Start, int End, AddedToken? Token);

    /// <summary>The parts, which cover the text.</summary>
    public IEnumerable<Part> Split(string text)
    {
        int done = 0;
        for (int search = 0; Find(text, search) is ({ } token, var start, var end);)
        {
            search = end;
            if (token.SingleWord && (EndsWithWord(text.AsSpan(0, start)) || StartsWithWord(text.AsSpan(end))))
                continue;
            while (token.LeftStrip && start > done && char.IsWhiteSpace(text[start - 1]))
                start--;
            while (token.RightStrip && end < text.Length && char.IsWhiteSpace(text[end]))
                end++;
            start = Math.Max(start, done);
            if (done < start)
                yield return new Part(done, start, null);
            yield return new Part(start, end, token);
            done = end;
            search = Math.Max(search, done);
        }

        if (done < text.Length)
            yield return new Part(done, text.Length, null);
    }

    private (AddedToken? Token, int Start, int End) Find(string text, int start)
    {
        while (start < text.Length && text.AsSpan(start).IndexOfAny(_firsts) is var offset and >= 0)
        {
            start += offset;
            AddedToken? found = null;
            int end = start;
            for (int at = start, node = 0; at < text.Length && _edges.TryGetValue((node, text[at]), out node);)
            {
                at++;
                if (_ends[node] is { } token)
                    (found, end) = (token, at);
            }

            if (found is not null)
                return (found, start, end);
            start++;
        }

        return (null, 0, 0);
    }

    private static bool EndsWithWord(ReadOnlySpan<char> text)
        => Rune.DecodeLastFromUtf16(text, out var rune, out _) == OperationStatus.Done && CharacterKinds.IsWord(rune);

    private static bool StartsWithWord(ReadOnlySpan<char> text)
        => Rune.DecodeFromUtf16(text, out var rune, out _) == OperationStatus.Done && CharacterKinds.IsWord(rune);
}
