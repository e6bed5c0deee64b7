using Aim.Experiments.Training;

namespace Aim.Experiments.Tests.Training;

public class EvaluationRecordTests
{
    [Test]
    public void ProportionsCarryWilsonIntervals()
    {
        var p = Proportion.Of(270, 300);
        Assert.That(p.Accuracy, Is.EqualTo(0.9));
        Assert.That((p.Low, p.High), Is.EqualTo((0.860834, 0.929052)).Using<(double, double)>(
            (a, b) => Math.Abs(a.Item1 - b.Item1) < 1e-5 && Math.Abs(a.Item2 - b.Item2) < 1e-5));
        Assert.That(Proportion.Of(0, 10).Low, Is.Zero);
        Assert.That(Proportion.Of(10, 10).High, Is.EqualTo(1));
    }

    [TestCase(0.70, 0.39, 0.38, 0.45, true, true)]
    [TestCase(0.70, 0.41, 0.20, 0.45, true, false, Description = "blank frames too good")]
    [TestCase(0.70, 0.20, 0.41, 0.45, true, false, Description = "text alone too good")]
    [TestCase(0.70, 0.20, 0.20, 0.55, true, false, Description = "order kind that does not need order")]
    [TestCase(0.70, 0.20, 0.20, 0.70, false, true, Description = "no order kind")]
    public void AKindCountsByItsMargins(double full, double blank, double text, double shuffled, bool order, bool counts)
    {
        static Proportion P(double share) => Proportion.Of((int)Math.Round(share * 100), 100);
        var controls = new Dictionary<string,
            Proportion>
        { ["blank"] = P(blank), ["text"] = P(text), ["shuffled"] = P(shuffled) };
        Assert.That(EvaluationScores.Verdict(P(full), controls, order).Counts, Is.EqualTo(counts));
    }

    [Test]
    public void ARecordSurvivesItsFile()
    {
        var p = Proportion.Of(3, 4);
        var record = new EvaluationRecord
        {
            ModelSha256 = "00",
            Split = "test",
            Frames = 16,
            Kinds =
            [
                new KindEvaluation
                {
                    Kind = "first", Order = true, Counts = false, Reason = "none", Full = p,
                    Controls = new Dictionary<string, Proportion> { ["blank"] = p }, Horizon = [new HorizonPoint(1, p)],
                },
            ],
        };
        var path = Path.Combine(Path.GetTempPath(), Guid.NewGuid() + ".json");
        record.Save(path);
        var read = EvaluationRecord.Load(path);
        File.Delete(path);
        Assert.That(read.Kinds[0].Horizon[0].Result, Is.EqualTo(p));
        Assert.That(read.Kinds[0].Controls["blank"], Is.EqualTo(p));
    }
}
