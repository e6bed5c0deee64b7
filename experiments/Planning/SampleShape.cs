using Aim.Cost;
using Aim.Models;
using Aim.Reduction;

namespace Aim.Experiments.Planning;

/// <summary>The lengths of one sample's prompt, from which all counts and costs follow. Equal lengths are equal.</summary>
/// <param name="Visual">What its picture or video becomes.</param>
/// <param name="Text">Text tokens: all but the placeholder that the visual tokens replace.</param>
internal sealed record SampleShape(VisualShape Visual, int Text)
{
    /// <summary>Tokens of the prompt where nothing is reduced.</summary>
    public int Tokens => Visual.Tokens + Text;

    /// <summary>Tokens that every layer computes with a method.</summary>
    public int[] TokenCounts(ReductionMethod method, int layers) =>
        method.TokenCounts(PromptReduction.VisualEntering(Visual, method), Text, layers);

    /// <summary>The lengths as a method's own search of a budget asks for them: views as frames of the largest.</summary>
    public PromptShape Of(int layers)
    {
        var largest = Visual.Views.MaxBy(v => v.PerFrame);
        return new PromptShape(Visual.Views.Sum(v => v.Frames), largest.PerFrame, Visual.Newlines, Text, layers)
        {
            Grid = Visual.HasPositions || largest.Rows != largest.Columns ? largest : null,
        };
    }
}

/// <summary>The sizes that are one for all samples of a set.</summary>
/// <param name="Shape">The language model.</param>
/// <param name="Frames">Frames of a clip, or views of a picture.</param>
/// <param name="TokensPerFrame">Visual tokens of each before merging; where samples differ, of the first.</param>
/// <param name="Pricing">How the paper's script prices this decoder.</param>
internal sealed record Geometry(ModelShape Shape, int Frames, int TokensPerFrame, CostOptions Pricing)
{
    /// <summary>FLOPs that a method's matrix products and attention execute in one prefill.</summary>
    public long Executed(ReductionMethod method, SampleShape sample) =>
        CostModel.MatmulFlops(Shape, sample.TokenCounts(method, Shape.Layers), causal: true);
}
