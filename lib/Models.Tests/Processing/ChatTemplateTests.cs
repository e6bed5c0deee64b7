namespace Aim.Models.Tests.Processing;

/// <summary>The template language, a checkpoint's own template, and errors for what is not supported.</summary>
public sealed class ChatTemplateTests
{
    [Test]
    public void A_checkpoints_template_spells_a_conversation()
    {
        var template = ChatTemplate.Load(Fixture.PathOf("models", "tiny-llava-onevision"));
        string prompt = template.Render(
            [new("system", "Be brief."), new("user", "你好, what happens next?", Videos: 1)], addGenerationPrompt: true);
        Assert.That(prompt, Is.EqualTo(
            "<|im_start|>system \nBe brief.<|im_end|>"
            + "<|im_start|>user <video>\n你好, what happens next?<|im_end|><|im_start|>assistant\n"));
    }

    [TestCase("{% if a %}x{% elif b == 'c' %}y{% else %}z{% endif %}", "y")]
    [TestCase("{{ 'a' + \"b\\n\" }}", "ab\n")]
    [TestCase("{% for c in ['x', 'y'] %}\n  {{ c }}\n  {% endfor %}\n|", "  x\n  y\n|")]
    [TestCase("a {# note #} b", "a  b")]
    [TestCase("  {%- if true -%}   \n  x {{- 'y' -}}  z\n{%- endif %}\n!", "xyz!")]
    [TestCase("a  {%+ if true %}b{% endif +%}\nc", "a  b\nc")]
    [TestCase("{{ 'x' }}  {% if true %}y{% endif %}", "x  y")]
    [TestCase("{% if b in ['c', 'd'] and not a %}{{ b }}{% endif %}", "c")]
    [TestCase("{% if b is string %}s{% endif %}{% if b != 'c' or l is not string %}n{% endif %}", "sn")]
    [TestCase("{{ d.k }}{{ d['k'] }}{{ (d['k']) }}\n", "vvv")]
    [TestCase("{{ '}' }}{% if '%}' == b %}{% endif %}{{ '}}' }}", "}}}")]
    [TestCase("{{ i }} {{ i / 2 }} {{ -i // 2 }} {{ -i % 4 }} {{ i * 1.5 }} {{ 'a' ~ i ~ true ~ none ~ zz }}",
        "7 3.5 -4 1 10.5 a7TrueNone")]
    [TestCase("{{ [1, 'it''s', none, [2.0]] }}{{ ['\"', 'a\\n'] }}", "[1, 'its', None, [2.0]]['\"', 'a\\n']")]
    [TestCase("{% set n = namespace(v=1) %}{% for x in 'ab' %}{% set n.v = n.v + loop.index %}{% set q = 1 %}{% endfor %}"
        + "{{ n.v }}{{ q }}",
        "4")]
    [TestCase("{% for k, v in d.items() %}{{ k }}{{ v }}{% else %}none{% endfor %}{% for x in [] %}{% else %}none{% endfor %}",
        "kvnone")]
    [TestCase("{{ s[1:3] }}{{ s[::-1] }}{{ s[-1] }}{{ s[9] }}{{ s|length }}", "el\U0001F600lleh\U0001F6005")]
    [TestCase("{{ d|tojson }}{{ ['<é\\n\\x01>', 1e0, 1.5, true, none]|tojson }}", null)]
    [TestCase("{{ d|tojson }}{{ ['<é\\n\\x01>', 1.5, true, none]|tojson }}{{ d|tojson(indent=1) }}",
        "{\"k\": \"v\"}[\"<é\\n\\u0001>\", 1.5, true, null]{\n \"k\": \"v\"\n}")]
    [TestCase("{{ 'yes' if d.zz is defined else 'no' }}{{ zz|default('q') }}{{ ' x '|trim|upper }}{{ b.upper() }}", "noqXC")]
    [TestCase("{{ zz.x }}", null)]
    [TestCase("{{ 'a' + zz }}", null)]
    [TestCase("{{ 'a' + 1 }}", null)]
    [TestCase("{{ 1 / 0 }}", null)]
    [TestCase("{% for x in none %}{% endfor %}", null)]
    [TestCase("{{ b }", null)]
    public void Language(string template, string? expected)
    {
        if (expected is null)
            Assert.That(() => Render(template), Throws.TypeOf<JinjaException>());
        else
            Assert.That(Render(template), Is.EqualTo(expected));
    }

    private static string Render(string template) => JinjaTemplate.Parse(template).Render(new Dictionary<string, object?>
    {
        ["b"] = "c",
        ["i"] = 7L,
        ["s"] = "hell\U0001F600",
        ["l"] = new List<object?>(),
        ["d"] = new Dictionary<string, object?> { ["k"] = "v" },
    });

    [TestCase("{% macro f() %}{% endmacro %}", "the statement macro is not supported")]
    [TestCase("{% include 'x' %}", "the statement include is not supported")]
    [TestCase("{{ messages | sort }}", "the filter sort is not supported")]
    [TestCase("{{ messages is callable }}", "the test callable is not supported")]
    [TestCase("{{ {'a': 1} }}", "a dictionary {...} is not supported")]
    [TestCase("{% set x %}y{% endset %}", "set NAME = VALUE")]
    [TestCase("{% for m in messages %}", "endfor")]
    [TestCase("{% if true %}x", "endif")]
    [TestCase("{% endif %}", "without its beginning")]
    [TestCase("{% for %}{% endfor %}", "a name is expected")]
    [TestCase("a\nb\n{{ 'x }}", "line 3: a string without its end")]
    [TestCase("{{ (1 }}", "'}' without its beginning")]
    [TestCase("{{ 1 ? 2 }}", "the character '?'")]
    public void What_is_not_supported_is_an_error(string template, string expected)
    {
        var e = Assert.Throws<CheckpointException>(() => ChatTemplate.Parse(template, "tokenizer_config.json"))!;
        Assert.That(e.Message, Does.StartWith("tokenizer_config.json: chat_template: ").And.Contain(expected));
    }

