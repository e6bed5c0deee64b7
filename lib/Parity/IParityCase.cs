namespace Aim.Parity;

/// <summary>Something that an upstream program computed, and that ours can be held to.</summary>
public interface IParityCase
{
    /// <summary>The folder of fixtures that it belongs to: <c>ops</c>, <c>errors</c>, <c>merge</c>, <c>models</c>, ...</summary>
    string Kind { get; }

    /// <summary>Name within its kind.</summary>
    string Name { get; }

    /// <summary>Computes and compares. Never throws: what goes wrong is a failure with its reason.</summary>
    CaseResult Run();
}

/// <summary>Finds the cases of one kind.</summary>
public interface IParityKind
{
    /// <summary>
    /// The cases whose description lies directly in <paramref name="directory"/>; none where it holds no such files. A
    /// description that cannot be read is one case that fails.
    /// </summary>
    IEnumerable<IParityCase> Find(string directory);
}
