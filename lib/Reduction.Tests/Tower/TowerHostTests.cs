using Aim.Models;
using Aim.Models.Tests;

namespace Aim.Reduction.Tests.Tower;

/// <summary>Methods that ask or act in a real tower: SigLIP with pooled frames, CLIP and SigLIP with single pictures.</summary>
public class TowerHostTests
{
    private static readonly TextConfig s_text = RandomDecoder.Qwen2(3) with { VocabSize = 40 };

    private static VisionConfig Vision(string type) => new()
    {
        ModelType = type,
        HiddenSize = 16,
        IntermediateSize = 24,
        NumHiddenLayers = 4,
        NumAttentionHeads = 2,
        NumChannels = 3,
        ImageSize = 24,
        PatchSize = 4,
    };

    private static LlavaFamilyConfig Onevision
        => new LlavaOnevisionConfig { Vision = Vision("siglip_vision_model"), Text = s_text };

    private static LlavaFamilyConfig Llava(string tower) => new LlavaConfig
    {
        Vision = Vision(tower),
        Text = s_text,
        VisionFeatureLayer = -2,
        SelectsPatches = tower.StartsWith("clip", StringComparison.Ordinal),
    };

    private static Tensor Pixels(int frames)
    {
        var random = new Random(5);
        var values = Enumerable.Range(0, frames * 3 * 24 * 24).Select(_ => (float)(2 * random.NextDouble() - 1));
        return tensor(values.ToArray(), [frames, 3, 24, 24]);
    }

    private static IEnumerable<TestCaseData> Hosts =>
    [
        new TestCaseData(Onevision, true).SetArgDisplayNames("a video"),
        new TestCaseData(Llava("siglip_vision_model"), false).SetArgDisplayNames("a picture, SigLIP"),
        new TestCaseData(Llava("clip_vision_model"), false).SetArgDisplayNames("a picture, CLIP"),
    ];

    [TestCaseSource(nameof(Hosts))]
    public void EveryMethodBeforeTheDecoderRunsOnWhatTheHostHas(MultimodalConfig config, bool video)
    {
        using var scope = NewDisposeScope();
        using var model = (LlavaFamily)MultimodalModel.Create(config, 3, trainable: false);
        var host = HostTraits.Of(config, video);
        var pixels = Pixels(video ? 4 : 1);
        using var tower = new TowerSignals(model, () => pixels, video);
        var projected = model.Project(model.VisionFeatures(pixels));
        var features = video ? FramePooling.Pool(projected) : projected;
        foreach (var method in Methods.All.Where(m => m.Places.HasFlag(MethodPlaces.BeforeModel)))
        {
            string key = method.Settings[0].Name;
            var ready = method.Create(method.Read(new Dictionary<string, string> { [key] = key == "side" ? "2" : "1/3" }), host);
            var merged = ready.Merger.Merge(new MergeInput
            {
                Features = features,
                SampleId = "a",
                Tower = tower,
                Text = model.Language.Embed(tensor((long[])[1, 2, 3])),
            });
            int kept = ready.Merger.Kept((int)features.shape[0], (int)features.shape[1]);
            Assert.That(merged.Tokens.shape, Is.EqualTo((long[])[kept, 16]), method.Name);
            Assert.That(
                TensorValues.Difference(merged.Origin.Apply(features.flatten(0, 1)), merged.Tokens),
                Is.LessThan(1e-5), method.Name);
        }
    }

