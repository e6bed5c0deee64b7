using Aim.Kernel;

namespace Aim.Experiments.Jupyter;

/// <summary>What notebooks of this repository see beyond plain C#.</summary>
internal static class NotebookSetup
{
    /// <summary>The kernel's setup: an interrupt ends the tensor engine's operations between two tiles.</summary>
    public static KernelSetup Create() => new([], interrupted => Interruption.Token = interrupted);
}
