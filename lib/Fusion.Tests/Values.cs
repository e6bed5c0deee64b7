namespace Aim.Fusion.Tests;

internal static class Values
{
    /// <summary>A tensor's values.</summary>
    public static float[] Of(Tensor tensor) => tensor.detach().contiguous().data<float>().ToArray();

    /// <summary>A tensor's bits.</summary>
    public static int[] Bits(Tensor tensor) => [.. Of(tensor).Select(BitConverter.SingleToInt32Bits)];
}
