using System.Globalization;
using System.Text.RegularExpressions;

namespace Aim.Parity.Ops;

/// <summary>What an error message is about: the sizes, dimensions and indices that it names.</summary>
internal static partial class Facts
{
    /// <summary>The numbers of torch's message that another lacks.</summary>
    public static double[] Missing(string torch, string other)
    {
        var ours = Of(other).ToHashSet();
        return [.. Of(torch).Where(n => !ours.Contains(n))];
    }

    /// <summary>All numbers but those by which torch counts its own arguments, outputs and overloads.</summary>
    private static IEnumerable<double> Of(string message)
    {
        if (message.IndexOf("but expected one of", StringComparison.Ordinal) is var cut and >= 0)
            message = message[..cut];
        return Number().Matches(Times().Replace(ArgumentNumber().Replace(message, ""), " "))
            .Select(m => double.Parse(m.Value, CultureInfo.InvariantCulture)).Distinct();
    }

    [GeneratedRegex(@"#\d+|size\(\d+\)|[Oo]utput \d+")]
    private static partial Regex ArgumentNumber();

    /// <summary>The sign between the sizes of a shape: 2x3.</summary>
    [GeneratedRegex(@"(?<=\d)x(?=\d)")]
    private static partial Regex Times();

    [GeneratedRegex(@"-?(?<![A-Za-z_\d])\d+(\.\d+)?(?![A-Za-z\d])")]
    private static partial Regex Number();
}
