namespace Aim.Models.Tests.Processing;

/// <summary>The template language, a checkpoint's own template, and errors for what is not supported.</summary>
public sealed class ChatTemplateTests
{
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
