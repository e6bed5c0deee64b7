using System.Globalization;
using System.Text;

namespace Aim.Models;

/// <summary>
/// JSON bytes whose strings are all text. .NET's parser accepts others and throws when such a string is looked at, whoever that
/// may be; here they are found before.
/// </summary>
internal static class JsonText
{
    private static readonly UTF8Encoding s_strict = new(false, true);

    /// <summary>What is wrong with the bytes, however well-formed the JSON; null: nothing.</summary>
    public static string? Fault(ReadOnlySpan<byte> json)
    {
        try
        {
            _ = s_strict.GetCharCount(json);
        }
        catch (DecoderFallbackException)
        {
            return "not valid UTF-8";
        }

        return Pairs(json) ? null : "a string spells half a character (an unpaired surrogate)";
    }

    // Whether every escaped surrogate has its other half behind or before it.
    private static bool Pairs(ReadOnlySpan<byte> json)
    {
        for (int at = 0; ;)
        {
            int next = json[at..].IndexOf((byte)'\\');
            if (next < 0)
                return true;
            at += next;
            if (Escaped(json, at) is not { } unit || !char.IsSurrogate(unit))
            {
                at = Math.Min(at + 2, json.Length);
                continue;
            }

            if (!char.IsHighSurrogate(unit) || Escaped(json, at + 6) is not { } low || !char.IsLowSurrogate(low))
                return false;
            at += 12;
        }
    }

    // The UTF-16 unit of an escape \uXXXX that begins at a place; null where there is none.
    private static char? Escaped(ReadOnlySpan<byte> json, int at)
        => at + 6 <= json.Length && json[at] == '\\' && json[at + 1] == 'u'
            && ushort.TryParse(
                json.Slice(at + 2, 4), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out ushort unit)
            ? (char)unit
            : null;
}
