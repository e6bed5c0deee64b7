namespace Aim.Models;

/// <summary>GPT-2's spelling of bytes as visible characters, in which byte-level vocabularies are written.</summary>
internal static class ByteLevel
{
    private static readonly char[] s_toChar = new char[256];
    private static readonly Dictionary<char, byte> s_toByte = [];

    static ByteLevel()
    {
        // Printable Latin-1 stands for itself; the other bytes take the characters from U+0100 on, in order.
        int next = 256;
        for (int b = 0; b < 256; b++)
        {
            s_toChar[b] = b is (>= '!' and <= '~') or (>= 0xA1 and <= 0xAC) or (>= 0xAE and <= 0xFF) ? (char)b : (char)next++;
            s_toByte[s_toChar[b]] = (byte)b;
        }
    }

    /// <summary>The character that stands for a byte.</summary>
    public static char ToChar(byte value) => s_toChar[value];

    /// <summary>
    /// The bytes of a token; a token with a character that stands for no byte (an added one) is taken as UTF-8, as upstream does.
    /// </summary>
    public static byte[] ToBytes(string token)
    {
        var bytes = new byte[token.Length];
        for (int i = 0; i < token.Length; i++)
        {
            if (!s_toByte.TryGetValue(token[i], out bytes[i]))
                return System.Text.Encoding.UTF8.GetBytes(token);
        }

        return bytes;
    }
}
