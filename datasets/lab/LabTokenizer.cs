using System.Text;

namespace Aim.Datasets;

/// <summary>
/// The lab's tokenizer: byte-level BPE with Qwen2's pre-tokenizer, trained on the lab's words, one occurrence each, until every
/// word is a single token. It is stored as an ordinary Hugging Face tokenizer.json, so that the reader of real checkpoints reads
/// it. Training is exact and without chance: the commonest pair merges first, ties go to the pair that sorts first.
/// </summary>
public static class LabTokenizer
{
    /// <summary>Qwen2's pre-tokenizer.</summary>
    internal const string Pattern =
        @"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+";

    /// <summary>The special tokens, in the order of their ids, which follow the vocabulary.</summary>
    public static IReadOnlyList<string> SpecialTokens { get; } =
        ["<|endoftext|>", "<|im_start|>", "<|im_end|>", "<image>", "<video>"];

    /// <summary>Words that questions and wordings are made of.</summary>
    public static IReadOnlyList<string> FunctionWords { get; } =
        ("yes no what is the this that things there where here how many which at in on of and or not a an then last before after "
            + "comes appears briefly come does way move moves it list read letter letters digit digits code "
            + "codes rule rules answer").Split(' ');

    /// <summary>Words that are one token when a space stands before them: all that sentences are made of.</summary>
    public static IReadOnlyList<string> SpacedWords { get; } =
    [
        .. ((IEnumerable<string>)
        [
            .. LabWorld.Objects.Select(thing => thing.Name), .. LabWorld.Places, .. LabWorld.Numbers, .. LabWorld.Codes,
            .. LabWorld.Letters, .. LabWorld.Categories, .. LabWorld.Directions, .. LabWorld.Ordinals, .. LabWorld.PlateLetters,
            .. FunctionWords,
        ]).Distinct(),
    ];

    /// <summary>Words that are one token at the start of a line.</summary>
    public static IReadOnlyList<string> LineWords { get; } =
    [
        "user", "assistant", "system",
        .. "what is where how which does list read code codes rules first here moves digits letters this it the".Split(' '),
    ];

    private static readonly Lazy<(string[] Vocabulary, (string Left, string Right)[] Merges)> Trained = new(Train);

    /// <summary>The tokens without the special ones; the index is the id. Bytes stand as GPT-2's characters for them.</summary>
    public static IReadOnlyList<string> Vocabulary => Trained.Value.Vocabulary;

    /// <summary>The merges in their order.</summary>
    public static IReadOnlyList<(string Left, string Right)> Merges => Trained.Value.Merges;

    /// <summary>Every token, the special ones included.</summary>
    public static int Count => Vocabulary.Count + SpecialTokens.Count;

    /// <summary>Rows of the embedding: <see cref="Count"/> padded to a multiple of 16.</summary>
    public static int PaddedCount => (Count + 15) / 16 * 16;

    /// <summary>The id of a special token.</summary>
    /// <exception cref="ArgumentException">It is not one.</exception>
    public static int Special(string token)
    {
        for (int i = 0; i < SpecialTokens.Count; i++)
            if (SpecialTokens[i] == token)
                return Vocabulary.Count + i;
        throw new ArgumentException($"'{token}' is not a special token of the lab");
    }

    private static (string[], (string, string)[]) Train()
    {
        string[] bytes = ByteCharacters();
        List<string>[] words =
        [
            .. SpacedWords.Concat(LabWorld.Syllables.First).Select(word => " " + word)
                .Concat(LineWords).Concat(LabWorld.Syllables.Second).Distinct()
                .Select(word => Encoding.UTF8.GetBytes(word).Select(b => bytes[b]).ToList()),
        ];
        var vocabulary = ByteOrder().Select(b => bytes[b]).ToList();
        var merges = new List<(string, string)>();
        while (words.Any(word => word.Count > 1))
        {
            var counts = new Dictionary<(string Left, string Right), int>();
            foreach (var word in words)
                for (int i = 0; i + 1 < word.Count; i++)
                    counts[(word[i], word[i + 1])] = counts.GetValueOrDefault((word[i], word[i + 1])) + 1;
            var best = counts.OrderByDescending(pair => pair.Value)
                .ThenBy(pair => pair.Key.Left, StringComparer.Ordinal)
                .ThenBy(pair => pair.Key.Right, StringComparer.Ordinal).First().Key;
            foreach (var word in words)
                Merge(word, best);
            merges.Add(best);
            vocabulary.Add(best.Left + best.Right);
        }
        return ([.. vocabulary], [.. merges]);
    }

    private static void Merge(List<string> word, (string Left, string Right) pair)
    {
        for (int i = 0; i + 1 < word.Count; i++)
            if (word[i] == pair.Left && word[i + 1] == pair.Right)
            {
                word[i] += pair.Right;
                word.RemoveAt(i + 1);
            }
    }

    /// <summary>GPT-2's printable character for each byte.</summary>
    internal static string[] ByteCharacters()
    {
        var characters = new string[256];
        int next = 256;
        for (int b = 0; b < 256; b++)
            characters[b] = ((char)(IsPrintable(b) ? b : next++)).ToString();
        return characters;
    }

    /// <summary>GPT-2's order of the byte tokens: the printable bytes first.</summary>
    private static IEnumerable<int> ByteOrder() =>
        Enumerable.Range(0, 256).Where(IsPrintable).Concat(Enumerable.Range(0, 256).Where(b => !IsPrintable(b)));

    private static bool IsPrintable(int b) => b is >= '!' and <= '~' or >= 0xA1 and <= 0xAC or >= 0xAE and <= 0xFF;
}
