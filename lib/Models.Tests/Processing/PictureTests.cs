namespace Aim.Models.Tests.Processing;

/// <summary>
/// Pictures on their way to the tower and into a prompt, where <see cref="FixtureTests"/> do not reach: the lab's geometry, the
/// tile that is shared, gradients, and what does not fit.
/// </summary>
public sealed class PictureTests
{
    private static string Tiny => Fixture.PathOf("models", "tiny-llava-onevision");

    // Base tile of 144, then 12 rows of 12 with a newline each: what image_grid_pinpoints [[96, 96]] gives for a 12 x 12 grid.
    [Test]
    public void A_square_picture_in_a_resolution_of_one_tile_is_computed_once()
    {
        var layout = ImageLayout.Tiled(96, 96, (96, 96), 96, 12, 9);
        Assert.That((layout.Tokens, layout.Tiles, layout.SharesTile, layout.IsShrunk), Is.EqualTo((300, 1, true, false)));
        Assert.That(layout.Rows.Take(144), Is.EqualTo(Enumerable.Range(0, 144)));
        Assert.That(layout.Rows.Skip(144).Where((_, i) => i % 13 != 12), Is.EqualTo(Enumerable.Range(0, 144)));
        Assert.That(
            layout.Rows.Skip(144).Where((_, i) => i % 13 == 12), Is.All.EqualTo(ImageLayout.Newline).And.Exactly(12).Items);
    }

    [Test]
    public void Other_pictures_in_that_resolution_keep_both_tiles_and_lose_the_padding()
    {
        var layout = ImageLayout.Tiled(50, 100, (96, 96), 96, 12, 9);
        Assert.That((layout.Tiles, layout.SharesTile), Is.EqualTo((2, false)));
        Assert.That(layout.Tokens, Is.EqualTo(144 + 6 * 13));
        Assert.That(layout.Rows[144], Is.EqualTo(144 + 3 * 12));
    }

    // The shared tile must be what upstream computes twice.
    [Test]
    public void The_shared_tile_gives_the_tokens_of_two()
    {
        using var scope = NewDisposeScope();
        using var model = LlavaOnevision.Load(Tiny);
        var rgb = new byte[56 * 56 * 3];
        new Random(1).NextBytes(rgb);
        var prepared = model.Prepare([new RgbImage(56, 56, rgb)])[0];
        Assert.That((prepared.Layout.SharesTile, prepared.PixelValues.shape[0]), Is.EqualTo((true, 1L)));
        float[] tokens = Values(model.PictureTokens([prepared])[0]);
        float[] tile = Values(model.Project(model.VisionFeatures(prepared.PixelValues)));
        float[] newline = Values(model.ImageNewline);
        float[] rows = [.. tile.Chunk(4 * 64).SelectMany(row => row.Concat(newline))];
        Assert.That(tokens, Is.EqualTo((float[])[.. tile, .. rows]));
    }

    [Test]
    public void Several_pictures_and_text_between_them_are_packed_in_order()
    {
        using var scope = NewDisposeScope();
        using var model = LlavaOnevision.Load(Tiny);
        int image = model.Config.ImageTokenId, video = model.Config.VideoTokenId;
        var (embeds, layout) = model.PackPictures([image, 1, image, 2], [ones(3, 64), zeros(2, 64)]);
        Assert.That(embeds.shape, Is.EqualTo(new long[] { 1, 7, 64 }));
        Assert.That(layout.VisualSlots, Is.EqualTo(new[] { 0, 1, 2, 4, 5 }));
        Assert.That(Values(embeds.narrow(1, 0, 3)), Is.All.EqualTo(1f));
        Assert.That(Values(embeds.narrow(1, 4, 2)), Is.All.Zero);
        Assert.That(
            () => model.PackPictures([image, 1], []),
            Throws.ArgumentException.With.Message.Contains("1 image placeholders where 0 are expected"));
        Assert.That(
            () => model.PackPictures([image, video], [ones(3, 64)]),
            Throws.ArgumentException.With.Message.Contains("video placeholder"));
        Assert.That(
            () => model.PackPictures([image], [ones(3, 63)]),
            Throws.ArgumentException.With.Message.Contains("[tokens, 64] is expected"));
    }

    [Test]
    public void A_prompt_about_pictures_follows_the_checkpoints_template()
    {
        using var model = LlavaOnevision.Load(Tiny);
        int[] ids = model.BuildPicturePrompt([("user", "Hi")], pictures: 2);
        Assert.That(
            model.Tokenizer.Decode(ids, skipSpecial: false),
            Is.EqualTo("<|im_start|>user <image><image>\nHi<|im_end|><|im_start|>assistant\n"));
    }

