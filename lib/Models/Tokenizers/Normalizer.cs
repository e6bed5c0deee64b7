namespace Aim.Models;

/// <summary>
/// The first stage: rewrites a text between special tokens. Types: <c>NFC</c>, <c>Prepend</c>, <c>Replace</c> (of a string) and
/// <c>Sequence</c>.
/// </summary>
internal abstract class Normalizer
{
    private const string Supported = "NFC, Prepend, Replace and Sequence are";

    /// <summary>The text rewritten.</summary>
    public abstract NormalizedText Normalize(NormalizedText text);

    /// <summary>Reads the field <c>normalizer</c>; null leaves texts as they are.</summary>
    /// <exception cref="CheckpointException">The type is not supported, or a field of it is wrong.</exception>
    public static Normalizer Read(ConfigSection? section)
    {
        if (section is not { } s)
            return new Sequence([]);
        return s.Text("type", "") switch
        {
            "NFC" => new Nfc(),
            "Prepend" => new Prepend(s.Text("prepend", "")),
            "Replace" => new Replace(StringPattern(s), s.Text("content", "")),
            "Sequence" => new Sequence([.. s.Sections("normalizers").Select(part => Read(part))]),
            var type => throw s.Error("type", $"\"{type}\" is not supported; {Supported}"),
        };
    }

    /// <summary>The string of a <c>pattern</c> field, of a normalizer or a decoder.</summary>
    internal static string StringPattern(ConfigSection section)
    {
        var pattern = section.Section("pattern") ?? throw section.Error("pattern", "is missing; {\"String\": ...} is expected");
        string text = pattern.Text("String", "");
        return text.Length > 0 ? text
            : throw section.Error("pattern", "is not supported; {\"String\": ...} of at least one character is");
    }

    /// <summary>Unicode's normalisation form C.</summary>
    private sealed class Nfc : Normalizer
    {
        public override NormalizedText Normalize(NormalizedText text) => UnicodeNfc.Normalize(text);
    }

    private sealed class Prepend(string prefix) : Normalizer
    {
        public override NormalizedText Normalize(NormalizedText text) => text.Prepend(prefix);
    }

    private sealed class Replace(string pattern, string content) : Normalizer
    {
        public override NormalizedText Normalize(NormalizedText text) => text.Replace(pattern, content);
    }

    private sealed class Sequence(Normalizer[] parts) : Normalizer
    {
        public override NormalizedText Normalize(NormalizedText text) => parts.Aggregate(text, (t, part) => part.Normalize(t));
    }
}
