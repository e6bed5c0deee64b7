using System.Globalization;
using Aim.Models;

namespace Aim.Parity;

/// <summary>
/// llama.cpp's own vectors: NAME.inp holds texts between separator lines, NAME.out their ids, a line a text. The tokenizer lies
/// in a folder beside, or in the same one.
/// </summary>
internal sealed class LlamaCppKind : IParityKind
{
    private const string Separator = "\n__ggml_vocab_test__\n";

    private static readonly Dictionary<string, string> s_tokenizers =
        new(StringComparer.Ordinal) { ["qwen2"] = "qwen2_5", ["gpt-2"] = "gpt2", ["llama-spm"] = "llama2" };

    public IEnumerable<IParityCase> Find(string directory)
    {
        string[] inputs;
        try
        {
            inputs = [.. Directory.GetFiles(directory, "*.inp").Order(StringComparer.Ordinal)];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // The walk reports what it cannot enter.
            yield break;
        }

        foreach (string input in inputs)
        {
            string name = Path.GetFileNameWithoutExtension(input), output = Path.ChangeExtension(input, ".out");
            if (FixtureFiles.Lies(output))
            {
                foreach (var found in Cases(name, input, output, directory))
                    yield return found;
            }
        }
    }

    private static IEnumerable<IParityCase> Cases(string name, string input, string output, string directory)
    {
        string[] texts, lines;
        try
        {
            texts = FixtureFiles.ReadText(input).Split(Separator);
            lines = FixtureFiles.ReadText(output).Split('\n');
            if (lines.Length == texts.Length + 1 && lines[^1].Length == 0)
                lines = lines[..^1];
            if (lines.Length != texts.Length)
                throw new BadFixtureException($"{texts.Length} texts, but {lines.Length} lines of ids in {output}");
        }
        catch (Exception e)
        {
            return [SettledCase.Failed(TokenizerKind.KindName, $"llama.cpp/{name}", input, e)];
        }

        if (TokenizerOf(name, directory) is not { } path)
            return texts.Select((_, i) => SettledCase.NotSupported(
                TokenizerKind.KindName, $"llama.cpp/{name}/{i}", $"no folder beside these vectors has the tokenizer of {name}"));
        var pipeline = new TokenizerPipeline(path);
        return texts.Select((text, i) => new VectorCase($"llama.cpp/{name}/{i}", input, text, lines[i], pipeline));
    }

    // By the name that the tokenizer's own cases give it, whatever its folder is called.
    private static string? TokenizerOf(string name, string directory)
    {
        string wanted = s_tokenizers.GetValueOrDefault(name, name);
        string own = Path.Combine(directory, "tokenizer.json");
        if (Path.Exists(own))
            return own;
        if (Path.GetDirectoryName(Path.GetFullPath(directory)) is not { } parent)
            return null;
        string near = Path.Combine(parent, wanted, "tokenizer.json");
        if (Path.Exists(near))
            return near;
        return Directory.GetDirectories(parent).Order(StringComparer.Ordinal)
            .Where(d => Calls(Path.Combine(d, TokenizerKind.FileName)) == wanted)
            .Select(d => Path.Combine(d, "tokenizer.json")).FirstOrDefault(Path.Exists);
    }

    private static string? Calls(string cases)
    {
        try
        {
            return Path.Exists(cases) ? FixtureFiles.ReadObject(cases).TextOrNull("tokenizer") : null;
        }
        catch (BadFixtureException)
        {
            return null;
        }
    }

    private sealed class VectorCase(string name, string file, string text, string ids, TokenizerPipeline pipeline)
        : ParityCase(TokenizerKind.KindName, name, file)
    {
        protected override void Compare(Comparison c)
        {
            BpeTokenizer tokenizer = pipeline.Tokenizer;
            Limits.Check("the length of the text", text.Length, Limits.Characters);
            var expected = ids.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            c.Exact("ids", tokenizer.Encode(text), expected.Select(i => int.Parse(i, CultureInfo.InvariantCulture)));
        }
    }
}
