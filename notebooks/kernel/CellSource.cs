using System.Reflection;
using System.Security.Cryptography;
using System.Text;
using Aim.Kernel.Scripting;

namespace Aim.Kernel;

/// <summary>What code is, as a text by which results are kept that it computed.</summary>
public static class CellSource
{
    /// <summary>
    /// Of a type that a cell declares, the texts of that cell and of the cells whose declarations it uses, and hashes of the
    /// assemblies that <c>#r</c> added to them; of any other type, its assembly's name and the identity of its content.
    /// </summary>
    /// <remarks>
    /// A type within a cell cannot see variables of cells, so that its behaviour follows from its text and from what it is given.
    /// </remarks>
    public static string Of(Type type)
    {
        ArgumentNullException.ThrowIfNull(type);
        if (SubmissionLoader.Sources(type.Assembly, out var added) is not { } cells)
            return Identity(type.Assembly);
        var text = new StringBuilder(type.Name);
        foreach (string cell in cells)
            text.Append("\n// cell\n").Append(cell);
        foreach (string file in added)
            text.Append("\n// ").Append(Path.GetFileName(file)).Append(' ').Append(Hash(file));
        return text.ToString();
    }

    private static string Identity(Assembly assembly) => assembly.Location is { Length: > 0 } file
        ? $"{assembly.GetName().Name} {Hash(file)}"
        : $"{assembly.GetName().Name} {assembly.ManifestModule.ModuleVersionId}";

    private static string Hash(string file) => Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(file)));
}
