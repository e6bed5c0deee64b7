using System.Text.Json;
using Aim.Datasets;

namespace Aim.Experiments.Tests.Cli;

/// <summary><c>aim ask</c> on a tiny LLaVA-OneVision: pictures, frames, methods, sampling, and what a user gets wrong.</summary>
public class AskTests
{
    private const int Side = 48, Frames = 6;
    private static Workplace _work = null!;
    private static string _frames = "";
    private static string _picture = "";

    [OneTimeSetUp]
    public void Create()
    {
        _work = new Workplace(samples: 4);
        _frames = _work.In("frames");
        Directory.CreateDirectory(_frames);

        // More than ten, so that frame 10 must not come before frame 2; with a file that is no frame.
        for (int i = 1; i <= 11; i++)
            WritePicture(Path.Combine(_frames, $"frame_{i}.png"), (byte)(20 * i));
        File.WriteAllText(Path.Combine(_frames, "README.txt"), "about the frames");
        _picture = _work.In("picture.png");
        WritePicture(_picture, 100);
    }

    [OneTimeTearDown]
    public void Remove() => _work.Dispose();

    private static void WritePicture(string path, byte shade)
    {
        byte[] rgb = [.. Enumerable.Range(0, Side * Side * 3).Select(i => (byte)(shade + (i % 7)))];
        File.WriteAllBytes(path, PngFile.Encode(Side, Side, rgb));
    }

    private static string[] Ask(params string[] more)
        => ["ask", "--model", _work.Model, "--threads", "1", "--max-new-tokens", "4", .. more, "What is there?"];

    private static async Task<JsonElement> Json(params string[] more)
    {
        var (code, output, error) = await Workplace.Aim(Ask([.. more, "--json", "--quiet"]));
        Assert.That(code, Is.Zero, error);
        Assert.That(error, Is.Empty);
        return JsonDocument.Parse(output).RootElement;
    }

    private static int[] Ints(JsonElement json, string name)
        => [.. json.GetProperty(name).EnumerateArray().Select(e => e.GetInt32())];

    [Test]
    public async Task A_picture_is_answered_with_what_it_took()
    {
        var (code, output, error) = await Workplace.Aim(Ask("--image", _picture));
        Assert.That(code, Is.Zero, error);
        Assert.That(output, Does.EndWith("\n"));
        Assert.That(error, Does.Match(@"method +none\n"));
        Assert.That(error, Does.Match(@"tokens +[0-9]+ text \+ ([0-9]+) visual of \1; by layer [0-9]+ x 4\n"));
        Assert.That(error, Does.Contain("% of this machine's roofline").And.Contain("memory"));
        var (_, quiet, nothing) = await Workplace.Aim(Ask("--image", _picture, "--quiet"));
        Assert.That(quiet, Is.EqualTo(output));
        Assert.That(nothing, Is.Empty);
        var json = await Json("--image", _picture);
        Assert.That(json.GetProperty("answer").GetString(), Is.EqualTo(output.Trim()));
        Assert.That(json.GetProperty("speed").ValueKind, Is.EqualTo(JsonValueKind.Null));
    }

    [Test]
    public async Task Frames_are_merged_and_pruned()
    {
        string[] video = ["--video", _frames, "--frames", $"{Frames}"];
        var whole = await Json(video);
        var reduced = await Json([.. video, "--merge", "0.25", "--prune", "1..3"]);
        int text = whole.GetProperty("textTokens").GetInt32(), perFrame = 36;
        int entering = (Frames * perFrame / 4) + 1;
        Assert.That(Ints(whole, "tokensPerLayer"), Is.All.EqualTo((Frames * perFrame) + 1 + text));
        Assert.That(
            Ints(reduced, "tokensPerLayer"), Is.EqualTo((int[])[entering + text, entering + text, (entering / 2) + text, text]));
        Assert.That(reduced.GetProperty("method").GetString(), Is.EqualTo("aim retention=1/4 schedule=1,3"));
        long Flops(JsonElement json, string name) => json.GetProperty("flops").GetProperty(name).GetInt64();
        Assert.That(Flops(reduced, "prefill"), Is.LessThan(Flops(whole, "prefill") / 3));
        Assert.That(Flops(reduced, "vision"), Is.EqualTo(Flops(whole, "vision")));
        Assert.That(Flops(reduced, "overhead"), Is.Positive);
        var seconds = reduced.GetProperty("seconds");
        foreach (string part in (string[])["load", "vision", "merge", "prefill", "prune", "decode"])
            Assert.That(seconds.GetProperty(part).GetDouble(), Is.Positive, part);

        var same = await Json([.. video, "--method", "aim", "--set", "retention=1/4", "--set", "schedule=(1, 3)"]);
        Assert.That(Ints(same, "ids"), Is.EqualTo(Ints(reduced, "ids")));
    }

    [Test]
    public void Frames_come_in_the_order_of_their_numbers()
    {
        var all = VisualFiles.Frames(_frames, 11, default);
        Assert.That(all.Select(f => f.Rgb[0]), Is.EqualTo(Enumerable.Range(1, 11).Select(i => (byte)(20 * i))));
        Assert.That(VisualFiles.Frames(_frames, 3, default).Select(f => f.Rgb[0]), Is.EqualTo((byte[])[20, 120, 220]));
        Assert.That(VisualFiles.Frames(_frames, 1, default).Select(f => f.Rgb[0]), Is.EqualTo((byte[])[20]));
    }

