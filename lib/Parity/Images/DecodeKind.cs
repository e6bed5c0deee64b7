using System.Security.Cryptography;
using System.Text.Json;
using Aim.Datasets;
using Aim.Models;

namespace Aim.Parity;

/// <summary>
/// decode.json: picture files and what Pillow reads in them, and broken ones that must be refused or read sanely.
/// </summary>
internal sealed class DecodeKind : IParityKind
{
    internal const string KindName = "decode";

    public IEnumerable<IParityCase> Find(string directory)
    {
        string path = Path.Combine(directory, "decode.json");
        return FileOfCases.Find(path, KindName, file =>
        {
            var good = file.NeedArray("files").EnumerateArray();
            var broken = file.Has("broken") ? file.NeedArray("broken").EnumerateArray() : default;
            return
            [
                .. good.Select(item => Case(path, item, name => new PictureCase(name, path, item))),
                .. broken.Select(item => Case(path, item, name => new BrokenPictureCase(name, path, item))),
            ];
        });
    }

    private static IParityCase Case(string path, JsonElement item, Func<string, IParityCase> create)
    {
        try
        {
            return create(item.NeedText("file"));
        }
        catch (BadFixtureException e)
        {
            return SettledCase.Failed(KindName, "?", path, e);
        }
    }

    /// <summary>A whole file of the folder that a description lies in.</summary>
    internal static byte[] Read(string description, string name)
    {
        string directory = Path.GetDirectoryName(Path.GetFullPath(description))!;
        return FixtureFiles.ReadBytes(FixtureFiles.Resolve(directory, name), PictureFile.MaxFileBytes, mayBeEmpty: true);
    }

    internal static string Hash(ReadOnlySpan<byte> bytes) => Convert.ToHexStringLower(SHA256.HashData(bytes));
}

/// <summary>A good picture.</summary>
internal sealed class PictureCase(string name, string path, JsonElement item) : ParityCase(DecodeKind.KindName, name, path)
{
    protected override void Compare(Comparison c)
    {
        byte[] data = DecodeKind.Read(File, Name);
        var picture = PictureFile.Read(data, Name);
        c.Exact("size", [picture.Width, picture.Height], [item.NeedInt("width"), item.NeedInt("height")]);
        using var stored = FixtureFiles.OpenTensors(Beside("decode.safetensors"));
        foreach (var shape in item.Need("shapes").EnumerateObject())
        {
            switch (shape.Name)
            {
                case "rgb":
                    Bytes(c, stored, "rgb", picture.ToRgb());
                    break;
                case "rgba":
                    Bytes(c, stored, "rgba", picture.ToRgba());
                    break;
                case "rgb_exif_transposed":
                    Bytes(c, stored, "rgb_exif_transposed", picture.Upright().ToRgb());
                    break;
                case "samples":
                    var samples = PngFile.ReadSamples(data, Name);
                    byte[] raw = samples.Depth == 16
                        ? [.. samples.Values.SelectMany(BitConverter.GetBytes)]
                        : [.. samples.Values.Select(v => (byte)v)];
                    Values(c, stored, "samples", [.. samples.Values.Select(v => (long)v)], raw);
                    break;
                default:
                    c.LeaveOut(shape.Name);
                    break;
            }
        }

        if (item.TryField("exif_orientation", out _))
            c.Exact("exif_orientation", [picture.Orientation], [item.NeedInt("exif_orientation")]);
    }

    private string Beside(string name) => Path.Combine(Path.GetDirectoryName(Path.GetFullPath(File))!, name);

    private void Bytes(Comparison c, SafetensorsFile stored, string entry, byte[] actual)
        => Values(c, stored, entry, [.. actual.Select(b => (long)b)], actual);

