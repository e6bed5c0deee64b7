using System.Security.Cryptography;

namespace Aim.Datasets.Tests.Lab;

public class LabClipTests
{
    private static LabClip Clip(ulong seed, LabSplit split = LabSplit.Train, int minFrames = 8) => LabClip.Video(new LabRandom(seed), split, minFrames);

    [Test]
    public void SamplesFramesAsNumpyLinspace()
    {
        var clip = Clip(1);
        // np.linspace(0, 63, k, dtype=int)
        Assert.That(clip.Sample(1), Is.EqualTo(new[] { 0 }));
        Assert.That(clip.Sample(4), Is.EqualTo(new[] { 0, 21, 42, 63 }));
        Assert.That(clip.Sample(8), Is.EqualTo(new[] { 0, 9, 18, 27, 36, 45, 54, 63 }));
        Assert.That(clip.Sample(16), Is.EqualTo(new[] { 0, 4, 8, 12, 16, 21, 25, 29, 33, 37, 42, 46, 50, 54, 58, 63 }));
        Assert.That(clip.Sample(64), Is.EqualTo(Enumerable.Range(0, 64)));
        Assert.That(() => clip.Sample(65), Throws.InstanceOf<ArgumentOutOfRangeException>());
    }

    /// <summary>What the sampled frames show must tell the order: everything is seen, and no two things are first seen at once.</summary>
    [Test]
    public void SampledFramesTellTheStory([Values(4, 5, 6, 7, 8, 12, 16)] int minFrames)
    {
        for (ulong seed = 0; seed < 200; seed++)
        {
            var clip = Clip(seed, minFrames: minFrames);
            for (int frames = minFrames; frames <= 64; frames++)
            {
                var sampled = clip.Sample(frames);
                var firstSeen = clip.Things.Select(thing => Array.FindIndex(sampled, thing.VisibleAt)).ToArray();
                Assert.That(firstSeen, Has.None.LessThan(0), $"seed {seed}, {frames} frames: a thing is never seen");
                Assert.That(firstSeen, Is.Ordered.Ascending.And.Unique, $"seed {seed}, {frames} frames: the order is not seen");
            }
        }
    }

    [Test]
    public void ThingsDifferAndStayInsideTheClip()
    {
        for (ulong seed = 0; seed < 500; seed++)
        {
            var clip = Clip(seed);
            Assert.That(clip.Things.Select(t => t.Object), Is.Unique);
            Assert.That(clip.Things.Select(t => t.Cell), Is.Unique);
            Assert.That(clip.Things, Has.Count.InRange(3, 5));
            Assert.That(clip.Things, Has.All.Matches<LabThing>(t => t.Start >= 0 && t.Start + t.Length <= 64 && t.Length <= 32));
        }
    }

    [Test]
    public void AFrameIsAFunctionOfTheSceneAlone()
    {
        var clip = Clip(5);
        byte[] all = clip.Frames(clip.Sample(16)), again = Clip(5).Frames(25);
        Assert.That(all.AsSpan(6 * again.Length, again.Length).SequenceEqual(again), "frame 25 alone differs from frame 25 among others");
        var frames = new byte[64][];
        Parallel.For(0, 64, i => frames[i] = Clip(5).Frames(i));
        Assert.That(frames[25], Is.EqualTo(again));
        Assert.That(frames[24], Is.Not.EqualTo(again), "noise is fresh in every frame");
    }

    [Test]
    public void AThingIsSeenWhenItIsVisible()
    {
        for (ulong seed = 0; seed < 50; seed++)
        {
            var clip = Clip(seed);
            var thing = clip.Things[0];
            double shown = Difference(clip, thing, thing.Start), hidden = Difference(clip, thing, thing.Start + thing.Length);
            Assert.That(shown, Is.GreaterThan(1.5 * hidden), $"seed {seed}: {thing.Name} at {thing.Place}");
        }

        // Mean difference between a frame and the frame before the thing's start, around the thing.
        static double Difference(LabClip clip, LabThing thing, int frame)
        {
            byte[] a = clip.Frames(frame), b = clip.Frames(thing.Start == 0 ? 63 : thing.Start - 1);
            double sum = 0;
            for (int y = thing.Y - 8; y < thing.Y + 8; y++)
                for (int x = 3 * (thing.X - 8); x < 3 * (thing.X + 8); x++)
                    sum += Math.Abs(a[y * 288 + x] - b[y * 288 + x]);
            return sum;
        }
    }

    /// <summary>The data version: when this changes, <see cref="LabWorld.Version"/> must change too.</summary>
    [Test]
    public void DrawsTheSameBytesEverywhere()
    {
        Assert.That(LabWorld.Version, Is.EqualTo("2"));
        byte[] frames = Clip(11).Frames(0, 9, 18, 27, 36, 45, 54, 63), other = Clip(11).In(LabStyle.Twemoji).Frames(31);
        Assert.That(Convert.ToHexStringLower(SHA256.HashData([.. frames, .. other])),
            Is.EqualTo("b2f9ec13d2bbe3d80e803123a1b4ffa1fd7b03adbf02e50abf9bea71f83a962f"));
    }

    [Test]
    public void SplitsAreDisjoint()
    {
        var seen = new Dictionary<ulong, LabSplit>();
        foreach (var split in Enum.GetValues<LabSplit>())
            for (ulong seed = 0; seed < 2000; seed++)
            {
                // The same seeds on purpose: it is the scene that decides, not the seed.
                var clip = seed % 2 == 0 ? Clip(seed, split) : LabClip.Picture(new LabRandom(seed), split, 3);
                Assert.That(clip.Split, Is.EqualTo(split));
                Assert.That(seen.TryAdd(clip.SceneHash, split) || seen[clip.SceneHash] == split, $"scene {clip.SceneHash:x16} is in two splits");
            }
        Assert.That(seen, Has.Count.GreaterThan(5900), "scenes repeat");
    }

    [Test]
    public void TrainingScenesAreTrainingScenes()
    {
        var stream = new LabStream(0);
        var train = Enumerable.Range(0, 500).Select(step => stream.Joint(step, 0).Clip).OfType<LabClip>().ToList();
        Assert.That(train, Has.All.Matches<LabClip>(clip => clip.Split == LabSplit.Train));
        Assert.That(LabData.Test(LabSplit.Test, 200, 8), Has.All.Matches<LabSample>(s => s.Clip.Split == LabSplit.Test));
        Assert.That(LabData.Test(LabSplit.Validation, 200, 8), Has.All.Matches<LabSample>(s => s.Clip.Split == LabSplit.Validation));
    }
}
