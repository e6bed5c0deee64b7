using System.Security.Cryptography;

namespace Aim.Datasets.Tests.Lab;

public class LabClipTests
{
    private static LabClip Clip(ulong seed, LabSplit split = LabSplit.Train, int minFrames = 8) =>
        LabClip.Video(new LabRandom(seed), split, minFrames);

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

    /// <summary>
    /// What the sampled frames show must tell the order: everything is seen, and no two things are first seen at once.
    /// </summary>
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
        Assert.That(all.AsSpan(6 * again.Length, again.Length).SequenceEqual(again),
            "frame 25 alone differs from frame 25 among others");
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
                var clip = (seed % 6) switch
                {
                    0 => Clip(seed, split),
                    1 => LabClip.Picture(new LabRandom(seed), split, 3),
                    2 => LabClip.Glimpse(new LabRandom(seed), split),
                    3 => LabClip.Moving(new LabRandom(seed), split),
                    4 => LabClip.Lettered(new LabRandom(seed), split, digits: true),
                    _ => LabClip.LetteredPicture(new LabRandom(seed), split, digits: false, 2),
                };
                Assert.That(clip.Split, Is.EqualTo(split));
                Assert.That(seen.TryAdd(clip.SceneHash, split) || seen[clip.SceneHash] == split,
                    $"scene {clip.SceneHash:x16} is in two splits");
            }
        Assert.That(seen, Has.Count.GreaterThan(5900), "scenes repeat");
    }

    [Test]
    public void TrainingScenesAreTrainingScenes()
    {
        var stream = new LabStream(0);
        var train = Enumerable.Range(0, 500).Select(step => stream.Joint(step, 0).Clip).OfType<LabClip>().ToList();
        Assert.That(train, Has.All.Matches<LabClip>(clip => clip.Split == LabSplit.Train));
        foreach (var split in (LabSplit[])[LabSplit.Test, LabSplit.Validation])
        {
            Assert.That(LabData.Test(split, 200, 8, LabKinds.Clip), Has.All.Matches<LabSample>(s => s.Clip.Split == split));
            Assert.That(LabData.Pictures(split, 200), Has.All.Matches<LabSample>(s => s.Clip.Split == split));
        }
    }

    [Test]
    public void AMovingThingCrossesTheCanvasInItsLane()
    {
        for (ulong seed = 0; seed < 300; seed++)
        {
            var clip = LabClip.Moving(new LabRandom(seed), LabSplit.Train);
            var movers = clip.Things.Where(thing => thing.Direction.Length > 0).ToList();
            Assert.That(movers, Has.Count.InRange(1, 2));
            foreach (var mover in movers)
            {
                var (x, y) = mover.CentreAt(mover.Start + mover.Length - 1);
                Assert.That((x - mover.X, y - mover.Y), Is.EqualTo((mover.Dx, mover.Dy)));
                Assert.That(mover.Dx == 0 || mover.Dy == 0);
                Assert.That(x, Is.InRange(10, 86));
                Assert.That(y, Is.InRange(10, 86));
                foreach (var other in clip.Things.Where(thing => thing != mover))
                    Assert.That(mover.Dx != 0 ? other.Y / 32 : other.X / 32,
                        Is.Not.EqualTo(mover.Dx != 0 ? mover.Y / 32 : mover.X / 32), "in the lane");
            }
        }
    }

    [Test]
    public void APlateIsLegibleAndAlone()
    {
        for (ulong seed = 0; seed < 200; seed++)
        {
            var clip = LabClip.Lettered(new LabRandom(seed), LabSplit.Train, seed % 2 == 0);
            var plate = clip.Plate!;
            Assert.That(plate.Glyphs,
                seed % 2 == 0 ? Does.Match("^[0-9]{3,5}$") : Does.Match($"^[{string.Concat(LabWorld.PlateLetters)}]{{3,5}}$"));
            Assert.That(clip.Things, Has.None.Matches<LabThing>(thing => thing.Cell / 3 == plate.Row));
            Assert.That(plate.X - plate.Pitch / 2, Is.GreaterThanOrEqualTo(2));
            Assert.That(plate.X + (plate.Glyphs.Length - 1) * plate.Pitch + plate.Pitch / 2, Is.LessThanOrEqualTo(94));
            // The plate is light and its ink dark, on whatever background.
            byte[] rgb = clip.Frames(plate.Start);
            var greens = Enumerable.Range(0, plate.Glyphs.Length * plate.Pitch - 4)
                .SelectMany(dx => Enumerable.Range(0, plate.Height)
                    .Select(dy => rgb[((plate.Y - plate.Height / 2 + dy) * 96 + plate.X - plate.Pitch / 2 + 2 + dx) * 3 + 1]))
                .ToList();
            Assert.That(greens.Count(g => g > 190), Is.GreaterThan(greens.Count / 2), $"seed {seed}");
            Assert.That(greens.Count(g => g < 90), Is.GreaterThan(greens.Count / 20), $"seed {seed}");
        }
    }
}
