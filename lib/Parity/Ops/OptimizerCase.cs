using System.Globalization;
using System.Text.RegularExpressions;

namespace Aim.Parity.Ops;

/// <summary>Cases that move parameters: inputs <c>p0_0</c>, .., gradients and expected parameters for each step.</summary>
internal static partial class OptimizerCase
{
    /// <summary>Compares every parameter after every step.</summary>
    public static void Run(Comparison comparison, OpDescription c, Operation operation, OpsTensors file)
    {
        var parameters = c.Inputs.Select(n => file.Load(c.Id, n).requires_grad_()).ToArray();
        var settings = Values.Sequence(c.Arguments.GetValueOrDefault("groups"))
            ?? throw new BadFixtureException("an optimiser's case needs a list 'groups'");
        var groups = settings.Select((given, g) => new Dictionary<string, object?>(given as Dictionary<string, object?>
            ?? throw new BadFixtureException("'groups' must hold objects"))
        {
            ["params"] = new PythonList(parameters.Where((_, i) => GroupOf(c.Inputs[i], settings.Count) == g)),
        });
        using var optimizer = (PythonOptimizer)operation.Call([new PythonList(groups)], new Dictionary<string, object?>())!;
        for (var step = 0L; step < Steps(c); step++)
        {
            for (var i = 0; i < parameters.Length; i++)
                parameters[i].grad = file.Load(c.Id, $"grad_step{step}_{c.Inputs[i]}");
            optimizer.Step();
            for (var i = 0; i < parameters.Length; i++)
                Compare($"step{step}_{c.Inputs[i]}", parameters[i].detach());
        }

        void Compare(string name, Tensor got) => comparison.Tensors(name, got, file.Load(c.Id, name), c.ToleranceOf(name));
    }

    /// <summary>The inputs are gradients, scaled in place; the norm comes last.</summary>
    public static void Clip(Comparison comparison, OpDescription c, Operation operation, OpsTensors file)
    {
        var parameters = c.Inputs.Select(n =>
        {
            var gradient = file.Load(c.Id, n);
            var parameter = zeros_like(gradient).requires_grad_();
            parameter.grad = gradient;
            return parameter;
        }).ToArray();
        var norm = (Tensor)operation.Call([new PythonList(parameters)], c.Arguments)!;
        for (var i = 0; i < c.Expected.Count; i++)
        {
            var got = i < parameters.Length ? parameters[i].grad! : norm;
            comparison.Tensors(c.Expected[i], got, file.Load(c.Id, c.Expected[i]), c.ToleranceOf(c.Expected[i]));
        }
    }

    private static int GroupOf(string name, int groups)
    {
        var match = ParameterName().Match(name);
        return match.Success && int.TryParse(match.Groups[1].Value, CultureInfo.InvariantCulture, out var g) && g < groups
            ? g
            : throw new BadFixtureException($"input {name} must be named p<group>_<i> with a group of the {groups}");
    }

    private static long Steps(OpDescription c) => c.Arguments.GetValueOrDefault("steps") as long?
        ?? throw new BadFixtureException("'steps' must be a whole number");

    [GeneratedRegex(@"^p(\d+)_\d+$")]
    private static partial Regex ParameterName();
}
