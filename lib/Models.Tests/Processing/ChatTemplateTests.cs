using System.Text.Json;

namespace Aim.Models.Tests.Processing;

/// <summary>Chat templates against what transformers renders, and errors for what is not supported.</summary>
public sealed class ChatTemplateTests
{
    private static IEnumerable<TestCaseData> Cases()
    {
        var root = JsonDocument.Parse(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Fixtures", "chat_templates.json"))).RootElement;
        foreach (var item in root.GetProperty("cases").EnumerateArray())
        {
            string template = root.GetProperty("templates").GetProperty(item.GetProperty("template").GetString()!).GetString()!;
            yield return new TestCaseData(template, item).SetArgDisplayNames(item.GetProperty("id").GetString()!);
        }
    }

    [TestCaseSource(nameof(Cases))]
    public void Renders_as_transformers_does(string template, JsonElement item)
    {
        var variables = new Dictionary<string, object?>
        {
            ["messages"] = Value(item.GetProperty("messages")),
            ["add_generation_prompt"] = item.GetProperty("add_generation_prompt").GetBoolean(),
        };
        Assert.That(JinjaTemplate.Parse(template).Render(variables), Is.EqualTo(item.GetProperty("rendered").GetString()));
    }

    private static object? Value(JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.Object => element.EnumerateObject().ToDictionary(p => p.Name, p => Value(p.Value)),
        JsonValueKind.Array => element.EnumerateArray().Select(Value).ToList(),
        JsonValueKind.String => element.GetString(),
        _ => element.GetBoolean(),
    };

    [Test]
    public void A_checkpoints_template_spells_a_conversation()
    {
        var template = ChatTemplate.Load(Fixture.PathOf("models", "tiny-llava-onevision"));
        string prompt = template.Render([new("system", "Be brief."), new("user", "你好, what happens next?", Videos: 1)], addGenerationPrompt: true);
        Assert.That(prompt, Is.EqualTo(
            "<|im_start|>system \nBe brief.<|im_end|><|im_start|>user <video>\n你好, what happens next?<|im_end|><|im_start|>assistant\n"));
    }

    [TestCase("{% if a %}x{% elif b == 'c' %}y{% else %}z{% endif %}", "y")]
    [TestCase("{{ 'a' + \"b\\n\" }}", "ab\n")]
    [TestCase("{% for c in ['x', 'y'] %}\n  {{ c }}\n  {% endfor %}\n|", "  x\n  y\n|")]
    [TestCase("a {# note #} b", "a  b")]
    [TestCase("{% if b in ['c', 'd'] and not a %}{{ b }}{% endif %}", "c")]
    [TestCase("{% if b is string %}s{% endif %}{% if b != 'c' or l is not string %}n{% endif %}", "sn")]
    [TestCase("{{ d.k }}{{ d['k'] }}{{ (d['k']) }}\n", "vvv")]
    [TestCase("{{ '}' }}{% if '%}' == b %}{% endif %}", null)]
    [TestCase("{{ b }", "{{ b }")]
    public void Language(string template, string? expected)
    {
        var variables = new Dictionary<string, object?>
        {
            ["b"] = "c",
            ["l"] = new List<object?>(),
            ["d"] = new Dictionary<string, object?> { ["k"] = "v" },
        };
        if (expected is null)
            Assert.That(() => JinjaTemplate.Parse(template).Render(variables), Throws.TypeOf<FormatException>());
        else
            Assert.That(JinjaTemplate.Parse(template).Render(variables), Is.EqualTo(expected));
    }

    [TestCase("{% set x = 1 %}", "the statement set is not supported")]
    [TestCase("{% macro f() %}{% endmacro %}", "macro")]
    [TestCase("{{ messages[0] }}", "not supported")]
    [TestCase("{{ messages | tojson }}", "not supported")]
    [TestCase("{{- 'x' }}", "white space control")]
    [TestCase("{% for m in messages %}", "endfor")]
    [TestCase("{% if true %}x", "endif")]
    [TestCase("{% endif %}", "without its beginning")]
    [TestCase("{% for %}{% endfor %}", "NAME in LIST")]
    [TestCase("{{ 1 }}", "not supported")]
    public void What_is_not_supported_is_an_error(string template, string expected)
    {
        var e = Assert.Throws<CheckpointException>(() => ChatTemplate.Parse(template, "tokenizer_config.json"))!;
        Assert.That(e.Message, Does.StartWith("tokenizer_config.json: chat_template: ").And.Contain(expected));
    }
}
