using System.Security.Cryptography;

namespace Aim.Reports.Tests;

public class AssetsTests
{
    [Test]
    public void Plotly_is_the_vendored_file()
    {
        var expected = Assets.Text("plotly-cartesian.min.js.sha256").Split(' ')[0];

        Assert.That(Convert.ToHexStringLower(SHA256.HashData(Assets.Bytes("plotly-cartesian.min.js"))), Is.EqualTo(expected));
    }

    [Test]
    public void Scripts_can_stand_inside_a_script_element()
    {
        Assert.That(Assets.Plotly, Does.Not.Contain("</script").IgnoreCase.And.Contains("Licensed under the MIT license"));
        Assert.That(Assets.Script, Does.Not.Contain("</script").IgnoreCase);
    }
}
