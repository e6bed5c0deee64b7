namespace Aim.Models.Tests.Processing;

/// <summary>
/// Which files and fields decide about sizes, and how frames go in pairs. Sizes of many pictures and the patches themselves are
/// compared with upstream in <see cref="FixtureTests"/>.
/// </summary>
public sealed class Qwen2VlProcessorTests
{
    private static readonly Qwen2VlVisionConfig s_config = new();
    private string _directory = "";

    [SetUp]
    public void MakeDirectory() => _directory = Fixture.NewDirectory();

    [TearDown]
    public void RemoveDirectory() => Directory.Delete(_directory, recursive: true);

    private Qwen2VlProcessor Load(string pictures, string? videos = null, bool video = false)
    {
        File.WriteAllText(Path.Combine(_directory, "preprocessor_config.json"), pictures);
        if (videos is not null)
            File.WriteAllText(Path.Combine(_directory, "video_preprocessor_config.json"), videos);
        return Qwen2VlProcessor.Load(_directory, s_config, video);
    }

    private static RgbImage Grey(int height, int width, byte level = 128)
    {
        var rgb = new byte[height * width * 3];
        Array.Fill(rgb, level);
        return new RgbImage(height, width, rgb);
    }

    private static VisionGrid GridOf(Qwen2VlProcessor processor, params RgbImage[] frames)
    {
        using var scope = NewDisposeScope();
        return processor.Prepare(frames).Grid;
    }

    // min_pixels and max_pixels are older and win; then size; then the defaults, which differ for videos.
    [TestCase("""{}""", 4, 4)]
    [TestCase("""{"size":{"shortest_edge":12544,"longest_edge":99999}}""", 8, 8)]
    [TestCase("""{"size":{"shortest_edge":12544,"longest_edge":99999},"min_pixels":784,"max_pixels":784}""", 2, 2)]
    [TestCase("""{"min_pixels":50176}""", 16, 16)]
    public void Limits_come_from_the_file(string json, int rows, int columns)
        => Assert.That(GridOf(Load(json), Grey(50, 50)), Is.EqualTo(new VisionGrid(1, rows, columns)));

    [Test]
    public void Videos_have_a_file_of_their_own_or_the_pictures()
    {
        const string Small = """{"max_pixels":3136}""", Large = """{"min_pixels":12544}""";
        Assert.That(GridOf(Load("{}", video: true), Grey(50, 50)), Is.EqualTo(new VisionGrid(1, 24, 24)), "128 tokens at least");
        Assert.That(GridOf(Load(Large, Small + " ".Trim(), video: false), Grey(56, 56)), Is.EqualTo(new VisionGrid(1, 8, 8)));
        Assert.That(
            GridOf(Load(Large, """{"min_pixels":784,"max_pixels":3136}""", video: true), Grey(560, 560)),
            Is.EqualTo(new VisionGrid(1, 4, 4)));
        File.Delete(Path.Combine(_directory, "video_preprocessor_config.json"));
        Assert.That(GridOf(Load(Large, video: true), Grey(56, 56)), Is.EqualTo(new VisionGrid(1, 8, 8)));
    }

    [Test]
    public void Frames_go_in_pairs_of_which_the_last_is_filled_up()
    {
        using var scope = NewDisposeScope();
        var processor = Load("""{"image_mean":[0,0,0],"image_std":[1,1,1],"rescale_factor":1}""");
        var visual = processor.Prepare([Grey(56, 56, 1), Grey(56, 56, 2), Grey(56, 56, 3)]);
        Assert.That(visual.Grid, Is.EqualTo(new VisionGrid(2, 4, 4)));
        Assert.That(visual.Patches.shape, Is.EqualTo(new long[] { 32, 1176 }));

        // [patches, channel, frame of the pair, 14 x 14].
        var means = visual.Patches.view(2, 16, 3, 2, 196).mean([1L, 2L, 4L]).data<float>().ToArray();
        Assert.That(means, Is.EqualTo((float[])[1, 2, 3, 3]).Within(1e-4f));
        var still = processor.Prepare([Grey(56, 56, 5)]);
        Assert.That(still.Grid, Is.EqualTo(new VisionGrid(1, 4, 4)));
        Assert.That(still.Patches.min().item<float>(), Is.EqualTo(5));
    }

    [Test]
    public void What_cannot_be_prepared_is_refused()
    {
        var processor = Load("{}");
        Assert.That(() => processor.Prepare([]), Throws.ArgumentException.With.Message.Contains("at least one frame"));
        Assert.That(
            () => processor.Prepare([Grey(28, 28), Grey(28, 56)]),
            Throws.ArgumentException.With.Message.Contains("28 x 56 follows 28 x 28"));
        Assert.That(
            () => processor.Prepare([Grey(1, 201)]),
            Throws.ArgumentException.With.Message.Contains("1 x 201 pixels is too lopsided"));
        Assert.That(GridOf(processor, Grey(1, 200)).Rows, Is.EqualTo(2));
    }

    [TestCase("""{"patch_size":16}""", "patch_size: 16 differs from vision_config.patch_size 14")]
    [TestCase("""{"merge_size":1}""", "merge_size: 1 differs from vision_config.spatial_merge_size 2")]
    [TestCase("""{"temporal_patch_size":1}""", "temporal_patch_size: 1 differs")]
    [TestCase("""{"do_resize":false}""", "do_resize: must be true")]
    [TestCase("""{"resample":2}""", "resample: must be 3")]
    [TestCase("""{"max_pixels":100}""", "max_pixels: 100")]
    [TestCase("""{"min_pixels":0}""", "min_pixels is 0")]
    [TestCase("""{"size":{"shortest_edge":100}}""", "size: shortest_edge and longest_edge")]
    [TestCase("""{"image_std":[1,0,1]}""", "image_std")]
    public void Errors_name_file_and_field(string json, string expected)
        => Assert.That(
            () => Load(json),
            Throws.TypeOf<CheckpointException>().With.Message.Contains("preprocessor_config.json: ")
                .And.Message.Contains(expected));
}
