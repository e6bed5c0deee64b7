namespace Aim.Parity;

/// <summary>
/// A case that is run in a dispose scope of its own, without gradients; whatever it throws is its result, with the file that it
/// came from.
/// </summary>
public abstract class ParityCase(string kind, string name, string file) : IParityCase
{
    /// <inheritdoc/>
    public string Kind { get; } = kind;

    /// <inheritdoc/>
    public string Name { get; } = name;

    /// <summary>The file that describes the case.</summary>
    protected string File { get; } = file;

    /// <summary>Computes and compares.</summary>
    /// <exception cref="UnsupportedCaseException">This build lacks what the case asks for.</exception>
    protected abstract void Compare(Comparison comparison);

    /// <inheritdoc/>
    public CaseResult Run()
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        var comparison = new Comparison();
        try
        {
            Compare(comparison);
            var result = comparison.Result(Kind, Name);
            return result.Status == CaseStatus.Fail ? result with { Reason = $"{File}: {result.Reason}" } : result;
        }
        catch (UnsupportedCaseException e)
        {
            return new CaseResult(Kind, Name, CaseStatus.NotSupported, [], e.Message);
        }
        catch (Exception e)
        {
            // A fixture that cannot be read fails, whatever it would have been.
            var failure = Failed(Kind, Name, File, e);
            return e is not IOException && (comparison.Informative || comparison.Optional)
                ? failure with { Status = CaseStatus.Informative }
                : failure;
        }
    }

    /// <summary>The failure that an exception is.</summary>
    internal static CaseResult Failed(string kind, string name, string file, Exception e)
    {
        string message = e.Message.ReplaceLineEndings(" ");

        // An error about a fixture's files names the file itself.
        string reason = e is BadFixtureException ? message : $"{e.GetType().Name}: {message}";
        if (!message.Contains(file, StringComparison.Ordinal))
            reason = $"{file}: {reason}";
        return new CaseResult(kind, name, CaseStatus.Fail, [], reason);
    }
}

/// <summary>
/// A case that is known to end in one way before anything is computed: not supported, or its description cannot be read.
/// </summary>
internal sealed class SettledCase(CaseResult result) : IParityCase
{
    public string Kind => result.Kind;

    public string Name => result.Name;

    public CaseResult Run() => result;

    public static SettledCase NotSupported(string kind, string name, string reason)
        => new(new CaseResult(kind, name, CaseStatus.NotSupported, [], reason));

    public static SettledCase Failed(string kind, string name, string file, Exception e)
        => new(ParityCase.Failed(kind, name, file, e));
}
