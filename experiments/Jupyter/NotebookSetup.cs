using Aim.Kernel;
using Aim.Notebook;
using Aim.Reduction;

namespace Aim.Experiments.Jupyter;

/// <summary>What notebooks of this repository see beyond plain C#.</summary>
internal static class NotebookSetup
{
    /// <summary>
    /// The kernel's setup: the package <c>Aim.Notebook</c> is there, methods can be written as the library's own are, and an
    /// interrupt ends the tensor engine's operations between two tiles.
    /// </summary>
    public static KernelSetup Create()
    {
        NotebookForms.Register();
        string engine = typeof(torch).FullName!;
        return new KernelSetup(
            [
                typeof(Study).Namespace!, typeof(MethodDefinition).Namespace!, typeof(Models.ITokenPruner).Namespace!,
                typeof(Tensor).Namespace!, engine,
            ],
            interrupted => Interruption.Token = interrupted)
        {
            Packages = [typeof(Study).Namespace!],
        };
    }
}
