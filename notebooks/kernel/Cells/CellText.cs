using System.Text;

namespace Aim.Kernel.Cells;

/// <summary>Positions within a cell's text.</summary>
internal static class CellText
{
    /// <summary>The text with [start, end) made of spaces; line breaks stay, so every line and column does.</summary>
    public static string Blank(string text, int start, int end)
    {
        var result = new StringBuilder(text);
        for (int i = start; i < end; i++)
        {
            if (result[i] is not ('\n' or '\r'))
                result[i] = ' ';
        }

        return result.ToString();
    }

    /// <summary>
    /// The index in UTF-16 of a position that Jupyter counts in code points; the end, where the text is shorter.
    /// </summary>
    public static int Index(string text, int codePoints)
    {
        int index = 0;
        for (; codePoints > 0 && index < text.Length; codePoints--)
            index += char.IsSurrogatePair(text, index) ? 2 : 1;
        return index;
    }

    /// <summary>How many code points lie before an index.</summary>
    public static int CodePoints(string text, int index)
    {
        int count = 0;
        for (int i = 0; i < index; count++)
            i += char.IsSurrogatePair(text, i) ? 2 : 1;
        return count;
    }
}
