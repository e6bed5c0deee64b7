using System.Globalization;

namespace Aim.Experiments.Planning;

/// <summary>
/// A pruning schedule as a definition names it: <c>none</c>, <c>default</c> (L/2, round(22L/28)), <c>searched</c> (the one stored
/// with the model), explicit layers, layers given as for another depth (the paper's 28), or a cut: all visual tokens leave before
/// a layer.
/// </summary>
/// <param name="Name"><c>none</c>, <c>default</c>, <c>searched</c>, <c>layers</c>, <c>scaled</c> or <c>cut</c>.</param>
/// <param name="First">l1; for <c>cut</c>, the first layer without visual tokens.</param>
/// <param name="Last">l2; for <c>cut</c>, not used.</param>
/// <param name="Of">For <c>scaled</c>: the depth that l1 and l2 are given for.</param>
public readonly record struct ScheduleName(string Name, int First = 0, int Last = 0, int Of = 0)
{
    public static ScheduleName None { get; } = new("none");

    public bool IsNone => Name == "none";

    /// <summary>As an id has it: <c>default</c>, <c>(6,9)</c>, <c>(14,22)/28</c>, <c>cut 6</c>.</summary>
    public override string ToString() => Name switch
    {
        "layers" => string.Create(CultureInfo.InvariantCulture, $"({First},{Last})"),
        "scaled" => string.Create(CultureInfo.InvariantCulture, $"({First},{Last})/{Of}"),
        "cut" => string.Create(CultureInfo.InvariantCulture, $"cut {First}"),
        _ => Name,
    };

    /// <summary>As a definition's file has it.</summary>
    public string ToYaml() => Name switch
    {
        "layers" => string.Create(CultureInfo.InvariantCulture, $"{{l1: {First}, l2: {Last}}}"),
        "scaled" => string.Create(CultureInfo.InvariantCulture, $"{{l1: {First}, l2: {Last}, of: {Of}}}"),
        "cut" => string.Create(CultureInfo.InvariantCulture, $"{{cut: {First}}}"),
        _ => Name,
    };

    /// <summary>
    /// (l1, l2) at a decoder's depth. Scaled layers are rounded halves up, as the default schedule is; l2 = of + 1 ('one past the
    /// last layer', the paper's 29 of 28) stays one past the last layer, and l2 stays above l1.
    /// </summary>
    /// <param name="layers">Decoder layers.</param>
    public (int L1, int L2) At(int layers)
    {
        if (Name != "scaled")
            return (First, Last);
        int of = Of;
        int Scale(int layer) => (2 * layer * layers + of) / (2 * of);
        int l1 = Scale(First), l2 = Last > of ? layers + 1 : Scale(Last);
        return (l1, Math.Max(l2, l1 + 1));
    }
}
