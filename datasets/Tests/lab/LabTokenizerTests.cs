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

    /// <summary>A plain encoder, to check the generator without the library that reads real tokenizers.</summary>
    internal static List<string> Encode(string text)
    {
        var tokens = new List<string>();
        string special = string.Join('|', LabTokenizer.SpecialTokens.Select(Regex.Escape));
        var ranks = LabTokenizer.Merges.Select((merge, rank) => (merge, rank)).ToDictionary(m => m.merge, m => m.rank);
        string[] bytes = LabTokenizer.ByteCharacters();
        foreach (string part in Regex.Split(text, $"({special})").Where(part => part.Length > 0))
        {
            if (LabTokenizer.SpecialTokens.Contains(part))
            {
                tokens.Add(part);
                continue;
            }
            foreach (Match word in Regex.Matches(part, LabTokenizer.Pattern))
            {
                var symbols = Encoding.UTF8.GetBytes(word.Value).Select(b => bytes[b]).ToList();
                while (true)
                {
                    var best = symbols.Zip(symbols.Skip(1)).Where(ranks.ContainsKey).OrderBy(pair => ranks[pair]).Cast<(string, string)?>().FirstOrDefault();
                    if (best is not var (left, right))
                        break;
                    for (int i = 0; i + 1 < symbols.Count; i++)
                        if (symbols[i] == left && symbols[i + 1] == right)
                        {
                            symbols[i] += right;
                            symbols.RemoveAt(i + 1);
                        }
                }
                tokens.AddRange(symbols);
            }
        }
        return tokens;
    }
}
