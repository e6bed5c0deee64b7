namespace Aim.Datasets;

/// <summary>
/// Pictures that follow one another in a stream as PPM (P6), which is how ffmpeg hands frames over: each says its size.
/// </summary>
internal sealed class FrameStream(Stream stream, long maxPixels)
{
    private readonly BufferedStream _stream = new(stream, 1 << 16);

    /// <summary>The next one; null at the end, or where something is wrong.</summary>
    /// <param name="problem">What is wrong; null if nothing is.</param>
    public Picture? Next(out string? problem)
    {
        problem = null;
        string? kind = Word();
        if (kind is null)
            return null;
        if (kind == "P6" && int.TryParse(Word(), out int width) && int.TryParse(Word(), out int height) && Word() == "255"
            && width > 0 && height > 0)
        {
            if ((long)width * height > maxPixels)
            {
                problem = $"a frame of {width} x {height} pixels; at most {maxPixels} pixels are read";
                return null;
            }

            var rgb = new byte[checked(width * height * 3)];
            if (_stream.ReadAtLeast(rgb, rgb.Length, throwOnEndOfStream: false) == rgb.Length)
                return new Picture(width, height, rgb);
            problem = "ffmpeg's output ends within a frame";
            return null;
        }

        problem = "ffmpeg's output is not understood";
        return null;
    }

    // Up to one white-space character, which is taken too.
    private string? Word()
    {
        Span<char> word = stackalloc char[12];
        int length = 0;
        for (int value; (value = _stream.ReadByte()) >= 0 && !char.IsWhiteSpace((char)value); length++)
        {
            if (length == word.Length)
                return "";
            word[length] = (char)value;
        }

        return length == 0 ? null : new string(word[..length]);
    }
}