    [TestCase("siglip_vision_model")]
    [TestCase("clip_vision_model")]
    public void ToMeMergesWithinTheTowerWhereNothingPools(string tower)
    {
        using var scope = NewDisposeScope();
        var config = Llava(tower);
        using var model = (LlavaFamily)MultimodalModel.Create(config, 3, trainable: false);
        var host = HostTraits.Of(config, video: false);
        var pixels = Pixels(2);
        var whole = model.VisionFeatures(pixels);
        foreach (var (keep, kept) in ((string, int)[])[("1", 36), ("1/2", 18), ("1/36", 5)])
        {
            var method = Tests.Hosts.Make("tome", host, ("keep", keep));
            var features = model.VisionFeatures(pixels, method.Tower!.Start(36));
            Assert.That(features.shape, Is.EqualTo((long[])[2, kept, 16]), keep);
            Assert.That(method.Tower.Kept(36), Is.EqualTo(kept));
            Assert.That(method.TokenCounts(new PromptShape(1, 36, 0, 5, 3)), Is.All.EqualTo(kept + 5));
            if (keep == "1")
                Assert.That(TensorValues.Difference(features, whole), Is.LessThan(1e-5), "keeping all is no reduction");
        }

        int[] counts =
            [.. Enumerable.Range(1, 36).Select(k => Tests.Hosts.Make("tome", host, ("keep", $"{k}/36")).Tower!.Kept(36))];
        Assert.That(counts, Is.Ordered);
        Assert.That(counts.Skip(4), Is.EqualTo(Enumerable.Range(5, 32)), "from what halving allows on, exactly what was asked");
        Assert.That(Methods.Get("tome").On(host), Is.EqualTo(MethodFit.Native));
        Assert.That(Methods.Get("tome").On(HostTraits.Of(Onevision)).Kind, Is.EqualTo(FitKind.Adapted));
        Assert.That(
            Methods.Get("tome").On(HostTraits.Of(Onevision, video: false)).Kind,
            Is.EqualTo(FitKind.Adapted), "rows of a picture");
    }

    [Test]
    public void LabelsSayWhatIsNotAsUpstream()
    {
        string On(string method, MultimodalConfig config, bool video)
            => Methods.Get(method).On(HostTraits.Of(config, video)).ToString();
        Assert.That(On("fastervlm", Llava("clip_vision_model"), false), Is.Empty);
        Assert.That(
            On("fastervlm", Onevision, true), Does.StartWith("adapted: the mean over all queries").And.Contains("pooled"));
        Assert.That(On("hiprune", Llava("siglip_vision_model"), false), Is.Empty);
        Assert.That(On("visionzip", Llava("clip_vision_model"), false), Does.Contain("behind the projector"));
        Assert.That(On("cdpruner", Llava("clip_vision_model"), false), Does.Contain("CLIP"));
        Assert.That(On("fastv", Onevision, true), Is.Empty);
    }

    [Test]
    public void SignalsAreThoseOfTheLayerThatIsAsked()
    {
        using var scope = NewDisposeScope();
        using var model = (LlavaFamily)MultimodalModel.Create(Onevision, 3, trainable: false);
        var pixels = Pixels(2);
        int asked = 0;
        using var tower = new TowerSignals(model, () => (++asked, pixels).pixels, true);
        Assert.That(asked, Is.Zero, "nothing runs before a method asks");
        var look = model.Tower.Look(pixels, 4, [2]);
        Assert.That(tower.Queries(-2).Values(), Is.EqualTo(look.Queries(2).Values()));
        Assert.That(tower.Keys(2).Values(), Is.EqualTo(look.Keys(2).Values()));
        Assert.That(asked, Is.EqualTo(1), "what is known is kept");
        Assert.That(() => tower.Keys(4), Throws.InstanceOf<ArgumentOutOfRangeException>());
        Assert.That(tower.Pool(ones(2, 36, 3)).shape, Is.EqualTo((long[])[2, 9, 3]));
    }

    [Test]
    public void AMethodThatAsksTheTowerNeedsOne()
    {
        using var scope = NewDisposeScope();
        var method = Tests.Hosts.Make("fastervlm", Tests.Hosts.Small());
        Assert.That(
            () => method.Merger.Merge(new MergeInput { Features = ones(1, 9, 4), SampleId = "a" }),
            Throws.ArgumentException.With.Message.Contains("vision tower"));
    }
}
