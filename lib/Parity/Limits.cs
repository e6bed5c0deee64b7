using System.Text.Json;

namespace Aim.Parity;

/// <summary>
/// What a case may ask for. Fixtures are untrusted: a number in a JSON file must not decide how much memory is taken or how long
/// a run lasts. Real cases stay far below.
/// </summary>
internal static class Limits
{
    /// <summary>Tokens of a prompt.</summary>
    public const int Tokens = 1 << 17;

    /// <summary>Tokens that are generated.</summary>
    public const int Steps = 4096;

    /// <summary>Steps of a power iteration.</summary>
    public const int Iterations = 10_000;

    /// <summary>Similarities of one merging step.</summary>
    public const long Similarities = 1L << 28;

    /// <summary>Characters of a text or a template: some of what is done to them takes quadratic time.</summary>
    public const int Characters = 1 << 16;

    /// <summary>Values of a model's weights where no file bounds them.</summary>
    public const long Weights = 1L << 31;

    private static readonly Dictionary<string, int> s_config = new(StringComparer.Ordinal)
    {
        ["num_hidden_layers"] = 1024,
        ["num_attention_heads"] = 1 << 12,
        ["num_key_value_heads"] = 1 << 12,
        ["head_dim"] = 1 << 16,
        ["hidden_size"] = 1 << 18,
        ["intermediate_size"] = 1 << 20,
        ["vocab_size"] = 1 << 24,
        ["image_size"] = 1 << 12,
        ["patch_size"] = 1 << 12,
    };

    /// <exception cref="BadFixtureException">The value is larger.</exception>
    public static void Check(string what, long value, long most)
    {
        if (value > most)
            throw new BadFixtureException($"{what} is {value}, more than the {most} that are run");
    }

    /// <summary>Checks a config.json and the sections in it.</summary>
    /// <exception cref="BadFixtureException">A size is beyond any real model's.</exception>
    public static JsonElement Config(string path)
    {
        var root = FixtureFiles.ReadObject(path);
        foreach (string section in (string[])["", "text_config", "vision_config"])
        {
            var fields = section.Length == 0 ? root : root.TryField(section, out var inner) ? inner : default;
            foreach (var (name, most) in s_config)
            {
                if (fields.TryField(name, out var value) && value.ValueKind == JsonValueKind.Number && value.GetDouble() > most)
                    throw new BadFixtureException($"{path}: {name} is {value.GetRawText()}, more than the {most} that are run");
            }
        }

        return root;
    }
}
