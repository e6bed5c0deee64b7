namespace Aim.Tensors;

/// <summary>How one importance comes of every head's.</summary>
public enum HeadAggregation
{
    /// <summary>Root of the mean of squares (the adaptive inference paper's code).</summary>
    RootMeanSquare,

    /// <summary>Mean.</summary>
    Mean,

    /// <summary>The largest.</summary>
    Max,
}
