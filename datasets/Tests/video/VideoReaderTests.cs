namespace Aim.Datasets.Tests.Videos;

/// <summary>A real video through ffmpeg, where it is installed; a directory of frames, always.</summary>
public class VideoReaderTests
{
    private static readonly string Folder = Path.Combine(TestContext.CurrentContext.TestDirectory, "Fixtures", "video");
    private static readonly string File6 = Path.Combine(Folder, "video_a.mp4");

    // Numpy's own results.
    [TestCase(6, 4, new[] { 0, 1, 3, 5 })]
    [TestCase(6, 6, new[] { 0, 1, 2, 3, 4, 5 })]
    [TestCase(100, 8, new[] { 0, 14, 28, 42, 56, 70, 84, 99 })]
    [TestCase(3, 5, new[] { 0, 0, 1, 1, 2 })]
    [TestCase(1, 3, new[] { 0, 0, 0 })]
    [TestCase(50, 1, new[] { 0 })]
    public void SamplesAsNumpysLinspace(int total, int count, int[] expected)
    {
        Assert.That(FrameSampling.Uniform(total, count), Is.EqualTo(expected));
        Assert.That(() => FrameSampling.Uniform(0, count), Throws.InstanceOf<ArgumentOutOfRangeException>());
    }

    [Test]
    public void ReadsTheFramesThatWereSampled([Values(1, 3, 4, 6, 9)] int count)
    {
        NeedFfmpeg();
        var video = new VideoReader().Read(File6, count);
        Assert.That((video.Total, video.FramesPerSecond), Is.EqualTo((6, 6.0)));
        Assert.That(video.Indices, Is.EqualTo(FrameSampling.Uniform(6, count)));
        var originals = Originals();
        for (int i = 0; i < count; i++)
        {
            var frame = video.Frames[i];
            Assert.That((frame.Width, frame.Height), Is.EqualTo((originals[0].Width, originals[0].Height)));

            // The video is compressed; still no frame is nearer to another original than to its own.
            double[] distances = [.. originals.Select(o => o.Samples.Zip(frame.Samples, (a, b) => Math.Pow(a - b, 2)).Average())];
            Assert.That(Array.IndexOf(distances, distances.Min()), Is.EqualTo(video.Indices[i]));
            Assert.That(distances.Min(), Is.LessThan(150));
        }
    }

    // Six frames, a hundred times over.
    [Test]
    public void ReadsAsManyFramesAsTheLimitAllows()
    {
        NeedFfmpeg();
        string path = Path.Combine(TestContext.CurrentContext.WorkDirectory, "long.mp4");
        string[] arguments = ["-v", "error", "-y", "-stream_loop", "99", "-i", File6, "-c", "copy", path];
        using (var ffmpeg = System.Diagnostics.Process.Start("ffmpeg", arguments))
            ffmpeg.WaitForExit();
        var video = new VideoReader().Read(path, VideoLimits.Default.Frames);
        Assert.That((video.Total, video.Frames.Distinct().Count()), Is.EqualTo((600, 512)));
        int later = Enumerable.Range(400, 100).First(i => video.Indices[i] % 6 == 0);
        Assert.That(video.Frames[later].Samples, Is.EqualTo(video.Frames[0].Samples));
        File.Delete(path);
    }

    [Test]
    public void SaysWhatFfmpegSaysOfABrokenFile()
    {
        NeedFfmpeg();
        string path = Path.Combine(TestContext.CurrentContext.WorkDirectory, "cut -i.mp4");
        File.WriteAllBytes(path, File.ReadAllBytes(File6)[..9000]);
        Assert.That(() => new VideoReader().Read(path, 4), Throws.TypeOf<VideoException>()
            .With.Message.StartsWith(path).And.Message.Contains("ffprobe cannot read it: ").And.Message.Not.Contains("\n"));
        File.WriteAllText(path, "no video");
        Assert.That(() => new VideoReader().Read(path, 4), Throws.TypeOf<VideoException>().With.Message.StartsWith(path));
        File.Delete(path);
    }

    [Test]
    public void RefusesWhatIsLargerThanItsLimits()
    {
        NeedFfmpeg();
        var limits = VideoLimits.Default;
        void Refuses(VideoLimits limits, string reason) => Assert.That(
            () => new VideoReader(limits).Read(File6, 4), Throws.TypeOf<VideoException>().With.Message.Contains(reason));
        Refuses(limits with { FramePixels = 1000 }, "98 x 66 pixels; at most 1000");
        Refuses(limits with { Bytes = 50_000 }, "4 frames of 98 x 66 pixels take 77616 bytes");
        var few = new VideoReader(limits with { Frames = 3 });
        Assert.That(() => few.Read(File6, 4), Throws.InstanceOf<ArgumentOutOfRangeException>());
    }

    [Test]
    public void ADirectoryOfNumberedFramesIsAVideo()
    {
        var video = new VideoReader(programs: new VideoPrograms("none", "none")).Read(Path.Combine(Folder, "video_a"), 4);
        var originals = Originals();
        Assert.That((video.Total, video.FramesPerSecond), Is.EqualTo((6, (double?)null)));
        Assert.That(video.Indices, Is.EqualTo(new[] { 0, 1, 3, 5 }));
        Assert.That(video.Frames.Select(f => f.Samples), Is.EqualTo(video.Indices.Select(i => originals[i].Samples)));
    }

    [Test]
    public void FramesAreOrderedByTheirNumbers()
    {
        string directory = Directory.CreateTempSubdirectory("frames").FullName;
        void Write(string name, byte value) => PngFile.Write(Path.Combine(directory, name), 1, 1, [value, 0, 0]);
        var reader = new VideoReader();
        Assert.That(() => reader.Read(directory, 1), Throws.TypeOf<VideoException>().With.Message.Contains("no numbered frames"));
        Write("shot2_frame10.png", 10);
        Write("shot2_frame9.PNG", 9);
        Write("shot2_frame100_last.png", 100);
        Write("cover.png", 1);
        Assert.That(reader.Read(directory, 3).Frames.Select(f => f.Samples[0]), Is.EqualTo(new byte[] { 9, 10, 100 }));
        Write("b_0009.png", 1);
        Assert.That(() => reader.Read(directory, 1), Throws.TypeOf<VideoException>()
            .With.Message.Contains("b_0009.png and shot2_frame9.PNG have the same number"));
        Directory.Delete(directory, recursive: true);
    }

    [Test]
    public void AMissingFileIsNamed()
        => Assert.That(
            () => new VideoReader().Read("none.mp4", 1),
            Throws.TypeOf<VideoException>().With.Message.EqualTo("none.mp4: no such file"));

    private static Picture[] Originals()
        => [.. Enumerable.Range(0, 6).Select(i => PictureFile.Read(Path.Combine(Folder, "video_a", $"frame_0{i}.png")))];

    private static void NeedFfmpeg()
    {
        var path = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator);
        if (!path.Any(d => File.Exists(Path.Combine(d, "ffmpeg")) || File.Exists(Path.Combine(d, "ffmpeg.exe"))))
            Assert.Ignore("ffmpeg is not installed");
    }
}
