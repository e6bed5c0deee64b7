using Aim.Kernel;
using Aim.Reduction;

namespace Aim.Notebook;

/// <summary>Methods that a notebook declares itself.</summary>
public static class NewMethod
{
    /// <summary>
    /// Makes a method known to studies and <see cref="LabModel.Ask"/>, by its name, as the library's own are
    /// (<c>docs/add-a-method.md</c> says how one is written). Registered again, it takes the place of the one before. Answers are
    /// kept by its text: that of the cell that declares it and of the cells that this one uses.
    /// </summary>
    /// <param name="method">The method.</param>
    /// <returns>It, to be shown.</returns>
    /// <exception cref="ArgumentException">A method of the library has its name.</exception>
    public static MethodDefinition Register(MethodDefinition method)
    {
        ArgumentNullException.ThrowIfNull(method);
        Methods.Register(method, CellSource.Of(method.GetType()));
        return method;
    }
}
