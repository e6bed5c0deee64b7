namespace Aim.Experiments.Training;

/// <summary>Chooses the weights of a stage.</summary>
internal static class StageWeights
{
    /// <summary>The trainable weights whose name fits, ordered by name so that optimiser and checkpoint agree.</summary>
    public static IReadOnlyList<(string Name, Modules.Parameter Parameter)> Of(WeightStore store, Func<string, bool> fits) =>
    [
        .. store.Names.Where(fits).Order(StringComparer.Ordinal)
            .Where(name => store[name].Trainable)
            .Select(name => (name, (Modules.Parameter)store[name].Tensor)),
    ];
}
