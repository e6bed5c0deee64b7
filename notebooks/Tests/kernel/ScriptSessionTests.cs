using Aim.Kernel;
using Aim.Kernel.References;
using Aim.Kernel.Scripting;

namespace Aim.Notebooks.Tests.Kernel;

/// <summary>The chain of submissions, which each cell is compiled on.</summary>
public class ScriptSessionTests
{
    [Test]
    public async Task Cells_that_declare_nothing_leave_the_next_one_as_cheap_as_the_first()
    {
        var references = new ReferenceBook();
        var session = new ScriptSession(KernelSetup.Imports, references, new SubmissionLoader(references));
        for (int i = 0; i < 5; i++)
            Assert.That(await Run("1 + 1"), Is.EqualTo(2));
        Assert.That(session.Chain, Is.Empty);

        await Run("int x = 40;");
        for (int i = 0; i < 5; i++)
            Assert.That(await Run("x + 2"), Is.EqualTo(42));
        Assert.That(session.Chain, Has.Count.EqualTo(1));

        Task<object?> Run(string code) => session.Start(session.Compile(code, "cell", default));
    }
}
