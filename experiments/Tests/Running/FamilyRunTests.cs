using System.Text.Json;
using Aim.Experiments.Planning;
using Aim.Experiments.Running;
using Aim.Models;
using Aim.Parity;
using Aim.Reduction;

namespace Aim.Experiments.Tests.Running;

/// <summary>Definitions on small checkpoints of every family, asked from a file of questions and from the lab.</summary>
public class FamilyRunTests
{
    private const int Tokens = 8;
    private static Workplace _work = null!;
    private static int _definitions;

    private static readonly string[] _pictures = ["camera_gray_101x141.png", "cat_161x121.jpg", "logo_rgba_66x43.png"];

    [OneTimeSetUp]
    public void Create() => _work = new Workplace(samples: 2);

    [OneTimeTearDown]
    public void Remove() => _work.Dispose();

    private static string PathOf(params string[] parts) =>
        Path.Combine([TestContext.CurrentContext.TestDirectory, "Fixtures", .. parts]);

    private static string Questions(params object[] lines) => _work.Write(
        $"questions-{Interlocked.Increment(ref _definitions)}.jsonl",
        string.Join('\n', lines.Select(l => JsonSerializer.Serialize(l))));

    private static string Pictures() => Questions(
        [.. _pictures.Select(p => (object)new { image = PathOf("images", p), question = "What is it?", answer = p })]);

    // The data of a definition; null frames: pictures.
    private static string Asked(string file, int? frames) =>
        $"{{set: file, path: \"{file}\"}}\nsource: {(frames is { } n ? $"video\nframes: {n}" : "picture")}";

    private static string Definition(string model, string data, int samples, string cells) => _work.Write(
        $"family-{Interlocked.Increment(ref _definitions)}.yaml", $$"""
        schema: 2
        name: family
        version: 1
        question: Does a definition run on a checkpoint of this family?
        model: "{{PathOf("models", model)}}"
        data: {{data}}
        samples: {{samples}}
        answer-tokens: {{Tokens}}
        margin: 2
        timing: none
        cells:
        {{cells}}

        """);

    private static async Task<(Plan Plan, IReadOnlyList<SampleResult> Answers)> Run(string definition)
    {
        string output = _work.In(Path.GetFileNameWithoutExtension(definition) + "-out");
        var (code, text, error) = await Workplace.Aim("run", definition, "--output", output, "--threads", "2");
        Assert.That(code, Is.Zero, text + error);
        var plan = Plan.Make(DefinitionReader.Read(definition), definition);
        return (plan, Journal<SampleResult>.Read(Path.Combine(Workplace.RunOf(output), RunDirectory.JournalName)));
    }

    [TestCase("llava15-image-gray")]
    [TestCase("next-vicuna-image-cat")]
    [TestCase("ov-image-rgba")]
    [TestCase("ovodd-image-cat-jpg")]
    [TestCase("ov-video")]
    [TestCase("qwen2vl-image-wide")]
    [TestCase("qwen2vl-image-small")]
    [TestCase("qwen2vl-video")]
    public async Task The_unreduced_model_answers_what_transformers_answers(string name)
    {
        var recorded = FixtureFiles.ReadObject(PathOf("models", name, "case.json"));
        string model = Path.GetFileName(recorded.GetProperty("checkpoint").GetString()!);
        var content = recorded.GetProperty("messages")[0][0].GetProperty("content");
        string question = content[content.GetArrayLength() - 1].GetProperty("text").GetString()!;
        bool video = recorded.GetProperty("video_frames").GetArrayLength() > 0;
        string shown = video ? PathOf("images", "video_a")
            : PathOf("models", name, recorded.GetProperty("images")[0].GetString()!);
        string file = Questions(video
            ? new { video = shown, question, answer = "unknown" } : new { image = shown, question, answer = "unknown" });
        var (_, answers) = await Run(Definition(model, Asked(file, video ? 6 : null), 1, "  - {method: none}"));

        using var tensors = FixtureFiles.OpenTensors(PathOf("models", name, "tensors.safetensors"));
        var ends = GenerationConfig.Load(PathOf("models", model)).EndIds;
        int[] expected = [.. tensors.ReadInt64("generated_ids")
            .Take(Tokens).Select(i => (int)i).TakeWhile(i => !ends.Contains(i))];
        var tokenizer = BpeTokenizer.Load(PathOf("models", model, "tokenizer.json"));
        Assert.That(answers.Single().Answer, Is.EqualTo(tokenizer.Decode(expected, skipSpecial: true).Trim()));
        Assert.That(answers.Single().Tokens, Is.All.EqualTo(tensors.Info("input_ids").Shape[^1]));
    }