    // Large pictures have only a hash of their bytes, and perhaps the decoded picture beside. A decoder that is not libjpeg to
    // the bit may be off by a tolerance, of each sample and in the mean, so that then the hash says nothing.
    private void Values(Comparison c, SafetensorsFile stored, string entry, long[] actual, ReadOnlySpan<byte> raw)
    {
        var tolerance = new Tolerance(item.NeedNumber("tolerance"));
        string tensor = $"{Name}/{entry}", beside = Beside($"{Name}.decoded.png");
        bool saturated = entry is "rgb" or "rgba" && item.TextOrNull("pil_mode") == "I;16";
        long[]? expected = saturated ? HighBytes(stored, entry)
            : stored.Contains(tensor) ? stored.ReadInt64(tensor)
            : entry == "rgb" && FixtureFiles.Lies(beside)
                ? [.. PngFile.Read(DecodeKind.Read(File, beside), beside).ToRgb().Select(b => (long)b)]
            : null;
        if (expected is not null)
        {
            c.Whole(entry, actual, expected, tolerance);
            if (item.Has("mean_tolerance") && actual.Length == expected.Length)
            {
                double mean = actual.Zip(expected, (a, b) => Math.Abs((double)a - b)).DefaultIfEmpty().Average();
                c.Close($"{entry} mean difference", [mean], [0], new Tolerance(item.NeedNumber("mean_tolerance")));
            }
        }

        if ((tolerance.Absolute == 0 || expected is null) && !saturated
            && item.TryField("sha256", out var hashes) && hashes.TextOrNull(entry) is { } hash)
        {
            c.Same($"{entry} sha256", DecodeKind.Hash(raw), hash);
        }
    }

    // Of 16-bit grey Pillow makes 255 of all that is above; the fixtures' rule is the high byte of what the file stores.
    private long[] HighBytes(SafetensorsFile stored, string entry)
    {
        long[] pixels = stored.ReadInt64($"{Name}/{entry}"), samples = stored.ReadInt64($"{Name}/samples");
        int channels = entry == "rgb" ? 3 : 4;
        return [.. pixels.Select((value, i) => i % channels == 3 ? value : samples[i / channels] >> 8)];
    }
}

/// <summary>A broken picture: <c>sane</c> says in words whether it must be refused, must be read, or may be either.</summary>
internal sealed class BrokenPictureCase(string name, string path, JsonElement item) : ParityCase(DecodeKind.KindName, name, path)
{
    // No broken picture here is larger; what its header claims often is.
    private const long MaxMemory = 32L << 20;

    protected override void Compare(Comparison c)
    {
        byte[] data = DecodeKind.Read(File, Name);
        string sane = item.NeedText("sane");
        bool Says(string words) => sane.Contains(words, StringComparison.Ordinal);
        bool mayRead = Says("accept") || Says("read it") || Says("or read") || Says("or black");
        bool mayRefuse = !sane.StartsWith("accept", StringComparison.Ordinal) || Says("reject");
        Picture picture;
        long before = GC.GetAllocatedBytesForCurrentThread();
        try
        {
            picture = PictureFile.Read(data, Name);
        }
        catch (PictureException e)
        {
            c.Holds(mayRefuse, $"it must be read ({sane}), but was refused: {e.Message}");
            if (sane.Split('\'') is [_, var words, ..] && Says("say '"))
                c.Holds(e.Message.Contains(words, StringComparison.Ordinal), $"'{words}' must stand in the message: {e.Message}");
            return;
        }
        finally
        {
            long taken = GC.GetAllocatedBytesForCurrentThread() - before;
            c.Holds(taken <= MaxMemory, $"{taken} bytes were allocated for a file of {data.Length}");
        }

        c.Holds(mayRead, $"it must be refused ({sane}), but was read");
        if (Says("orientation 1"))
            c.Exact("orientation", [picture.Orientation], [1]);
        if (mayRead && item.TextOrNull("rgb_sha256") is { } hash)
            c.Same("rgb sha256", DecodeKind.Hash(picture.ToRgb()), hash);
    }
}
