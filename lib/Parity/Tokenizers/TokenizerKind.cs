using System.Text.Json;

namespace Aim.Parity;

/// <summary>cases.json beside a tokenizer.json: one case a text, a list of ids, or a text with an added token.</summary>
internal sealed class TokenizerKind : IParityKind
{
    public const string KindName = "tokenizers";
    public const string FileName = "cases.json";

    public IEnumerable<IParityCase> Find(string directory)
    {
        string path = Path.Combine(directory, FileName), tokenizer = Path.Combine(directory, "tokenizer.json");
        string name = Path.GetFileName(Path.GetFullPath(directory));
        return FileOfCases.Find(path, KindName, file =>
        {
            // Another kind of folder may call a file cases.json, too.
            if (!file.Has("encode") && !file.Has("decode") && !file.Has("tokenizer"))
                return [];
            FixtureFiles.Check(tokenizer, FixtureFiles.MaxText);
            return Cases(file.TextOrNull("tokenizer") ?? name, path, file, new TokenizerPipeline(tokenizer));
        }, name);
    }

    private static List<IParityCase> Cases(string name, string path, JsonElement file, TokenizerPipeline pipeline)
    {
        var cases = new List<IParityCase>();
        void Add(string part, JsonElement items, Func<string, JsonElement, IParityCase> create)
        {
            int index = 0;
            foreach (var item in items.EnumerateArray())
                cases.Add(create($"{name}/{part}/{index++}", item));
        }

        if (file.Has("encode"))
            Add("encode", file.NeedArray("encode"), (id, item) => new EncodeCase(id, path, item, () => pipeline.Tokenizer));
        if (file.Has("decode"))
            Add("decode", file.NeedArray("decode"), (id, item) => new DecodeIdsCase(id, path, item, () => pipeline.Tokenizer));
        if (file.TryField("with_added_image_token", out var more))
        {
            var tokenizer = new Lazy<Aim.Models.BpeTokenizer>(() => pipeline.With(more.Need("added")));
            Add("added", more.NeedArray("cases"), (id, item) => new EncodeCase(id, path, item, () => tokenizer.Value));
        }

        return cases;
    }
}
