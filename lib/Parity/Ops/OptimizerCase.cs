using System.Globalization;
using System.Text.RegularExpressions;

namespace Aim.Parity.Ops;

/// <summary>Cases that move parameters: inputs <c>p0_0</c>, .., gradients and expected parameters for each step.</summary>
internal static partial class OptimizerCase
{
    /// <summary>Compares every parameter after every step.</summary>
    public static string? Run(OpDescription c, Operation operation, OpsFile file, List<Difference> differences)
    {
        var parameters = c.Inputs.Select(n => file.Load(c.Id, n).requires_grad_()).ToArray();
        var settings = Values.Sequence(c.Arguments.GetValueOrDefault("groups"))
            ?? throw new FixtureException("an optimiser's case needs a list 'groups'");
        var groups = settings.Select((given, g) => new Dictionary<string, object?>(given as Dictionary<string, object?>
            ?? throw new FixtureException("'groups' must hold objects"))
        {
            ["params"] = new PythonList(parameters.Where((_, i) => GroupOf(c.Inputs[i], settings.Count) == g)),
        });
        using var optimizer = (PythonOptimizer)operation.Call([new PythonList(groups)], new Dictionary<string, object?>())!;
        string? problem = null;
        for (var step = 0L; step < Steps(c); step++)
        {
            for (var i = 0; i < parameters.Length; i++)
                parameters[i].grad = file.Load(c.Id, $"grad_step{step}_{c.Inputs[i]}");
            optimizer.Step();
            for (var i = 0; i < parameters.Length; i++)
                problem = Held(c, $"step{step}_{c.Inputs[i]}", parameters[i].detach(), file, differences) ?? problem;
        }

        return problem;
    }

    /// <summary>The inputs are gradients, scaled in place; the norm comes last.</summary>
    public static string? Clip(OpDescription c, Operation operation, OpsFile file, List<Difference> differences)
    {
        var parameters = c.Inputs.Select(n =>
        {
            var gradient = file.Load(c.Id, n);
            var parameter = zeros_like(gradient).requires_grad_();
            parameter.grad = gradient;
            return parameter;
        }).ToArray();
        var norm = (Tensor)operation.Call([new PythonList(parameters)], c.Arguments)!;
        string? problem = null;
        for (var i = 0; i < c.Expected.Count; i++)
        {
            var got = i < parameters.Length ? parameters[i].grad! : norm;
            problem = Held(c, c.Expected[i], got, file, differences) ?? problem;
        }

        return problem;
    }

    private static string? Held(OpDescription c, string name, Tensor got, OpsFile file, List<Difference> differences)
    {
        var (difference, problem) = TensorComparison.Compare(name, got, file.Load(c.Id, name), c.ToleranceOf(name));
        differences.Add(difference);
        return problem;
    }

    private static int GroupOf(string name, int groups)
    {
        var match = ParameterName().Match(name);
        return match.Success && int.TryParse(match.Groups[1].Value, CultureInfo.InvariantCulture, out var g) && g < groups
            ? g
            : throw new FixtureException($"input {name} must be named p<group>_<i> with a group of the {groups}");
    }

    private static long Steps(OpDescription c) => c.Arguments.GetValueOrDefault("steps") as long?
        ?? throw new FixtureException("'steps' must be a whole number");

    [GeneratedRegex(@"^p(\d+)_\d+$")]
    private static partial Regex ParameterName();
}
