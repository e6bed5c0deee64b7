namespace Aim.Cost.Tests;

public class HardwareTests
{
    // FLOP/s in FP16 and bytes/s
    [TestCase("A100-40GB", 312e12, 1555e9, true)]
    [TestCase("A100-80GB", 312e12, 2039e9, true)]
    [TestCase("H100", 989.5e12, 3072e9, true)]
    [TestCase("H200", 989.5e12, 4800e9, false)]
    [TestCase("A6000", 154.8e12, 768e9, true)]
    [TestCase("V100", 112e12, 900e9, true)]
    [TestCase("L4", 121e12, 300e9, false)]
    public void Presets(string name, double peak, double bandwidth, bool isChecked)
    {
        var hardware = Hardware.Presets.Single(h => h.Name == name);

        Assert.That((hardware.PeakFlops, hardware.BytesPerSecond, hardware.IsChecked), Is.EqualTo((peak, bandwidth, isChecked)));
        Assert.That(Hardware.Parse(name), Is.SameAs(hardware));
    }

    [TestCase("a100", "A100-40GB")]
    [TestCase("nvidia_A100", "A100-40GB")]
    [TestCase("A100-40", "A100-40GB")]
    [TestCase("A100_40G", "A100-40GB")]
    [TestCase("a100-80", "A100-80GB")]
    [TestCase("A100 80GB", "A100-80GB")]
    [TestCase("h100", "H100")]
    [TestCase("NVIDIA H200", "H200")]
    [TestCase("RTX A6000", "A6000")]
    [TestCase("Tesla V100", "V100")]
    [TestCase("l4", "L4")]
    public void Aliases(string alias, string name) => Assert.That(Hardware.Parse(alias).Name, Is.EqualTo(name));

    [TestCase("")]
    [TestCase("A100-60")]
    [TestCase("b200")]
    [TestCase("H100gb")]
    public void Unknown_hardware_is_named_with_what_is_known(string name) => Assert.That(
        () => Hardware.Parse(name),
        Throws.ArgumentException.With.Message.Contains($"'{name}'").And.Message.Contains("A100-80GB"));
}
