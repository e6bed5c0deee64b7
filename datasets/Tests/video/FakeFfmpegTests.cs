using System.Diagnostics;

namespace Aim.Datasets.Tests.Videos;

/// <summary>Programs that hang, flood, fail or lie in ffmpeg's place: shell scripts, so not on Windows.</summary>
[Platform(Exclude = "Win")]
public class FakeFfmpegTests
{
    private const string Answer = """
        echo '{"streams":[{"width":2,"height":1,"avg_frame_rate":"30/1","nb_read_packets":"4","nb_read_frames":"2"}]}'
        """;

    private const string Frame = @"printf 'P6\n2 1\n255\nabcdef'";
    private string _directory = "";

    [SetUp]
    public void Make()
    {
        _directory = Directory.CreateTempSubdirectory("fake").FullName;
        File.WriteAllText(Path.Combine(_directory, "v.mp4"), "any");
    }

    [TearDown]
    public void Remove() => Directory.Delete(_directory, recursive: true);

    [Test]
    public void FramesComeAsTheyAreAskedFor()
    {
        var video = Read(Answer, $"echo \"$@\" > {_directory}/arguments; {Frame}; {Frame}; {Frame}", 3);
        Assert.That(video.Frames.Select(f => f.Samples), Is.All.EqualTo("abcdef"u8.ToArray()).And.Exactly(3).Items);
        Assert.That((video.Total, video.FramesPerSecond), Is.EqualTo((4, 30.0)));
        Assert.That(video.Indices, Is.EqualTo(new[] { 0, 1, 3 }));
        string arguments = File.ReadAllText(Path.Combine(_directory, "arguments"));
        Assert.That(arguments, Does.Contain("select='(eq(n\\,0)+(eq(n\\,1)+eq(n\\,3)))'").And.Contain("-nostdin"));
    }

    // Four packets, two frames: the second count is believed.
    [Test]
    public void FramesAreCountedAgainWherePacketsHoldNone()
    {
        var video = Read(Answer, $"{Frame}; {Frame}", 4);
        Assert.That((video.Total, video.Indices), Is.EqualTo((2, new[] { 0, 0, 0, 1 })));
        Fails(Answer, Frame, "fewer frames are decoded than the 2 counted");
    }

    [Test]
    public void AHangingProgramIsEndedWithItsChildren()
    {
        string hang = $"sleep 300 & echo $! > {_directory}/child; wait";
        var limits = VideoLimits.Default with { Time = TimeSpan.FromSeconds(0.5) };
        Fails(hang, Frame, "ffprobe was ended after 0.5 seconds", limits);
        AssertGone();
        Fails(Answer, $"{Frame}; {hang}", "ffmpeg was ended after 0.5 seconds", limits);
        AssertGone();
    }

    [Test]
    public void CancellingEndsTheProgramWithItsChildren()
    {
        using var cancel = new CancellationTokenSource();
        string ready = Path.Combine(_directory, "child");
        var watch = Task.Run(() =>
        {
            while (!File.Exists(ready) || new FileInfo(ready).Length == 0)
                Thread.Sleep(10);
            cancel.Cancel();
        });
        Assert.That(
            () => Read(Answer, $"sleep 300 & echo $! > {ready}; wait", 1, cancel: cancel.Token),
            Throws.InstanceOf<OperationCanceledException>());
        watch.Wait();
        AssertGone();
    }

    [Test]
    public void AFloodIsCutOff()
    {
        Fails("yes x", Frame, "ffprobe wrote more than");
        Fails(Answer, "yes x", "ffmpeg's output is not understood");
        Fails(Answer, @"printf 'P6\n99999 99999\n255\n'; cat /dev/zero", "a frame of 99999 x 99999 pixels");
        Fails(Answer, @"printf 'P6\n2 1\n255\nabc'", "output ends within a frame");

        // More frames than asked for are not read, and a flood of messages neither blocks nor is kept.
        Assert.That(Read(Answer, $"while true; do {Frame}; done", 2).Frames, Has.Count.EqualTo(2));
        Fails(Answer, "seq 200000 >&2; echo 'the last word' >&2; exit 1", "ffmpeg cannot read it: 200000; the last word");
    }

    [Test]
    public void AFailureIsReportedWithTheLastWords()
    {
        Fails("echo one >&2; echo 'no moov atom' >&2; exit 1", Frame, "ffprobe cannot read it: one; no moov atom");
        Fails("exit 3", Frame, "it ended with code 3 and said nothing");
        Fails("echo '{}'", Frame, "it holds no video");
        Fails("echo nonsense", Frame, "answer is not understood");
        Fails(Answer.Replace("\"4\"", "\"0\"", StringComparison.Ordinal), Frame, "it holds no frame");
    }

    [Test]
    public void AMissingProgramIsToBeInstalled()
    {
        var reader = new VideoReader(programs: new VideoPrograms("no-such-ffmpeg", "no-such-ffprobe"));
        Assert.That(() => reader.Read(Path.Combine(_directory, "v.mp4"), 1), Throws.TypeOf<VideoException>()
            .With.Message.Contains("apt-get install ffmpeg").And.Message.Not.Contains("\n"));
    }

    private Video Read(string ffprobe, string ffmpeg, int count, VideoLimits? limits = null, CancellationToken cancel = default)
    {
        var programs = new VideoPrograms(Script("ffmpeg", ffmpeg), Script("ffprobe", ffprobe));
        return new VideoReader(limits, programs).Read(Path.Combine(_directory, "v.mp4"), count, cancel);
    }

    private void Fails(string ffprobe, string ffmpeg, string reason, VideoLimits? limits = null) => Assert.That(
        () => Read(ffprobe, ffmpeg, 2, limits),
        Throws.TypeOf<VideoException>()
            .With.Message.StartsWith(_directory).And.Message.Contains(reason).And.Message.Not.Contains("\n"));

    private string Script(string name, string body)
    {
        string path = Path.Combine(_directory, name);
        File.WriteAllText(path, $"#!/bin/sh\n{body}\n");
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        return path;
    }

    // A killed process may stay for a moment, as one that nobody has asked about yet.
    private void AssertGone()
    {
        string child = Path.Combine(_directory, "child");
        int id = int.Parse(File.ReadAllText(child).Trim());
        File.Delete(child);
        var clock = Stopwatch.StartNew();
        while (IsRunning(id) && clock.Elapsed < TimeSpan.FromSeconds(20))
            Thread.Sleep(10);
        Assert.That(IsRunning(id), Is.False);
    }

    private static bool IsRunning(int id)
    {
        string stat = $"/proc/{id}/stat";
        try
        {
            return Directory.Exists("/proc/self")
                ? File.Exists(stat) && !File.ReadAllText(stat).Contains(") Z ", StringComparison.Ordinal)
                : !Process.GetProcessById(id).HasExited;
        }
        catch (Exception e) when (e is ArgumentException or IOException)
        {
            return false;
        }
    }
}
