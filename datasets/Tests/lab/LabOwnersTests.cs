namespace Aim.Datasets.Tests.Lab;

/// <summary>Where things are drawn must be where they are said to be: a pixel's colour decides.</summary>
public class LabOwnersTests
{
    // Noise has a deviation of 7.6; nothing of 12 uniform numbers lies beyond 6 of them.
    private const int Noise = 48;

    private static IEnumerable<LabClip> Clips()
    {
        for (ulong seed = 0; seed < 6; seed++)
        {
            yield return LabClip.Video(new LabRandom(seed), LabSplit.Train);
            yield return LabClip.Moving(new LabRandom(seed), LabSplit.Train);
            yield return LabClip.Lettered(new LabRandom(seed), LabSplit.Train, digits: seed % 2 == 0);
            yield return LabClip.Picture(new LabRandom(seed), LabSplit.Train, 4);
        }
    }

    [Test]
    public void Pixels_that_a_thing_owns_have_its_colours_and_the_rest_is_the_scene_without_it()
    {
        foreach (var clip in Clips())
            foreach (int frame in clip.Length == 1 ? [0] : new[] { 0, 13, 31, 50, 63 })
            {
                byte[] shown = clip.Frames(frame);
                sbyte[] owners = clip.Owners(frame);
                for (int i = 0; i < clip.Things.Count; i++)
                {
                    int[] own = [.. Enumerable.Range(0, owners.Length).Where(p => owners[p] == i)];
                    Assert.That(own, clip.Things[i].VisibleAt(frame) ? Is.Not.Empty : Is.Empty);
                    if (own.Length > 0)
                        Assert.That(Differs(clip, i, own, shown), Is.LessThan(0.02), $"thing {i} in frame {frame}");
                }
            }
    }

    [Test]
    public void A_plate_owns_its_glyphs_while_it_is_visible()
    {
        var clip = LabClip.LetteredPicture(new LabRandom(3), LabSplit.Train, digits: true, things: 2);
        byte[] shown = clip.Frames(0);
        int[] own = [.. clip.Owners(0).Select((o, p) => (o, p)).Where(x => x.o == clip.PlateOwner).Select(x => x.p)];
        Assert.That(own, Has.Length.GreaterThan(40));
        Assert.That(own.Average(p => (double)shown[3 * p]), Is.LessThan(110), "ink is dark");
    }

    [Test]
    public void A_frame_outside_the_clip_is_refused() =>
        Assert.That(() => LabClip.Picture(new LabRandom(1), LabSplit.Train, 2).Owners(1),
            Throws.InstanceOf<ArgumentOutOfRangeException>());

    /// <summary>
    /// Share of a thing's fully covered pixels whose colour is not the sprite's: its place is searched, so jitter must fit.
    /// </summary>
    private static double Differs(LabClip clip, int thing, int[] own, byte[] shown)
    {
        const int side = LabWorld.Canvas;
        var sprite = clip.SpriteOf(clip.Things[thing]);
        int left = own.Min(p => p % side), top = own.Min(p => p / side);
        // The sprite's own box begins where its first half-covered pixels are.
        int[] opaque = [.. Enumerable.Range(0, sprite.Alpha.Length).Where(q => sprite.Alpha[q] >= 128)];
        int dx = left - opaque.Min(q => q % sprite.Side), dy = top - opaque.Min(q => q / sprite.Side);
        int full = 0, wrong = 0;
        foreach (int p in own)
        {
            int q = (p / side - dy) * sprite.Side + p % side - dx;
            if (q < 0 || q >= sprite.Alpha.Length || sprite.Alpha[q] < 255)
                continue;
            full++;
            wrong += Enumerable.Range(0, 3).Any(c => Math.Abs(shown[3 * p + c] - sprite.Rgb[3 * q + c]) > Noise) ? 1 : 0;
        }
        return full == 0 ? 0 : wrong / (double)full;
    }
}
