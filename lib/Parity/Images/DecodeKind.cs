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
    internal const string NoJpeg = "no JPEG decoder";

    internal static ReadOnlySpan<byte> JpegStart => [0xFF, 0xD8];

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

    /// <summary>
    /// Why this build has no reader for a file, from its first bytes; null if it should read it (or refuse it as broken).
    /// </summary>
    internal static string? Missing(ReadOnlySpan<byte> data)
    {
        const int depth = 24, interlace = 28;
        if (data.StartsWith(JpegStart))
            return NoJpeg;
        if (data.Length <= interlace || !data[12..16].SequenceEqual("IHDR"u8))
            return null;
        return data[depth] is 1 or 2 or 4 or 16 ? $"PNG with {data[depth]} bits a sample is not read"
            : data[interlace] == 1 ? "interlaced PNG is not read"
            : null;
    }

    /// <summary>Whole pictures only: what a file may have in bytes.</summary>
    internal static byte[] Read(string path) => FixtureFiles.ReadBytes(path, PngFile.MaxFileBytes, mayBeEmpty: true);
}

/// <summary>A good picture.</summary>
internal sealed class PictureCase(string name, string path, JsonElement item) : ParityCase(DecodeKind.KindName, name, path)
{
    protected override void Compare(Comparison c)
    {
        string directory = Path.GetDirectoryName(Path.GetFullPath(File))!;
        byte[] data = DecodeKind.Read(FixtureFiles.Resolve(directory, Name));
        if (DecodeKind.Missing(data) is { } reason)
            throw new UnsupportedCaseException(reason);
        var picture = PngFile.Read(data, Name);
        c.Exact("size", [picture.Width, picture.Height], [item.NeedInt("width"), item.NeedInt("height")]);
        using var stored = FixtureFiles.OpenTensors(Path.Combine(directory, "decode.safetensors"));
        Pixels(c, stored, "rgb", picture.ToRgb());
        if (item.Need("shapes").Has("rgba"))
            Pixels(c, stored, "rgba", picture.Rgba);
        foreach (var shape in item.Need("shapes").EnumerateObject())
        {
            if (shape.Name is not ("rgb" or "rgba"))
                c.LeaveOut(shape.Name);
        }
    }

    // Large pictures have only a hash of their bytes.
    private void Pixels(Comparison c, SafetensorsFile stored, string entry, byte[] actual)
    {
        string tensor = $"{Name}/{entry}";
        if (stored.Contains(tensor))
            c.Exact(entry, actual.Select(b => (long)b), stored.ReadInt64(tensor));
        if (item.TryField("sha256", out var hashes) && hashes.TextOrNull(entry) is { } hash)
            c.Same($"{entry} sha256", Convert.ToHexStringLower(SHA256.HashData(actual)), hash);
    }
}

/// <summary>A broken picture: <c>sane</c> says in words whether it must be refused, must be read, or may be either.</summary>
internal sealed class BrokenPictureCase(string name, string path, JsonElement item) : ParityCase(DecodeKind.KindName, name, path)
{
    protected override void Compare(Comparison c)
    {
        byte[] data = DecodeKind.Read(FixtureFiles.Resolve(Path.GetDirectoryName(Path.GetFullPath(File))!, Name));
        // Some are so broken that only the name says what they were: refusing them shows nothing while there is no JPEG decoder.
        if (data.AsSpan().StartsWith(DecodeKind.JpegStart) || Name.EndsWith(".jpg", StringComparison.OrdinalIgnoreCase))
            throw new UnsupportedCaseException(DecodeKind.NoJpeg);
        string sane = item.NeedText("sane");
        bool Says(string words) => sane.Contains(words, StringComparison.Ordinal);
        bool mayRead = Says("accept") || Says("read it") || Says("or black");
        bool mayRefuse = !sane.StartsWith("accept", StringComparison.Ordinal) || Says("reject");
        PngImage picture;
        try
        {
            picture = PngFile.Read(data, Name);
        }
        catch (PngException e)
        {
            if (!mayRefuse && DecodeKind.Missing(data) is { } missing)
                throw new UnsupportedCaseException(missing);
            c.Holds(mayRefuse, $"it must be read ({sane}), but was refused: {e.Message}");
            return;
        }

        c.Holds(mayRead, $"it must be refused ({sane}), but was read");
        if (mayRead && item.TextOrNull("rgb_sha256") is { } hash)
            c.Same("rgb sha256", Convert.ToHexStringLower(SHA256.HashData(picture.ToRgb())), hash);
    }
}
