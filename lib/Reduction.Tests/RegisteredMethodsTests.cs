using Aim.Examples;

namespace Aim.Reduction.Tests;

/// <summary>
/// Methods from outside the library: what cannot be one. (That they run is tested where notebooks' cells declare some.)
/// </summary>
public class RegisteredMethodsTests
{
    [Test]
    public void NeedANameOfTheirOwn()
    {
        Assert.That(() => Methods.Register(new AimMethod(), "text"),
            Throws.ArgumentException.With.Message.Contains("'aim' is a method of the library; give this one another name"));
        Assert.That(
            () => Methods.Register(new Named("two words"), "text"),
            Throws.ArgumentException.With.Message.Contains("is no name of a method"));
        Assert.That(() => Methods.Register(new LoudestMethod(), ""), Throws.ArgumentException);
        Assert.That(Methods.Names, Does.Not.Contain("loudest"));
    }

    [Test]
    public void TheLibrarysOwnHaveNoSource() => Assert.That(Methods.Names.Select(Methods.SourceOf), Is.All.Null);

    private sealed class Named(string name) : FrameMethod
    {
        public override string Name => name;

        public override string Summary => "a test";

        public override string Source => "a test";

        protected override IReadOnlyList<TokenMixture> Decide(MergeInput input, int keep) => [];
    }
}
