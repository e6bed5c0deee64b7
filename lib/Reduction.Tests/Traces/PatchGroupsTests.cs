namespace Aim.Reduction.Tests;

public class PatchGroupsTests
{
    private static readonly PatchGroups s_sample = new(new PatchGrid(2, 1, 3), 4, [[0, 0, 1], [2, -1, 2]], [3, 0, 1]);

    [Test]
    public void ItsFormIsShortAndReadsBack()
    {
        const string json = "{\"grid\":[2,1,3],\"layers\":4,\"groups\":[[0,0,1],[2,-1,2]],\"last\":[3,0,1]}";
        Assert.That(s_sample.ToJson(), Is.EqualTo(json));
        var read = PatchGroups.FromJson(json);
        Assert.That(read.ToJson(), Is.EqualTo(json));
        Assert.That(read.Grid, Is.EqualTo(s_sample.Grid));
        Assert.That(read.LastLayers(1), Is.EqualTo((int[])[1, -1, 1]));
    }

    [TestCase("", "provenance")]
    [TestCase("[]", "grid")]
    [TestCase("{}", "grid")]
    [TestCase("{\"grid\":[1,1],\"layers\":1,\"groups\":[[0]],\"last\":[0]}", "[frames, rows, columns]")]
    [TestCase("{\"grid\":[1,1,1],\"layers\":1,\"groups\":[[0]],\"lost\":[0]}", "'last' is missing")]
    [TestCase("{\"grid\":[1,1,1],\"layers\":1,\"groups\":[[0]],\"last\":[0],\"more\":1}", "provenance")]
    [TestCase("{\"grid\":[1,1,1],\"layers\":1,\"groups\":[[1]],\"last\":[0]}", "not among the 1")]
    [TestCase("{\"grid\":[1,1,1],\"layers\":1,\"groups\":[[-2]],\"last\":[0]}", "-1 stands for none")]
    [TestCase("{\"grid\":[1,1,1],\"layers\":1,\"groups\":[[0]],\"last\":[1]}", "layers 0 to 0")]
    [TestCase("{\"grid\":[1,1,2],\"layers\":1,\"groups\":[[0]],\"last\":[0]}", "1 frames of 2 patches")]
    [TestCase("{\"grid\":[2000000000,1,1],\"layers\":1,\"groups\":[],\"last\":[]}", "4096 frames")]
    [TestCase("{\"grid\":[1,65536,65536],\"layers\":1,\"groups\":[[]],\"last\":[]}", "a side")]
    [TestCase("{\"grid\":[1,1,1],\"layers\":0,\"groups\":[[0]],\"last\":[0]}", "0 layers")]
    [TestCase("{\"grid\":[1,1,1],\"layers\":1001,\"groups\":[[0]],\"last\":[0]}", "1000")]
    [TestCase("{\"grid\":[1,1,1],\"layers\":1.5,\"groups\":[[0]],\"last\":[0]}", "1.5 is not a whole number")]
    [TestCase("{\"grid\":[1,1,1],\"layers\":1,\"groups\":[[99999999999]],\"last\":[0]}", "99999999999")]
    [TestCase("{\"grid\":[1,1,1],\"layers\":1,\"groups\":[[\"0\"]],\"last\":[0]}", "provenance")]
    [TestCase("{\"grid\":[1,1,1],\"layers\":1,\"groups\":[0],\"last\":[0]}", "provenance")]
    public void WhatIsNotThisFormIsRefused(string json, string says)
        => Assert.That(() => PatchGroups.FromJson(json), Throws.TypeOf<FormatException>().With.Message.Contains(says));

    [Test]
    public void DeepNestingIsRefused()
        => Assert.That(() => PatchGroups.FromJson(new string('[', 100_000)), Throws.TypeOf<FormatException>());
}
