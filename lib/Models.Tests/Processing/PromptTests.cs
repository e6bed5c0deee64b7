using System.Text.Json;

namespace Aim.Models.Tests.Processing;

/// <summary>
/// From messages to ids: each checkpoint's own chat template and tokenizer give transformers' prompt, and with every placeholder
/// repeated once a visual token, transformers' count. Neither weights nor pixels are needed for it.
/// </summary>
public sealed class PromptTests
{
    private static IEnumerable<TestCaseData> Cases()
        => Directory.GetDirectories(Fixture.PathOf("models")).Where(d => File.Exists(Path.Combine(d, "case.json")))
            .Order(StringComparer.Ordinal).Select(d => new TestCaseData(d).SetArgDisplayNames(Path.GetFileName(d)));

    [TestCaseSource(nameof(Cases))]
    public void Messages_become_transformers_prompt(string directory)
    {
        using var file = JsonDocument.Parse(File.ReadAllText(Path.Combine(directory, "case.json")));
        var root = file.RootElement;
        string checkpoint = Path.GetFullPath(Path.Combine(directory, root.GetProperty("checkpoint").GetString()!));
        var config = MultimodalConfig.Load(checkpoint);
        var template = ChatTemplate.Load(checkpoint);
        var tokenizer = BpeTokenizer.Load(Path.Combine(checkpoint, "tokenizer.json"));
        var prompt = root.GetProperty("prompt");
        string[] expected = prompt.ValueKind == JsonValueKind.Array
            ? [.. prompt.EnumerateArray().Select(p => p.GetString()!)] : [prompt.GetString()!];
        var conversations = root.GetProperty("messages").EnumerateArray().ToList();
        using var tensors = SafetensorsFile.Open(Path.Combine(directory, "tensors.safetensors"));
        long[] ids = tensors.ReadInt64("input_ids"), mask = tensors.ReadInt64("attention_mask");
        int width = ids.Length / conversations.Count;
        Assert.That(conversations, Has.Count.EqualTo(expected.Length));
        for (int row = 0; row < conversations.Count; row++)
        {
            string text = template.Render([.. conversations[row].EnumerateArray().Select(Message)], addGenerationPrompt: true);
            Assert.That(text, Is.EqualTo(expected[row]));
            long[] wanted = [.. ids.Skip(row * width).Take(width).Where((_, i) => mask[(row * width) + i] == 1)];

            // Placeholders that follow each other are one picture's or video's.
            int[] ours = tokenizer.Encode(text, addSpecialTokens: true);
            Assert.That(Squeezed(ours.Select(i => (long)i), config), Is.EqualTo(Squeezed(wanted, config)));
            if (Counts(root, config) is { } visual && conversations.Count == 1)
            {
                int placeholders = ours.Count(config.PlaceholderIds.Contains);
                Assert.That(ours.Length - placeholders + visual, Is.EqualTo(wanted.Length));
            }
        }
    }

    private static ChatMessage Message(JsonElement message)
    {
        var content = message.GetProperty("content");
        if (content.ValueKind == JsonValueKind.String)
            return new ChatMessage(message.GetProperty("role").GetString()!, content.GetString()!);
        int Of(string type) => content.EnumerateArray().Count(c => c.GetProperty("type").GetString() == type);
        string text = string.Concat(content.EnumerateArray().Where(c => c.GetProperty("type").GetString() == "text")
            .Select(c => c.GetProperty("text").GetString()));
        return new ChatMessage(message.GetProperty("role").GetString()!, text, Of("video"), Of("image"));
    }

    private static List<long> Squeezed(IEnumerable<long> ids, MultimodalConfig config)
    {
        var squeezed = new List<long>();
        foreach (long id in ids)
        {
            if (squeezed.Count == 0 || squeezed[^1] != id || !config.PlaceholderIds.Contains((int)id))
                squeezed.Add(id);
        }

        return squeezed;
    }

    // Visual tokens by the sizes alone; null where a prompt has several pictures, of which some families make something else.
    private static int? Counts(JsonElement root, MultimodalConfig config)
    {
        string[] images = [.. root.GetProperty("images").EnumerateArray().Select(i => i.GetString()!)];
        int frames = root.GetProperty("video_frames").GetArrayLength();
        if (images.Length > 1 && config is not Qwen2VlConfig)
            return null;
        var sizes = VisualSizes.Of(config);
        int tokens = images.Sum(image => sizes.Picture(() => SizeOf(image)).Tokens);
        return frames == 0 ? tokens
            : tokens + sizes.Video(frames, () => SizeOf(root.GetProperty("video_frames")[0].GetString()!)).Tokens;

        // The fixtures' pictures have their sides in their names, or a PNG's header has them.
        (int Height, int Width) SizeOf(string path)
        {
            string[] sides = Path.GetFileNameWithoutExtension(path).Split('_')[^1].Split('x');
            if (sides.Length == 2)
                return (int.Parse(sides[1]), int.Parse(sides[0]));
            byte[] png = File.ReadAllBytes(Path.Combine(Fixture.PathOf("models"), "ov-video", path));
            int Read(int at) => (png[at] << 24) | (png[at + 1] << 16) | (png[at + 2] << 8) | png[at + 3];
            return (Read(20), Read(16));
        }
    }
}
