namespace Aim.Parity;

/// <summary>Tensors' values on the host.</summary>
internal static class TensorValues
{
    /// <summary>The values, row-major.</summary>
    public static float[] Values(this Tensor x)
    {
        using var scope = NewDisposeScope();
        return x.detach().to(ScalarType.Float32).cpu().contiguous().data<float>().ToArray();
    }

    /// <summary>Index of the largest value; the first of equals.</summary>
    public static int ArgMax(this ReadOnlySpan<float> values)
    {
        int best = 0;
        for (int i = 1; i < values.Length; i++)
        {
            if (values[i] > values[best])
                best = i;
        }

        return best;
    }
}
