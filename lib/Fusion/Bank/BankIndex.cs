using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Aim.Fusion;

/// <summary>
/// The index's file: a line that names the format and holds the sha256 of the rest, then a line a segment with how much of it is
/// covered, then a line an entry. It only saves reading the segments: one that is missing, broken or behind is made good from
/// them.
/// </summary>
internal static class BankIndex
{
    private const string Format = "aim-bank-index 1";

    /// <summary>Writes the file, atomically.</summary>
    public static void Write(
        string path, IReadOnlyDictionary<string, long> covered, IReadOnlyDictionary<BankKey, BankEntry> entries)
    {
        var body = new StringBuilder();
        foreach (var (segment, length) in covered.OrderBy(c => c.Key, StringComparer.Ordinal))
            body.Append(CultureInfo.InvariantCulture, $"segment {segment} {length}\n");
        foreach (var (key, entry) in entries.OrderBy(e => e.Key.Hex, StringComparer.Ordinal))
            body.Append(CultureInfo.InvariantCulture, $"{key.Hex} {entry.Segment} {entry.Offset} {entry.Length} {entry.Used}\n");
        string text = body.ToString();
        AtomicFile.WriteText(path, $"{Format} {HashOf(text)}\n{text}");
    }

    /// <summary>Reads the file; both are empty where it is missing or not whole.</summary>
    public static (Dictionary<string, long> Covered, Dictionary<BankKey, BankEntry> Entries) Read(string path)
    {
        var covered = new Dictionary<string, long>(StringComparer.Ordinal);
        var entries = new Dictionary<BankKey, BankEntry>();
        if (!File.Exists(path))
            return (covered, entries);
        string text = File.ReadAllText(path);
        int end = text.IndexOf('\n', StringComparison.Ordinal);
        if (end < 0 || text[..end] != $"{Format} {HashOf(text[(end + 1)..])}")
            return (covered, entries);
        foreach (string line in text[(end + 1)..].Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            string[] fields = line.Split(' ');
            if (fields is ["segment", var segment, var length])
                covered[segment] = Number(length);
            else
                entries[new BankKey(fields[0])] =
                    new BankEntry(fields[1], Number(fields[2]), Number(fields[3]), Number(fields[4]));
        }

        return (covered, entries);

        static long Number(string text) => long.Parse(text, NumberStyles.None, CultureInfo.InvariantCulture);
    }

    private static string HashOf(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));
}