    [Test]
    public async Task Draws_follow_from_the_seed()
    {
        string[] drawn = ["--image", _picture, "--temperature", "5"];
        int[] first = Ints(await Json([.. drawn, "--seed", "1"]), "ids");
        Assert.That(Ints(await Json([.. drawn, "--seed", "1"]), "ids"), Is.EqualTo(first));
        Assert.That(Ints(await Json([.. drawn, "--seed", "2"]), "ids"), Is.Not.EqualTo(first));
        int[] greedy = Ints(await Json("--image", _picture), "ids");
        Assert.That(Ints(await Json("--image", _picture, "--temperature", "0"), "ids"), Is.EqualTo(greedy));
        Assert.That(Ints(await Json("--image", _picture, "--top-k", "1"), "ids"), Is.EqualTo(greedy));
    }

    private static async Task Fails(string[] arguments, params string[] parts)
    {
        var (code, output, error) = await Workplace.Aim(arguments);
        Assert.That(code, Is.EqualTo(2), error);
        Assert.That(output, Is.Empty);
        Assert.That(error.TrimEnd('\n'), Does.StartWith("aim: ").And.Not.Contain("\n").And.Not.Contain("Exception"));
        foreach (string part in parts)
            Assert.That(error, Does.Contain(part));
    }

    [Test]
    public Task Missing_picture() => Fails(Ask("--image", _work.In("none.png")), "none.png: no such file");

    [Test]
    public Task Picture_that_is_none() => Fails(Ask("--image", _work.Write("text.png", "text")), "text.png: ");

    [Test]
    public Task Missing_video() => Fails(Ask("--video", _work.In("none")), "none: no such file");

    [Test]
    public Task Video_that_is_none() => Fails(Ask("--video", _work.Write("text.mp4", "text")), "text.mp4: ");

    [Test]
    public Task Directory_without_frames() => Fails(Ask("--video", _work.Model), "no numbered frames");

    [Test]
    public async Task Pictures_stand_before_a_video()
    {
        string[] both = ["--image", _picture, "--image", _picture, "--video", _frames, "--frames", $"{Frames}"];
        var whole = await Json(both);
        static int Visual(JsonElement json, string name) => json.GetProperty("visualTokens").GetProperty(name).GetInt32();
        int pictures = Visual(await Json("--image", _picture, "--image", _picture), "before");
        Assert.That(Visual(whole, "before"), Is.EqualTo(pictures + (Frames * 36) + 1));
        var reduced = await Json([.. both, "--merge", "1/4", "--prune", "1..3"]);
        int entering = Visual(reduced, "entering");
        Assert.That(entering, Is.EqualTo((pictures - 2) / 4 + 2 + (Frames * 36 / 4) + 1));
        Assert.That(Ints(reduced, "tokensPerLayer")[0], Is.EqualTo(entering + reduced.GetProperty("textTokens").GetInt32()));
    }

    [Test]
    public void A_cancelled_question_ends_before_the_next_layer()
    {
        using var cancel = new CancellationTokenSource();
        var request = new Asking.AskRequest(
            _work.Model, "What?", [_picture], null, 1, "none", new Dictionary<string, string>(), 4, null, null, false, 1);
        var ask = new Asking.Ask(request, cancel.Token);
        cancel.Cancel();
        Assert.That(() => ask.Run(_ => { }, cancel.Token), Throws.InstanceOf<OperationCanceledException>());
    }

    [TestCase("tokenizer.json")]
    [TestCase("config.json")]
    [TestCase("model.safetensors")]
    [TestCase("preprocessor_config.json")]
    public async Task Model_directory_without_a_file(string file)
    {
        string model = TinyModel.Create(_work.In($"without-{file}"));
        File.Delete(Path.Combine(model, file));
        await Fails(["ask", "--model", model, "--image", _picture, "What?"], file);
    }

    [Test]
    public Task Prompt_that_is_too_long()
        => Fails(["ask", "--model", _work.Model, "--image", _picture, string.Concat(Enumerable.Repeat("what ", 9000))],
            "the model's context is", "max_position_embeddings");

    [Test]
    public Task Question_with_a_placeholder_of_its_own()
        => Fails(["ask", "--model", _work.Model, "--image", _picture, "--quiet", "What is <image>?"], "placeholders");

    [TestCase("--merge", "2", "retention")]
    [TestCase("--merge", "x", "retention")]
    [TestCase("--prune", "3", "14..22")]
    [TestCase("--prune", "3..2", "schedule")]
    [TestCase("--method", "aimm", "there are none, aim")]
    [TestCase("--set", "keep", "key=value")]
    [TestCase("--temperature", "-1", "--temperature -1")]
    [TestCase("--top-p", "1.5", "--top-p 1.5")]
    [TestCase("--top-k", "0", "--top-k 0")]
    [TestCase("--frames", "0", "--frames 0")]
    [TestCase("--max-new-tokens", "0", "--max-new-tokens 0")]
    [TestCase("--weights", "loose", "--weights loose")]
    public Task Options_out_of_range(string option, string value, string part)
        => Fails(["ask", "--model", _work.Model, "--image", _picture, option, value, "What?"], part);

    [Test]
    public Task Option_of_another_method()
        => Fails(Ask("--image", _picture, "--method", "fastv", "--merge", "1/4"), "--merge: fastv");
}
