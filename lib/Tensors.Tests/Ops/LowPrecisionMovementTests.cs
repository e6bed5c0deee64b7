namespace Aim.Tensors.Tests.Ops;

/// <summary>What moves 16-bit elements moves their bits: payloads of NaN, subnormals and signs of zero included.</summary>
public sealed class LowPrecisionMovementTests
{
    private static readonly Dictionary<string, Func<Tensor, Tensor>> Movements = new()
    {
        ["clone"] = x => x.t().clone(),
        ["contiguous"] = x => x.permute(1, 0).contiguous(),
        ["reshape"] = x => x.t().reshape(-1),
        ["slice"] = x => x.slice(1, 1, 7, 2).clone(),
        ["cat"] = x => cat([x, x.flip(0)], 1),
        ["stack"] = x => stack([x, x]),
        ["gather"] = x => x.gather(1, tensor(new long[] { 5, 0, 0, 3 }).view(4, 1)),
        ["index_select"] = x => x.index_select(1, tensor(new long[] { 7, 7, 2 })),
        ["index"] = x => x[TensorIndex.Tensor(tensor(new long[] { 3, 1 })), TensorIndex.Colon],
        ["mask"] = x => x.masked_select(ones(4, 8, int64).cumsum(1).remainder(3).eq(0)),
        ["scatter"] = x => x.scatter(0, tensor(new long[] { 2, 1, 0 }).view(1, 3), x.narrow(1, 4, 3)),
        ["index_copy"] = x => x.index_copy(0, tensor(new long[] { 2 }), x.narrow(0, 0, 1)),
        ["where"] = x => where(ones(8, int64).cumsum(0).remainder(2).eq(0), x, x.roll(1, 0)),
        ["copy_"] = x => empty_like(x).t().copy_(x.t()),
        ["put"] = x =>
        {
            var y = x.clone();
            y[1] = x[0];
            y[TensorIndex.Colon, 3] = x.select(1, 4);
            return y;
        },
        ["flip"] = x => x.flip(0, 1),
        ["roll"] = x => x.roll(3, 1),
        ["repeat"] = x => x.repeat(2, 1),
        ["repeat_interleave"] = x => x.repeat_interleave(2, 0),
        ["diagonal"] = x => x.diagonal().clone(),
        ["unfold"] = x => x.unfold(1, 3, 2).contiguous(),
        ["take_along_dim"] = x => x.take_along_dim(zeros(4, 8, int64), 0),
        ["chunk"] = x => x.chunk(3, 1)[1].clone(),
    };

    public static IEnumerable<string> Names => Movements.Keys;

    [TestCaseSource(nameof(Names))]
    public void KeepsEveryBit(string name)
    {
        using var scope = NewDisposeScope();
        var bits = randint(65536, [4, 8], generator: new Generator(3));

        // NaN with a payload, both zeros, subnormals, infinity (of float16).
        bits.view(-1).narrow(0, 0, 6).copy_(tensor(new long[] { 0x7E01, 0xFFC3, 0x8000, 0x0001, 0x83FF, 0x7C00 }));
        var expected = Movements[name](bits).data<long>().ToArray();
        foreach (var type in new[] { bfloat16, float16 })
        {
            var x = empty([4, 8], type);
            foreach (var (value, i) in bits.data<long>().Select((v, i) => (v, i)))
                BitConverter.TryWriteBytes(x.bytes[(2 * i)..], (ushort)value);
            var moved = Movements[name](x).contiguous();
            Assert.That(moved.dtype, Is.EqualTo(type));
            var raw = System.Runtime.InteropServices.MemoryMarshal.Cast<byte, ushort>(moved.bytes).ToArray();
            Assert.That(raw.Select(b => (long)b), Is.EqualTo(expected), type.ToString());
        }
    }
}
