using System.Text;

namespace Aim.Experiments.Training;

/// <summary>Writes a file so that a kill leaves either the old or the new one: temporary file beside it, fsync, rename.</summary>
internal static class AtomicFile
{
    public static void WriteText(string path, string text)
    {
        var temporary = path + ".tmp";
        using (var stream = new FileStream(temporary, FileMode.Create, FileAccess.Write))
        {
            stream.Write(Encoding.UTF8.GetBytes(text));
            stream.Flush(flushToDisk: true);
        }

        File.Move(temporary, path, overwrite: true);
    }
}
