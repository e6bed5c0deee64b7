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

    // The managed engine may leave 64 KB of garbage a token; it keeps far from that: a layer leaves some hundred bytes.
    [TestCaseSource(nameof(Checkpoints))]
    public void ADecodedTokenLeavesLittleGarbageAndTakesNoNativeMemory(string checkpoint)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        using var model = LlavaOnevision.Load(checkpoint);
        using var prefill = Prefill(model.Language, Prompt);
        DecodesWithin(16 << 10, model.Language, prefill);
    }

    // As deep as Qwen2-7B, and every product, attention and the head large enough for several threads.
    [TestCase(WeightResidency.Mapped, PruneMode.Remove)]
    [TestCase(WeightResidency.Packed, PruneMode.Remove)]
    [TestCase(WeightResidency.Packed, PruneMode.Mask)]
    public void ADeepDecoderLeavesLittleGarbageToo(WeightResidency residency, PruneMode mode)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        using var decoder = new MappedDecoder(residency);
        using var prefill = Prefill(decoder.Model, 520, mode);
        int threads = get_num_threads();
        set_num_threads(Math.Max(2, threads));
        try
        {
            DecodesWithin(32 << 10, decoder.Model, prefill);
        }
        finally
        {
            set_num_threads(threads);
        }
    }

    private static void DecodesWithin(long bytes, LanguageModel model, PrefillResult prefill)
    {
        const int Window = 16;
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
        Assert.That(least, Is.LessThan(bytes));

        // Keys and values of a layer outgrow their room twice in this many tokens, and attention's scratch grows with them.
        int grown = 2 * 2 * model.Config.NumHiddenLayers + 8;
        Assert.That(MemoryPool.SystemAllocations - allocations, Is.LessThanOrEqualTo(grown), "blocks taken from the system");
        Assert.That(MemoryPool.HeldBytes, Is.LessThanOrEqualTo(3 * held), "bytes held");

        void Decode(int count)
        {
            for (int i = 0; i < count; i++)
            {
                using var step = NewDisposeScope();
                var last = ids;
                ids = model.Decode(last, prefill.Cache).argmax(-1).MoveToOuterDisposeScope();
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
        LeavesNothingBehind(Generate, 2, 5);

        void Generate()
        {
            using var inner = NewDisposeScope();
            using var prefill = Prefill(model.Language, Prompt);
            OptionScores.LogProbabilities(model.Language, prefill, [[[1, 2], [3]]]);
            Generation.Greedy(model.Language, prefill, [], 40);
        }
    }

    [Test]
    public void TrainingStepsLeaveNothingBehind()
    {
        using var scope = NewDisposeScope();
        using var decoder = new RandomDecoder(RandomDecoder.Qwen2(2), trainable: true);
        using var adam = optim.AdamW([.. decoder.Weights.Parameters()], lr: 1e-3);
        LeavesNothingBehind(Step, 3, 10);

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

    private static void LeavesNothingBehind(Action work, int first, int more)
    {
        for (int i = 0; i < first; i++)
            work();
        Collect();
        var (held, allocations) = (MemoryPool.HeldBytes, MemoryPool.SystemAllocations);
        for (int i = 0; i < more; i++)
            work();
        Collect();
        Assert.That(MemoryPool.HeldBytes, Is.EqualTo(held), "bytes held");
        Assert.That(MemoryPool.SystemAllocations, Is.EqualTo(allocations), "blocks taken from the system");
    }

    private static PrefillResult Prefill(LanguageModel model, int prompt, PruneMode mode = PruneMode.Remove)
    {
        var ids = arange(prompt, ScalarType.Int64).unsqueeze(0);
        if (mode == PruneMode.Remove)
            return model.Prefill(model.Embed(ids), [PromptLayout.AllText(prompt)]);
        var layout = new PromptLayout([.. Enumerable.Range(0, prompt).Select(i => i is > 0 and < 5)]);
        return model.Prefill(
            model.Embed(ids), [layout], new ForcedPruner(Enumerable.Repeat<int[][]>([[1, 3]], 64).ToArray()), mode);
    }

    private static void Collect()
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
        GC.Collect();
    }
}
