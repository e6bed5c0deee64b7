using Aim.Experiments.Planning;
using Aim.Fusion;
using Aim.Models;

namespace Aim.Experiments.InContext;

/// <summary>The models, banks and projections of one output directory, each opened once.</summary>
/// <param name="directory">Takes bank and projections.</param>
/// <param name="output">Takes progress.</param>
/// <param name="recipe">How projections are trained; null: as they usually are.</param>
/// <param name="takeShipped">Whether a projection that ships beside its model is taken for one that would be trained.</param>
internal sealed class ModelStock(
    string directory, TextWriter output, ProjectionRecipe? recipe = null, bool takeShipped = false) : IDisposable
{
    private const long BankBytes = 2L << 30;

    private readonly Dictionary<string, MultimodalFusionHost> _hosts = new(StringComparer.Ordinal);
    private readonly Dictionary<string, DemonstrationBank> _banks = new(StringComparer.Ordinal);

    /// <summary>The output directory, made if need be.</summary>
    public string Directory { get; } = System.IO.Directory.CreateDirectory(directory).FullName;

    /// <summary>Takes progress, from several threads.</summary>
    public TextWriter Output { get; } = TextWriter.Synchronized(output);

    /// <summary>The projections.</summary>
    public Projections Projections { get; } = new(Path.Combine(directory, "projections"), output,
        recipe ?? new ProjectionRecipe(), takeShipped);

    /// <summary>What the bank has done.</summary>
    public BankUse BankUse => _banks.Values.Select(b => b.Use).Aggregate(
        new BankUse(), (a, b) => new BankUse(a.Hits + b.Hits, a.Misses + b.Misses, a.Dropped + b.Dropped));

    /// <summary>The model of a definition's condition.</summary>
    /// <param name="definition">The definition.</param>
    /// <param name="condition">Its condition; null: the definition's own model.</param>
    /// <param name="file">The definition's file: models may be named relative to it.</param>
    /// <exception cref="DefinitionException">There is no such model.</exception>
    public MultimodalFusionHost Host(InContextDefinition definition, Condition? condition, string file)
    {
        string path = Places.Model(condition?.Model ?? definition.Model, file);
        if (!_hosts.TryGetValue(path, out var host))
            _hosts.Add(path, host = MultimodalFusionHost.Of(MultimodalModel.Load(path)));
        return host;
    }

    /// <summary>Whether there is a model of that name.</summary>
    public static bool Has(string model, string file)
    {
        try
        {
            return File.Exists(Path.Combine(Places.Model(model, file), "config.json"));
        }
        catch (DefinitionException)
        {
            return false;
        }
    }

    /// <summary>The output directory's bank for some states.</summary>
    public DemonstrationBank Bank(MultimodalFusionHost host, AggregationOptions states)
    {
        string key = $"{host.Hash} {states.Canonical(host)}";
        if (!_banks.TryGetValue(key, out var bank))
            _banks.Add(key, bank = BankIn(Path.Combine(Directory, "bank"), new Aggregator(host, states)));
        return bank;
    }

    /// <summary>What makes a condition's prompts, with its first seed's projection.</summary>
    public EpisodePrompts Prompts(InContextDefinition definition, Condition condition, string file, CancellationToken cancel)
    {
        var host = Host(definition, condition, file);
        var source = Bank(host, condition.States);
        return new EpisodePrompts(host, source, condition, Projections.Of(source, condition, condition.Seeds[0], cancel));
    }

    /// <summary>A bank in a directory of its own.</summary>
    public DemonstrationBank BankIn(string at, Aggregator reader) =>
        new(at, reader, ReadingCode.Name, BankBytes) { Report = Output.WriteLine };

    /// <summary>Closes all of them.</summary>
    public void Dispose()
    {
        foreach (var bank in _banks.Values)
            bank.Dispose();
        foreach (var host in _hosts.Values)
            host.Model.Dispose();
    }
}
