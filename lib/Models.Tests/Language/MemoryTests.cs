namespace Aim.Models.Tests;

/// <summary>What training and decoding hold, take from the operating system, and leave to the garbage collector.</summary>
[NonParallelizable]
public class MemoryTests
{
    private const int Prompt = 40;

    private static IEnumerable<TestCaseData> Checkpoints =>
    [
        new TestCaseData(Fixture.PathOf("models", "tiny-llava-onevision")).SetArgDisplayNames("tiny"),
        new TestCaseData(Fixture.LabModel).SetArgDisplayNames("lab"),
    ];

    // The managed engine may leave 64 KB of garbage a token; it keeps far from that.
    [TestCaseSource(nameof(Checkpoints))]
    public void ADecodedTokenLeavesLittleGarbageAndTakesNoNativeMemory(string checkpoint)
    {
        const int Window = 16;
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        using var model = LlavaOnevision.Load(checkpoint);
        using var prefill = Prefill(model);
        var ids = prefill.Logits.argmax(-1);
        Decode(Window);
        long least = long.MaxValue, allocations = MemoryPool.SystemAllocations, held = MemoryPool.HeldBytes;
        for (int i = 0; i < 4; i++)
        {
            // Other threads may allocate meanwhile: the quietest window counts.
            long before = GC.GetTotalAllocatedBytes(precise: true);
            Decode(Window);
            least = Math.Min(least, (GC.GetTotalAllocatedBytes(precise: true) - before) / Window);
        }

        TestContext.Out.WriteLine($"{least} bytes a token");
        Assert.That(least, Is.LessThan(48 << 10));

        // Keys and values of a layer outgrow their room twice in this many tokens, and attention's scratch grows with them.
        int grown = 2 * 2 * model.Config.Text.NumHiddenLayers + 8;
        Assert.That(MemoryPool.SystemAllocations - allocations, Is.LessThanOrEqualTo(grown), "blocks taken from the system");
        Assert.That(MemoryPool.HeldBytes, Is.LessThanOrEqualTo(3 * held), "bytes held");

        void Decode(int count)
        {
            for (int i = 0; i < count; i++)
            {
                using var step = NewDisposeScope();
                var last = ids;
                ids = model.Language.Decode(last, prefill.Cache).argmax(-1).MoveToOuterDisposeScope();
                last.Dispose();
            }
        }
    }

    [TestCaseSource(nameof(Checkpoints))]
    public void AGenerationLeavesNothingBehind(string checkpoint)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        using var model = LlavaOnevision.Load(checkpoint);
        Generate();
        Generate();
        Collect();
        var (held, allocations) = (MemoryPool.HeldBytes, MemoryPool.SystemAllocations);
        for (int i = 0; i < 5; i++)
            Generate();
        Collect();
        Assert.That(MemoryPool.HeldBytes, Is.EqualTo(held), "bytes held");
        Assert.That(MemoryPool.SystemAllocations, Is.EqualTo(allocations), "blocks taken from the system");

        void Generate()
        {
            using var inner = NewDisposeScope();
            using var prefill = Prefill(model);
            Generation.Greedy(model.Language, prefill, [], 40);
        }
    }

    [Test]
    public void TrainingStepsLeaveNothingBehind()
    {
        using var scope = NewDisposeScope();
        using var decoder = new RandomDecoder(RandomDecoder.Qwen2(2), trainable: true);
        using var adam = optim.AdamW([.. decoder.Weights.Parameters()], lr: 1e-3);
        for (int i = 0; i < 3; i++)
            Step();
        Collect();
        var (held, allocations) = (MemoryPool.HeldBytes, MemoryPool.SystemAllocations);
        for (int i = 0; i < 10; i++)
            Step();
        Collect();
        Assert.That(MemoryPool.HeldBytes, Is.EqualTo(held), "bytes held");
        Assert.That(MemoryPool.SystemAllocations, Is.EqualTo(allocations), "blocks taken from the system");

        void Step()
        {
            using var inner = NewDisposeScope();
            var ids = tensor((long[])[3, 1, 4, 1, 5, 9, 2, 6], [2, 4]);
            var logits = decoder.Model.Logits(decoder.Model.Forward(decoder.Model.Embed(ids))).reshape(8, -1);
            nn.functional.cross_entropy(logits, tensor((long[])[1, 4, 1, 5, 9, 2, 6, 5])).backward();
            nn.utils.clip_grad_norm_(decoder.Weights.Parameters(), 1.0);
            adam.step();
            adam.zero_grad();
        }
    }

    private static PrefillResult Prefill(LlavaOnevision model)
    {
        var ids = arange(Prompt, ScalarType.Int64).unsqueeze(0);
        return model.Language.Prefill(model.Language.Embed(ids), [PromptLayout.AllText(Prompt)]);
    }

    private static void Collect()
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
        GC.Collect();
    }
}
