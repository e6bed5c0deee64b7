namespace Aim.Models;

/// <summary>
/// What surrounds the ids of a text when special tokens are asked for. Types: <c>TemplateProcessing</c>, <c>ByteLevel</c> (which
/// adds nothing) and <c>Sequence</c>. Pairs of texts are not encoded, so that a template for them is not read.
/// </summary>
internal sealed class PostProcessor
{
    private const string Supported = "TemplateProcessing, ByteLevel and Sequence are";

    private readonly int[] _before;
    private readonly int[] _after;

    private PostProcessor(IEnumerable<int> before, IEnumerable<int> after)
    {
        _before = [.. before];
        _after = [.. after];
    }

    /// <summary>The ids that stand before a text's.</summary>
    public IReadOnlyList<int> Before => _before;

    /// <summary>The ids that stand after a text's.</summary>
    public IReadOnlyList<int> After => _after;

    /// <summary>Reads the field <c>post_processor</c>; null adds nothing.</summary>
    /// <exception cref="CheckpointException">The type is not supported, or a field of it is wrong.</exception>
    public static PostProcessor Read(ConfigSection? section)
    {
        if (section is not { } s)
            return new PostProcessor([], []);
        switch (s.Text("type", ""))
        {
            case "ByteLevel":
                // Its trim_offsets changes where tokens are said to lie, not what they are.
                return new PostProcessor([], []);
            case "TemplateProcessing":
                return ReadTemplate(s);
            case "Sequence":
                var parts = s.Sections("processors").Select(part => Read(part)).ToList();
                return new PostProcessor(
                    parts.AsEnumerable().Reverse().SelectMany(p => p._before), parts.SelectMany(p => p._after));
            case var type:
                throw s.Error("type", $"\"{type}\" is not supported; {Supported}");
        }
    }

    private static PostProcessor ReadTemplate(ConfigSection section)
    {
        var before = new List<int>();
        var after = new List<int>();
        bool text = false;
        foreach (var item in section.Sections("single"))
        {
            if (item.Section("SpecialToken") is { } special)
                (text ? after : before).AddRange(IdsOf(section, special.Text("id", "")));
            else if (item.Section("Sequence") is not null && !text)
                text = true;
            else
                throw section.Error("single", "must hold objects SpecialToken, and Sequence once");
        }

        return text ? new PostProcessor(before, after)
            : throw section.Error("single", "lacks its Sequence, where the text belongs");
    }

    private static int[] IdsOf(ConfigSection section, string token)
        => section.Section("special_tokens")?.Section(token)?.Ints("ids")
            ?? throw section.Error("special_tokens", $"lacks {token}, which the template names, with its ids");
}