    [TestCase("tiny-llava-1.5", false)]
    [TestCase("tiny-llava-next-mistral", false)]
    [TestCase("tiny-llava-next-vicuna", false)]
    [TestCase("tiny-llava-onevision", false)]
    [TestCase("tiny-llava-onevision", true)]
    [TestCase("tiny-qwen2-vl", false)]
    [TestCase("tiny-qwen2-vl", true)]
    public async Task Every_method_that_the_family_allows_runs_as_planned(string model, bool video)
    {
        string file = video
            ? Questions(new { video = PathOf("images", "video_a"), question = "What moves?", answer = "a cat", kind = "open" },
                new { video = PathOf("images", "video_a"), question = "Red?", options = (string[])["yes", "no"], answer = "no" })
            : Pictures();
        string cells = string.Join("\n", Methods.Names.Select(m => $"  - {{method: {EveryMethodRunTests.Cell(m)}}}"));
        var (plan, answers) = await Run(Definition(
            model, Asked(file, video ? 5 : null), video ? 2 : 3,
            cells + "\n  - {method: [downsample, random], flops: aim 1/4 default}"));

        var host = plan.HostOf(plan.Sets[0]);
        string[] applicable =
            [.. Methods.All.Where(m => m.On(host).Kind != FitKind.NotApplicable && !Within(m, host)).Select(m => m.Name)];
        Assert.That(plan.Cells.Select(c => c.Cell.Method).Distinct(), Is.EquivalentTo(applicable));
        Assert.That(plan.LeftOut.Select(l => l.Reason), Is.All.StartsWith("not applicable: ").Or.EndsWith("times its target"));
        foreach (var cell in plan.Cells)
            for (int i = 0; i < plan.Sets[0].Samples.Count; i++)
            {
                var result = answers.First(a => a.Sample == cell.Set.Samples[i].Id
                    && plan.Cells.First(c => c.Id == a.Cell).Settings == cell.Settings);
                Assert.That(result.Tokens, Is.EqualTo(cell.Tokens(cell.Set.Prompts[i])), cell.Id);
                Assert.That(result.Flops, Is.EqualTo(cell.Executed(cell.Set.Prompts[i])), cell.Id);
            }

        // What a run shares among its methods cannot be merged within the tower.
        static bool Within(MethodDefinition method, HostTraits host) =>
            method.Create(method.Read(new Dictionary<string, string>()), host).Tower is not null;
    }

    [TestCase("tiny-llava-1.5", "source: picture")]
    [TestCase("tiny-llava-next-vicuna", "source: picture")]
    [TestCase("tiny-llava-onevision", "frames: 8")]
    [TestCase("tiny-qwen2-vl", "source: picture")]
    [TestCase("tiny-qwen2-vl", "frames: 8")]
    public async Task The_labs_questions_can_be_asked_of_any_family(string model, string questions)
    {
        var (plan, answers) = await Run(Definition(
            model, $"{{set: lab, split: test}}\n{questions}", 4,
            "  - {method: none, record: attention}\n  - {method: aim, retention: 1/4, schedule: default}"));
        Assert.That(answers, Has.Count.EqualTo(8));
        foreach (var answer in answers)
        {
            var cell = plan.Cells.First(c => c.Id == answer.Cell);
            int i = cell.Set.Samples.ToList().FindIndex(s => s.Id == answer.Sample);
            Assert.That(answer.Tokens, Is.EqualTo(cell.Tokens(cell.Set.Prompts[i])));
        }
    }

    [TestCase("tiny-llava-1.5", "frames: 8", "{method: none}", "a llava model takes no videos", "source: picture")]
    [TestCase("tiny-llava-next-mistral", "frames: 8", "{method: none}", "a llava_next model takes no videos", "source: picture")]
    [TestCase("tiny-qwen2-vl", "source: picture", "{method: aim, retention: 1/4, record: kept}", "record: kept", "qwen2_vl")]
    [TestCase("tiny-llava-1.5", "source: picture\ngallery: aim 1/4", "{method: aim, retention: 1/4}", "gallery", "llava model")]
    public async Task What_a_family_lacks_is_refused_by_name(
        string model, string questions, string cell, string wrong, string right)
    {
        var (code, _, error) = await Workplace.Aim(
            "plan", Definition(model, $"{{set: lab, split: test}}\n{questions}", 2, $"  - {cell}"));
        Assert.That(code, Is.EqualTo(2));
        Assert.That(error, Does.Contain(wrong).And.Contain(right).And.Not.Contain("   at "));
    }

