using System.Globalization;
using Aim.Models;

namespace Aim.Fusion;

/// <summary>What a training of a projection carries from step to step: parameters, AdamW's moments; and its file.</summary>
internal sealed class ProjectionState : IDisposable
{
    private readonly FusionProjection _projection;
    private readonly ProjectionRecipe _recipe;
    private readonly string _training;
    private readonly torch.optim.Optimizer _adam;

    /// <param name="projection">What trains.</param>
    /// <param name="recipe">How.</param>
    /// <param name="training">Names the training: a file of another is refused.</param>
    public ProjectionState(FusionProjection projection, ProjectionRecipe recipe, string training)
    {
        (_projection, _recipe, _training) = (projection, recipe, training);
        _adam = torch.optim.AdamW(
            projection.Named.Select(p => p.Parameter), recipe.LearningRate, 0.9, 0.98, weight_decay: recipe.WeightDecay);
    }

    private IEnumerable<Modules.AdamW.State> Moments => _adam.state_dict().State.Cast<Modules.AdamW.State>();

    /// <summary>Updates the parameters and drops their gradients.</summary>
    public void Step(double rate)
    {
        torch.nn.utils.clip_grad_norm_(_projection.Named.Select(p => p.Parameter), _recipe.ClipNorm);
        foreach (var group in _adam.ParamGroups)
            group.LearningRate = rate;
        _adam.step();
        foreach (var (_, parameter) in _projection.Named)
            parameter.grad = null;
    }

    /// <summary>Writes parameters, moments and the step, atomically.</summary>
    public void Save(string path, int step)
        => SafetensorsWriter.Write(path, Tensors().Select(t => SafetensorsEntry.Float(
            t.Name, SafetensorsType.F32, t.Tensor.shape, t.Tensor.detach().cpu().data<float>().ToArray())),
            new Dictionary<string, string> { ["training"] = _training, ["step"] = step.ToString(CultureInfo.InvariantCulture) });

    /// <summary>Reads a state if there is one.</summary>
    /// <returns>The steps that are done.</returns>
    /// <exception cref="ProjectionException">It is another training's, or broken.</exception>
    public int Load(string path)
    {
        if (!File.Exists(path))
            return 0;
        try
        {
            using var file = SafetensorsFile.Open(path);
            if (file.Metadata.GetValueOrDefault("training") is var found && found != _training)
            {
                throw new ProjectionException(
                    $"{path}: holds the state of another training ({found}); remove it, or name another file. "
                        + $"Asked for: {_training}");
            }

            if (!int.TryParse(file.Metadata.GetValueOrDefault("step"), NumberStyles.None, CultureInfo.InvariantCulture,
                out int step)
                || step > _recipe.Steps)
                throw new ProjectionException($"{path}: step: '{file.Metadata.GetValueOrDefault("step")}' of {_recipe.Steps}");
            using var scope = NewDisposeScope();
            using var noGrad = no_grad();
            foreach (var (name, target) in Tensors())
            {
                if (!file.Contains(name) || !file.Info(name).Shape.SequenceEqual(target.shape))
                    throw new ProjectionException($"{path}: tensor '{name}' is missing or has another shape");
                target.copy_(tensor(file.ReadFloat32(name), target.shape));
            }

            foreach (var moment in Moments)
                moment.step = step;
            return step;
        }
        catch (CheckpointException e)
        {
            throw new ProjectionException(e.Message, e);
        }
    }

    public void Dispose() => _adam.Dispose();

    private IEnumerable<(string Name, Tensor Tensor)> Tensors()
    {
        foreach (var ((name, parameter), moment) in _projection.Named.Zip(Moments))
        {
            yield return (name, parameter);
            yield return ("exp_avg." + name, moment.exp_avg);
            yield return ("exp_avg_sq." + name, moment.exp_avg_sq);
        }
    }
}