    // Two pictures of one batch, one with more tiles than the limit, so that gradients pass through the interpolation too.
    [TestCase(1)]
    [TestCase(9)]
    public void Gradients_of_packed_pictures_agree_with_differences(int maxTiles)
    {
        using var scope = NewDisposeScope();
        const int Dim = 3;
        ImageLayout[] layouts =
            [ImageLayout.Tiled(40, 90, (8, 12), 4, 2, maxTiles), ImageLayout.Tiled(4, 4, (4, 4), 4, 2, maxTiles)];
        Assert.That(layouts[0].IsShrunk, Is.EqualTo(maxTiles == 1));
        int features = layouts.Sum(l => l.Tiles) * 4 * Dim;
        float[] start = Noise(1, features + Dim), weights = Noise(2, layouts.Sum(l => l.Tokens) * Dim),
            along = Noise(3, start.Length);
        float[] gradient = [];
        Loss(start, backward: true);
        const double Step = 1e-2;
        double up = Loss([.. start.Zip(along, (s, a) => s + (float)(Step * a))]),
            down = Loss([.. start.Zip(along, (s, a) => s - (float)(Step * a))]);
        Assert.That(gradient.Zip(along, (g, a) => (double)g * a).Sum(), Is.EqualTo((up - down) / (2 * Step)).Within(1e-3));

        double Loss(float[] values, bool backward = false)
        {
            using var inner = NewDisposeScope();
            var all = tensor(values).requires_grad_(backward);
            var tiles = all.narrow(0, 0, features).reshape(-1, 4, Dim);
            var newline = all.narrow(0, features, Dim);
            int first = layouts[0].Tiles;
            var packed = cat(
                [layouts[0].Pack(tiles.narrow(0, 0, first), newline),
                    layouts[1].Pack(tiles.narrow(0, first, layouts[1].Tiles), newline)],
                0);
            var loss = (packed * tensor(weights, packed.shape)).sum();
            if (backward)
            {
                loss.backward();
                gradient = Values(all.grad!);
            }

            return loss.to(ScalarType.Float64).item<double>();
        }
    }

    [Test]
    public void Tiles_that_do_not_fit_are_refused()
    {
        using var scope = NewDisposeScope();
        using var model = LlavaOnevision.Load(Tiny);
        var layout = model.Config.LayoutOf(56, 112, 1);
        Assert.That(
            () => layout.Pack(zeros(2, 16, 64), model.ImageNewline),
            Throws.ArgumentException.With.Message.Contains("[3, 16, dim] is expected"));
        Assert.That(
            () => model.PictureTokens(zeros(4, 16, 64), [layout]),
            Throws.ArgumentException.With.Message.Contains("4 tiles are given"));
        Assert.That(() => new RgbImage(2, 2, new byte[11]), Throws.ArgumentException);
        Assert.That(() => new RgbImage(0, 2, []), Throws.ArgumentException);
    }

    [TestCase("""{"resample":2}""", "resample: must be 3")]
    [TestCase("""{"do_pad":false}""", "do_pad: must be true")]
    [TestCase("""{"do_resize":false}""", "do_resize: must be true")]
    [TestCase("""{"image_grid_pinpoints":[[56,56]]}""", "image_grid_pinpoints: differs from config.json's")]
    [TestCase("""{"image_grid_pinpoints":[[56]]}""", "image_grid_pinpoints is [[56]]")]
    [TestCase("""{"image_std":[0,1,1]}""", "image_std")]
    public void Settings_that_do_not_fit_are_named(string json, string expected)
    {
        string directory = Fixture.NewDirectory();
        File.WriteAllText(Path.Combine(directory, "preprocessor_config.json"), json);
        Assert.That(
            () => OnevisionImageProcessor.Load(directory, LlavaOnevisionConfig.Load(Tiny)),
            Throws.TypeOf<CheckpointException>().With.Message.Contains("preprocessor_config.json: ")
                .And.Message.Contains(expected));
        Directory.Delete(directory, recursive: true);
    }

    private static float[] Values(Tensor x) => x.detach().contiguous().data<float>().ToArray();

    private static float[] Noise(int seed, int count)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, count).Select(_ => (float)((2 * random.NextDouble()) - 1))];
    }
}
