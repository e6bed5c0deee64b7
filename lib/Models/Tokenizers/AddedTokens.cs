using System.Buffers;

namespace Aim.Models;

/// <summary>Tokens that are cut out of the text before anything else is done to it: the leftmost first, of several there the longest.</summary>
internal sealed class AddedTokens
{
    private readonly Dictionary<char, List<(string Content, int Id)>> _byFirst = [];
    private readonly SearchValues<char> _firsts;

    public AddedTokens(IEnumerable<(string Content, int Id)> tokens)
    {
        foreach (var group in tokens.Where(t => t.Content.Length > 0).GroupBy(t => t.Content[0]))
            _byFirst[group.Key] = [.. group.OrderByDescending(t => t.Content.Length)];
        _firsts = SearchValues.Create([.. _byFirst.Keys]);
    }

    /// <summary>The next token at or after <paramref name="start"/>; At is -1 when there is none.</summary>
    public (int At, int Length, int Id) Next(string text, int start)
    {
        while (start < text.Length)
        {
            int offset = text.AsSpan(start).IndexOfAny(_firsts);
            if (offset < 0)
                break;
            start += offset;
            foreach (var (content, id) in _byFirst[text[start]])
            {
                if (text.AsSpan(start).StartsWith(content, StringComparison.Ordinal))
                    return (start, content.Length, id);
            }

            start++;
        }

        return (-1, 0, 0);
    }
}
