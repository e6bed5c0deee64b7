using System.Collections.Concurrent;
using System.Text;
using System.Text.RegularExpressions;

namespace Aim.Datasets.Tests.Lab;

public class LabTokenizerTests
{
    [Test]
    public void EveryWordIsOneToken()
    {
        foreach (string word in LabTokenizer.SpacedWords)
            Assert.That(Encode(" " + word), Has.Count.EqualTo(1), word);
        foreach (string word in LabTokenizer.LineWords)
            Assert.That(Encode(word), Has.Count.EqualTo(1), word);
        TestContext.Out.WriteLine($"{LabTokenizer.Count} tokens, padded {LabTokenizer.PaddedCount}");
        Assert.That(LabTokenizer.PaddedCount, Is.LessThanOrEqualTo(1024));
    }

    [Test]
    public void WordsAndTokensAreDistinct()
    {
        Assert.That(LabTokenizer.SpacedWords, Is.Unique);
        Assert.That(LabTokenizer.Vocabulary, Is.Unique);
        Assert.That(LabTokenizer.Vocabulary, Has.Count.EqualTo(256 + LabTokenizer.Merges.Count));
    }

    private static readonly Dictionary<(string, string), int> Ranks =
        LabTokenizer.Merges.Select((merge, rank) => (merge, rank)).ToDictionary(m => m.merge, m => m.rank);

    private static readonly ConcurrentDictionary<string, IReadOnlyList<string>> Words = new();

    /// <summary>A plain encoder, to check the generator without the library that reads real tokenizers.</summary>
    internal static List<string> Encode(string text)
    {
        var tokens = new List<string>();
        string special = string.Join('|', LabTokenizer.SpecialTokens.Select(Regex.Escape));
        foreach (string part in Regex.Split(text, $"({special})").Where(part => part.Length > 0))
            if (LabTokenizer.SpecialTokens.Contains(part))
                tokens.Add(part);
            else
                foreach (Match word in Regex.Matches(part, LabTokenizer.Pattern))
                    tokens.AddRange(Words.GetOrAdd(word.Value, EncodeWord));
        return tokens;
    }

    private static List<string> EncodeWord(string word)
    {
        string[] bytes = LabTokenizer.ByteCharacters();
        var symbols = Encoding.UTF8.GetBytes(word).Select(b => bytes[b]).ToList();
        while (true)
        {
            var best = symbols.Zip(symbols.Skip(1)).Where(Ranks.ContainsKey)
                .OrderBy(pair => Ranks[pair]).Cast<(string, string)?>().FirstOrDefault();
            if (best is not var (left, right))
                return symbols;
            for (int i = 0; i + 1 < symbols.Count; i++)
                if (symbols[i] == left && symbols[i + 1] == right)
                {
                    symbols[i] += right;
                    symbols.RemoveAt(i + 1);
                }
        }
    }
}
