namespace Aim.Reduction.Tests;

public class FasterVlmTests
{
    [TestCase(0, new int[0])]
    [TestCase(1, new[] { 3 })]
    [TestCase(3, new[] { 0, 3, 4 })]
    [TestCase(9, new[] { 0, 1, 2, 3, 4 })]
    public void TheMostAttendedStayInRasterOrder(int keep, int[] expected)
        => Assert.That(FasterVlm.Select([0.3f, 0.1f, 0.2f, 0.4f, 0.3f], keep), Is.EqualTo(expected));

    [Test]
    public void OfEqualsTheFirstStay() => Assert.That(FasterVlm.Select([1, 2, 1, 2, 1], 3), Is.EqualTo((int[])[0, 1, 3]));
}
