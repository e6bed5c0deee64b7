using Aim.Kernel;

namespace Aim.Notebooks.Tests.Kernel;

/// <summary>One host for all tests of a class: what they declare has names of its own.</summary>
[NonParallelizable]
public abstract class HostFixture
{
    private HostUnderTest _host = null!;

    /// <summary>What the host's notebooks see beyond plain C#; null: nothing.</summary>
    private protected virtual KernelSetup? Setup => null;

    [OneTimeSetUp]
    public async Task Start() => _host = await HostUnderTest.StartAsync(Setup);

    [OneTimeTearDown]
    public async Task Stop() => await _host.DisposeAsync();

    private protected HostUnderTest Host => _host;

    /// <summary>Runs a cell that must succeed.</summary>
    private protected async Task<CellOutcome> Ok(string code)
    {
        var outcome = await _host.RunAsync(code);
        Assert.That(outcome.Status, Is.EqualTo("ok"), outcome.Error);
        return outcome;
    }

    /// <summary>Runs a cell that must fail, and gives its error.</summary>
    private protected async Task<string> Fails(string code)
    {
        var outcome = await _host.RunAsync(code);
        Assert.That(outcome.Status, Is.EqualTo("error"));
        return outcome.Error;
    }
}