    [TestCase("{{ raise_exception('Only users may speak') }}", "Only users may speak")]
    [TestCase("{{ messages[0].__class__ }}", "the member __class__ is not supported")]
    [TestCase("{{ messages.append(1) }}", "the method append of a list is not supported")]
    [TestCase("{{ strftime_now('%Y') }}", "strftime_now")]
    [TestCase("{{ messages[0].nothing.more }}", "'nothing' of a dictionary is undefined")]
    public void What_fails_on_a_conversation_is_an_error(string template, string expected)
    {
        var parsed = ChatTemplate.Parse(template, "chat_template.jinja");
        var e = Assert.Throws<CheckpointException>(() => parsed.Render([new("user", "Hi")], addGenerationPrompt: true))!;
        Assert.That(e.Message, Does.StartWith("chat_template.jinja: chat_template: ").And.Contain(expected));
    }

    private static IEnumerable<TestCaseData> HostileTemplates()
    {
        string Loops(int n, string body) => string.Concat(Enumerable.Repeat("{% for x in range(99999) %}", n)) + body
            + string.Concat(Enumerable.Repeat("{% endfor %}", n));
        string Growing(string step)
            => "{% set ns = namespace(a='aaaaaaaa') %}{% for x in range(9999) %}{% set ns.a = " + step
                + " %}{% endfor %}{{ ns.a }}";
        yield return new TestCaseData(Loops(4, ""), "steps").SetArgDisplayNames("loops");
        yield return new TestCaseData(Loops(3, "x"), "steps").SetArgDisplayNames("loops that print");
        yield return new TestCaseData(Growing("ns.a + ns.a"), "steps").SetArgDisplayNames("doubling strings");
        yield return new TestCaseData(Growing("ns.a * 1000000000000"), "steps").SetArgDisplayNames("repeated strings");
        yield return new TestCaseData(Growing("ns.a|replace('a', ns.a)"), "steps").SetArgDisplayNames("replacing strings");
        yield return new TestCaseData("{% set a = 'a' * 1000000 %}{{ (a ~ 'b') in (a ~ a) }}", "steps")
            .SetArgDisplayNames("searching strings");
        yield return new TestCaseData(Growing("[ns.a, ns.a]"), "nested").SetArgDisplayNames("doubling lists");
        yield return new TestCaseData(Growing("[ns.a]"), "nested").SetArgDisplayNames("deep lists");
        yield return new TestCaseData("{{ range(100000000) }}", "range").SetArgDisplayNames("range");
        yield return new TestCaseData("{{" + new string('(', 30_000) + "1" + new string(')', 30_000) + "}}", "nested")
            .SetArgDisplayNames("brackets");
        yield return new TestCaseData("{{ 1" + string.Concat(Enumerable.Repeat("+1", 30_000)) + "}}", "nested")
            .SetArgDisplayNames("a long sum");
        yield return new TestCaseData("{{ a" + string.Concat(Enumerable.Repeat("[0]", 30_000)) + "}}", "nested")
            .SetArgDisplayNames("a long path");
        yield return new TestCaseData("{{" + string.Concat(Enumerable.Repeat(" not", 30_000)) + " 1}}", "nested")
            .SetArgDisplayNames("a long denial");
        yield return new TestCaseData(string.Concat(Enumerable.Repeat("{% if 1 %}", 30_000)), "nested")
            .SetArgDisplayNames("blocks");
        yield return new TestCaseData("{%" + new string(' ', 900_000), "without its end").SetArgDisplayNames("a long tag");
        yield return new TestCaseData(new string('{', 900_000), "without its end").SetArgDisplayNames("braces");
        yield return new TestCaseData(new string('x', 2_000_000), "characters").SetArgDisplayNames("a long template");
    }

    [TestCaseSource(nameof(HostileTemplates))]
    public void Hostile_templates_end(string template, string expected)
    {
        Assert.That(() => Render(template), Throws.TypeOf<JinjaException>().With.Message.Contains(expected));
    }

    // Seeded, so that a failure can be repeated.
    [Test]
    public void Mutated_templates_render_or_are_refused()
    {
        string good = File.ReadAllText(Fixture.PathOf("chat_templates.json"));
        using var file = System.Text.Json.JsonDocument.Parse(good);
        string[] templates = [.. file.RootElement.GetProperty("templates").EnumerateObject().Select(t => t.Value.GetString()!)];
        string[] bits =
            ["{{", "}}", "{%", "%}", "'", "(", ")", "[", "]", "|", ".", " is ", " in ", "-", "0", "messages",
             "loop", "{#", "\\"];
        var random = new Random(11);
        int refused = 0;
        for (int i = 0; i < 3000; i++)
        {
            string text = templates[i % templates.Length];
            for (int n = random.Next(1, 4); n > 0; n--)
            {
                int at = random.Next(text.Length), width = random.Next(2) * Math.Min(random.Next(1, 9), text.Length - at);
                text = string.Concat(text.AsSpan(0, at), bits[random.Next(bits.Length)], text.AsSpan(at + width));
            }

            try
            {
                ChatTemplate.Parse(text, "x").Render(
                    [new("user", "Hi", Images: 1), new("assistant", "Yes")], random.Next(2) == 0);
            }
            catch (CheckpointException)
            {
                refused++;
            }
        }

        Assert.That(refused, Is.GreaterThan(1000));
    }
}
