namespace Aim.Models;

/// <summary>How a weight starts when a model is made anew.</summary>
internal enum WeightStart
{
    /// <summary>Biases.</summary>
    Zero,

    /// <summary>Scales of norms.</summary>
    One,

    /// <summary>
    /// Everything else: bell-shaped with the deviation 1/sqrt(3 * length of the last dimension), which is also 0.02 at width 833.
    /// </summary>
    Random,
}

/// <summary>What the model does with a weight, which decides how one that does not train is kept.</summary>
internal enum WeightUse
{
    /// <summary>Used as a tensor: norms, biases, positions. Widened to float32.</summary>
    Value,

    /// <summary>Used as a matrix product. Packed, unless the caller wants it mapped.</summary>
    Product,

    /// <summary>Part of a product that <see cref="CombinedLinear"/> stacks. Mapped: the stack is the copy.</summary>
    Part,

    /// <summary>Looked up by rows only. Mapped: a prompt touches few of them.</summary>
    Table,
}

/// <summary>A weight that a model of a given configuration has.</summary>
/// <param name="Name">Its name in the hub's checkpoint files, which is also its name in memory.</param>
/// <param name="Shape">Its shape in memory.</param>
/// <param name="FileShape">Its shape in files: the same but for convolutions, which are matrices here.</param>
/// <param name="Start">How it starts.</param>
/// <param name="Use">What it is used for.</param>
/// <param name="Used">False for weights that the model carries along but never reaches (the tower's final norm); they do not
/// train.</param>
internal readonly record struct WeightSpec(
    string Name, long[] Shape, long[] FileShape, WeightStart Start, WeightUse Use, bool Used = true);