    [TestCase("samples: 9", "samples: 9 are asked for, but there are 3 questions about pictures; write 'samples: 3'")]
    [TestCase("frames: 4", "but there are 0 questions about videos; write 'source: picture'")]
    [TestCase("source: picture\nkinds: maths", "kinds: no question is of kind 'maths'; there are question")]
    [TestCase("source: picture\nstyle: noto", "a file's pictures come in no other style; leave the field out")]
    [TestCase("source: picture\ngallery: aim 1/4", "gallery: tells from the lab's scenes", "a file has no scenes")]
    public async Task A_definition_that_does_not_fit_its_file_is_refused(string field, params string[] messages)
    {
        string file = Pictures();
        string source = field.Contains("source", StringComparison.Ordinal) || field.StartsWith("frames", StringComparison.Ordinal)
            ? "" : "\nsource: picture";
        bool many = field.StartsWith("samples", StringComparison.Ordinal);
        string definition = Definition(
            "tiny-llava-1.5", $"{{set: file, path: \"{file}\"}}{source}\n{(many ? "" : field)}", many ? 9 : 3,
            "  - {method: aim, retention: 1/4}");
        if (field.StartsWith("frames", StringComparison.Ordinal))
            definition = _work.Write("videos.yaml", File.ReadAllText(definition).Replace("tiny-llava-1.5", "tiny-qwen2-vl"));
        var (code, _, error) = await Workplace.Aim("plan", definition);
        Assert.That(code, Is.EqualTo(2));
        foreach (string message in messages)
            Assert.That(error, Does.Contain(message));
    }

    [Test]
    public async Task A_missing_picture_is_named_with_the_line_that_wants_it()
    {
        string file = Questions(
            new { image = PathOf("images", _pictures[0]), question = "What?", answer = "a" },
            new { image = "gone.png", question = "What?", answer = "a" });
        var (code, _, error) = await Workplace.Aim("plan", Definition(
            "tiny-qwen2-vl", $"{{set: file, path: \"{file}\"}}\nsource: picture", 2, "  - {method: none}"));
        Assert.That(code, Is.EqualTo(2));
        Assert.That(error, Does.Contain($"{file}:2: ").And.Contain("gone.png: no such file"));
    }

    [Test]
    public async Task An_exchanged_picture_is_another_sample_and_an_equal_one_is_not()
    {
        string picture = _work.In("shown.png");
        File.Copy(PathOf("images", _pictures[0]), picture);
        string file = Questions(new { image = picture, question = "What?", answer = "a" });
        string definition = Definition("tiny-llava-1.5", Asked(file, null), 1, "  - {method: none}");
        async Task<string> Again() =>
            (await Workplace.Aim("run", definition, "--output", _work.In("exchanged"), "--threads", "1")).Output;
        Assert.That(await Again(), Does.Contain("computed 1 answers"));
        Assert.That(await Again(), Does.Contain("computed 0 answers"));
        File.Copy(PathOf("images", _pictures[2]), picture, overwrite: true);
        Assert.That(await Again(), Does.Contain("computed 1 answers"));
    }

    [Test]
    public void A_file_is_part_of_a_definitions_hash_and_is_read_back()
    {
        string file = Definition("tiny-llava-1.5", "{set: file, path: some.jsonl}\nsource: picture", 1, "  - {method: none}");
        var definition = DefinitionReader.Read(file);
        string canonical = CanonicalForm.Write(definition);
        Assert.That(canonical, Does.Contain("data: {set: file, path: \"some.jsonl\"}").And.Not.Contain("style"));
        Assert.That(CanonicalForm.Write(DefinitionReader.Parse("canonical", canonical)), Is.EqualTo(canonical));
        var other = DefinitionReader.Read(file, ["data.path=other.jsonl"]);
        Assert.That(CanonicalForm.Hash(other), Is.Not.EqualTo(CanonicalForm.Hash(definition)));
        var missing = Assert.Throws<DefinitionException>(() => Plan.Make(definition, file))!;
        Assert.That(missing.Message, Does.Contain("data.path").And.Contain("some.jsonl"));
    }

    [TestCase("lab-video", false)]
    [TestCase("lab-video", true)]
    [TestCase("lab-single", true)]
    public void The_chat_template_spells_the_labs_own_prompts(string lab, bool pictures)
    {
        var model = PlannedModel.Open($"datasets/lab/models/{lab}", null);
        var set = new TestSetName(pictures ? TestSetName.Picture : TestSetName.Video, TestSetName.Noto, pictures ? 1 : 8);
        foreach (var sample in LabSets.Samples(set, Datasets.LabSplit.Test, 60, 0, _ => true))
        {
            int[] own = model.Tokenizer.Encode(sample.Prompt);
            Assert.That(model.Prompt(new LabTestSample(sample), set), Is.EqualTo(own), sample.Kind);
        }
    }
}
