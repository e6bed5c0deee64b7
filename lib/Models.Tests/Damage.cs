using System.Globalization;
using System.Text;

namespace Aim.Models.Tests;

/// <summary>Seeded damage to a file's text: pieces put in, cut out, doubled, numbers exchanged, single bytes changed.</summary>
internal static class Damage
{
    // What parsers trip over, and words of other files.
    private static readonly string[] s_pieces =
    [
        "{", "}", "[", "]", ",", ":", "\"", "\\", "null", "true", "-1", "0", "1e309", "1.5",
        "9223372036854775807", "9223372036854775808", "18446744073709551615", "4294967296", "2147483647", "-2147483648",
        "\\ud800", "\\u0000", "\u00e9", "\"\"", "[]", "{}", " ", "\n",
        "../", "F64", "F8_E4M3", "\"shape\"", "\"a\"", "[[[[[[[[[[[[", "mistral", "llava_next", "siglip_vision_model", "full",
        "{{", "}}", "{%", "%}", "{#", "|", "(", ")", "messages", " is ", " in ", "loop", "ByteLevel", "Metaspace", "Sequence",
    ];

    /// <summary>A damaged copy, as UTF-8 for the most part.</summary>
    public static byte[] Of(string text, Random random)
    {
        var damaged = new StringBuilder(text);
        for (int n = random.Next(1, 4); n > 0; n--)
        {
            int at = random.Next(damaged.Length);
            switch (random.Next(6))
            {
                case 0:
                    damaged.Insert(at, s_pieces[random.Next(s_pieces.Length)]);
                    break;
                case 1:
                    damaged.Remove(at, Math.Min(random.Next(1, 9), damaged.Length - at));
                    break;
                case 2:
                    damaged[at] = (char)random.Next(1, 128);
                    break;
                case 3:
                    ReplaceNumber(damaged, at, random);
                    break;
                case 4:
                    int length = Math.Min(random.Next(1, 40), damaged.Length - at);
                    damaged.Insert(random.Next(damaged.Length), damaged.ToString(at, length));
                    break;
                default:
                    // Cut off, which is noticed at once: not too often.
                    if (random.Next(4) == 0)
                        damaged.Length = Math.Max(at, 1);
                    break;
            }

            if (damaged.Length == 0)
                damaged.Append('{');
        }

        byte[] bytes = Encoding.UTF8.GetBytes(damaged.ToString());
        if (random.Next(8) == 0)
            bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
        return bytes;
    }

    // The next number behind a place becomes another: small, huge or negative.
    private static void ReplaceNumber(StringBuilder text, int at, Random random)
    {
        while (at < text.Length && !char.IsAsciiDigit(text[at]))
            at++;
        int end = at;
        while (end < text.Length && char.IsAsciiDigit(text[end]))
            end++;
        string number = random.Next(4) switch
        {
            0 => random.Next(64).ToString(CultureInfo.InvariantCulture),
            1 => (1L << random.Next(63)).ToString(CultureInfo.InvariantCulture),
            2 => "-" + random.Next(100).ToString(CultureInfo.InvariantCulture),
            _ => int.MaxValue.ToString(CultureInfo.InvariantCulture),
        };
        text.Remove(at, end - at).Insert(at, number);
    }
}
