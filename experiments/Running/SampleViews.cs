using Aim.Experiments.Planning;
using Aim.Models;
using Aim.Reduction;

namespace Aim.Experiments.Running;

/// <summary>
/// A sample as every method meets it. What the tower makes of it is computed once and shared: for methods that merge behind the
/// projector at once, for those that merge before it (LLaVA-1.5's AIM) when the first of them asks. One method asks at a time.
/// </summary>
internal sealed class SampleViews : IDisposable
{
    private readonly PromptVisual _visual;
    private readonly List<Tensor> _tensors = [];
    private SeenVisual _seen;
    private SeenVisual? _unprojected;

    /// <param name="set">Its test set.</param>
    /// <param name="sample">The sample.</param>
    /// <param name="ids">Its prompt's ids, with one placeholder for what is shown.</param>
    /// <param name="visual">What is shown, which becomes this object's.</param>
    /// <param name="cancel">Ends the tower before its next layer.</param>
    public SampleViews(TestSet set, TestSample sample, int[] ids, PromptVisual visual, CancellationToken cancel)
    {
        (Set, Sample, Ids, _visual) = (set, sample, ids, visual);
        using var inference = no_grad();
        _seen = Kept(new SeenVisual(visual, visual.Features(cancel: cancel), null));
    }

    public TestSet Set { get; }

    public TestSample Sample { get; }

    /// <summary>The prompt's ids, with one placeholder for what is shown.</summary>
    public int[] Ids { get; }

    /// <summary>The prompt's lengths.</summary>
    public SampleShape Prompted => new(_visual.Shape, Ids.Length - 1);

    /// <summary>Frames, or views of a picture, that the tokens belong to; <see cref="Plan.ShowsScenes"/>.</summary>
    public int Frames => _seen.Views.Sum(v => (int)v.shape[0]);

    /// <summary>Tokens of each.</summary>
    public int Places => (int)_seen.Views[0].shape[1];

    /// <summary>What the tower made of it.</summary>
    /// <param name="beforeProjector">Whether a method merges before the projector.</param>
    public SeenVisual Seen(bool beforeProjector)
    {
        if (!beforeProjector)
            return _seen;
        if (_unprojected is null)
        {
            var (features, keys) = _visual.BeforeProjector();
            _unprojected = Kept(new SeenVisual(_visual, [features], keys));
        }

        return _unprojected;
    }

    /// <summary>All tokens behind the projector before a method, <c>[frames, places, dim]</c>.</summary>
    public Tensor Features() => _seen.Views.Count == 1 ? _seen.Views[0].alias() : cat([.. _seen.Views], 0);

    /// <summary>The sample as it is once its views were merged.</summary>
    /// <param name="merge">Merges a view's tokens <c>[frames, tokens, dim]</c>.</param>
    public SampleViews Merged(Func<Tensor, Tensor> merge)
    {
        _seen = Kept(_seen with { Views = [.. _seen.Views.Select(merge)] });
        return this;
    }

    public void Dispose()
    {
        _tensors.ForEach(t => t.Dispose());
        _visual.Dispose();
    }

    // Owned here, whatever scope they were made in.
    private SeenVisual Kept(SeenVisual seen)
    {
        Tensor[] tensors = seen.Metric is null ? [.. seen.Views] : [.. seen.Views, seen.Metric];
        _tensors.AddRange(tensors.Select(t => t.DetachFromDisposeScope()));
        return seen;
    }
}
