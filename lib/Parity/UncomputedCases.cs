using System.Text.Json;

namespace Aim.Parity;

/// <summary>The items of a file that nothing computes.</summary>
internal static class UncomputedCases
{
    public static IEnumerable<IParityCase> Of(
        string path, string kind, string list, Func<JsonElement, int, (string Name, string Reason)> describe)
    {
        if (!FixtureFiles.Lies(path))
            return [];
        try
        {
            return [.. FixtureFiles.ReadObject(path).NeedArray(list).EnumerateArray().Select((item, i) =>
            {
                var (name, reason) = describe(item, i);
                return SettledCase.NotSupported(kind, name, reason);
            })];
        }
        catch (Exception e)
        {
            return [SettledCase.Failed(kind, Path.GetFileName(path), path, e)];
        }
    }
}
