using System.Text.Json;
using Aim.Models;

namespace Aim.Parity;

/// <summary>A tokenizer.json, read once for all cases of its folder.</summary>
internal sealed class TokenizerPipeline
{
    private readonly Lazy<BpeTokenizer> _tokenizer;

    public TokenizerPipeline(string path) => _tokenizer = new(() =>
    {
        FixtureFiles.Check(path, FixtureFiles.MaxText);
        return BpeTokenizer.Load(path);
    });

    /// <summary>The tokenizer.</summary>
    /// <exception cref="CheckpointException">It cannot be read, or this build does not have its pipeline.</exception>
    public BpeTokenizer Tokenizer => _tokenizer.Value;

    /// <summary>The tokenizer with one more added token.</summary>
    public BpeTokenizer With(JsonElement added)
    {
        bool Flag(string name) => added.Has(name) && added.NeedBool(name);
        return Tokenizer.With(new AddedToken(
            added.NeedText("content"),
            added.NeedInt("id"),
            Flag("special"),
            Flag("normalized"),
            Flag("single_word"),
            Flag("lstrip"),
            Flag("rstrip")));
    }
}
