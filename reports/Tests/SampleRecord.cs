using Aim.Reports.Records;

namespace Aim.Reports.Tests;

/// <summary>
/// A record with every part filled, its figures made up by formulas: for tests of the file format and of the page only.
/// </summary>
internal static class SampleRecord
{
    private const int Layers = 12;
    private static readonly string[] KindNames = ["first", "last", "is-there", "after", "letter", "code-book"];
    private static readonly (string Exact, string Printed, double Share)[] Retentions =
    [
        ("1", "100%", 1), ("1/2", "50%", 0.5), ("1/4", "25%", 0.25), ("1/8", "12.5%", 0.125),
        ("1/16", "6.3%", 1 / 16d), ("1/32", "3.1%", 1 / 32d), ("1/64", "1.6%", 1 / 64d),
    ];

    public static string Hash(char c) => new(c, 64);

    public static RunRecord Create()
    {
        ScheduleRecord?[] schedules = [null, new("default", 6, 9), new("searched", 8, 12)];
        var cells = new List<CellRecord> { Cell("none", "1", "100%", 1, null) };
        foreach (var method in (string[])["aim", "random", "downsample"])
        {
            foreach (var schedule in schedules)
                cells.AddRange(Retentions.Where(r => r.Exact != "1"
                    || schedule is not null).Select(r => Cell(method, r.Exact, r.Printed, r.Share, schedule)));
        }

        return new RunRecord
        {
            Schema = RunRecord.CurrentSchema,
            Definition = new DefinitionRecord
            {
                Name = "tradeoff-video",
                Question = "How much accuracy does a given saving of FLOPs cost, and is it the method that keeps it? Each "
                    + "retention runs with and without pruning; random selection at the same counts and downsampled frames at "
                    + "the same FLOPs say what any way of dropping tokens would have kept.",
                Title = "What merging and pruning visual tokens cost in accuracy and save in FLOPs",
                Version = 1,
                Sha256 = Hash('d'),
                Yaml = "schema: 1\nname: tradeoff-video\n# retention & pruning, 1 < 2\nmodel: "
                    + "datasets/lab/models/lab-video\nretention: [1, 1/2, 1/4]\nmargin-points: -2\n",
            },
            Code = new CodeRecord
            {
                Engine = "Managed",
                InstructionSet = "avx512",
                Commit = "0123456789abcdef0123456789abcdef01234567",
                Dirty = false,
                Assemblies = [new HashRecord("Aim.Tensors", Hash('1')), new HashRecord("Aim.Models", Hash('2')),
                    new HashRecord("Aim.Reduction", Hash('3'))],
            },
            Model = new ModelRecord
            {
                Name = "lab-video",
                Path = "datasets/lab/models/lab-video",
                Sha256 = Hash('a'),
                Parameters = 3_412_096,
                Layers = Layers,
                TokensPerFrame = 36,
            },
            Data = new DataRecord
            {
                Name = "lab",
                Version = "1",
                Split = "test",
                Samples = 1000,
                Frames = 32,
                Hashes = [new HashRecord("samples", Hash('b'))]
            },
            Baseline = "none-1",
            Cells = cells,
            Controls =
            [
                Control("blank", 0.22), Control("text", 0.24), Control("one-frame", 0.41), Control("shuffled", 0.55),
                    Control("majority", 0.25),
            ],
            Kinds = KindNames.Select((k, i) => new KindRecord(
                k, $"what is {k}", i < 5, i < 5 ? "beats blank frames by 48 points"
                    : "beats blank frames by 12 points only")).ToList(),
            Horizon = KindNames.Select((k, i) => new HorizonRecord(k, Enumerable.Range(0, Layers + 1)
                .Select(l => Point(l, 300, 0.24 + 0.6 / (1 + Math.Exp(5 + i - l)))).ToList())).ToList(),
            Verdicts =
            [
                new VerdictRecord
                {
                    Claim = "AIM holds at 25% with pruning, searched schedule (8, 12)", Outcome = Outcome.Holds,
                    Rule = "the lower 95 % bound of the paired difference is above -2 points",
                    Detail = "-0.4 points, 95 % interval -1.6 to 0.8, 1,000 samples", Cell = "aim-1/4-searched",
                },
                new VerdictRecord
                {
                    Claim = "AIM holds at 25% with pruning, default schedule (6, 9)", Outcome = Outcome.DoesNotHold,
                    Rule = "the lower 95 % bound of the paired difference is above -2 points",
                    Detail = "-18.2 points, 95 % interval -21.0 to -15.4, 1,000 samples", Cell = "aim-1/4-default",
                },
                new VerdictRecord
                {
                    Claim = "AIM beats random selection at equal FLOPs", Outcome = Outcome.NotDecided,
                    Rule = "the lower 95 % bound of the paired difference is above 0", Detail = "limited run",
                },
            ],
            CostChecks =
            [
                new CostCheckRecord { Setting = "LLaVA-OneVision-7B, 32 frames, unreduced", Teraflops = 99.6270,
                    Milliseconds = 439.5782, PaperTeraflops = "99.63", PaperMilliseconds = "439.58" },
                new CostCheckRecord
                {
                    Setting = "25% + (14, 22)", Teraflops = 14.7566, Milliseconds = 55.0284, PaperTeraflops = "14.76",
                        PaperMilliseconds = "55.03",
                    HonestTeraflops = 15.5277, HonestMilliseconds = 57.6836,
                },
            ],
            Exhibits = SampleExhibits.All,
        };
    }

    public static Timings CreateTimings(RunRecord record) => new()
    {
        Schema = Timings.CurrentSchema,
        Machine = new MachineRecord
        {
            Cpu = "Test CPU & friends @ 2.0 GHz",
            InstructionSet = "avx512",
            Cores = 2,
            Threads = 2,
            PeakGflops = 401.5,
            BandwidthGBs = 21.25,
            MemoryBytes = 16L << 30,
            Os = "Debian GNU/Linux 12",
            Runtime = "10.0.0",
        },
        Started = "2026-11-20T12:00:00Z",
        WallSeconds = 512.25,
        Cells = record.Cells.Where(c => c.Method is "none" or "aim").Select(c => new CellTimings
        {
            Id = c.Id,
            Vision = Time(0.041),
            Merge = c.Method == "none" ? null : Time(0.0012),
            Prefill = Time(c.FlopsHonest / 1.6e11),
            Overhead = c.Schedule is null ? null : Time(0.0021),
            Decode = Time(0.004),
            PredictedPrefill = c.FlopsHonest / 2e11,
        }).ToList(),
    };

    private static TimeRecord Time(double median) => new(median, median * 0.95, median * 1.1, 9);

    private static CellRecord Cell(string method, string exact, string printed, double share, ScheduleRecord? schedule)
    {
        var headline = exact == "1/4" && schedule is not null;
        var samples = headline || method == "none" ? 1000 : 300;
        var visual = Math.Ceiling(1152 * share);
        var tokens = Enumerable.Range(0, Layers).Select(l => Math.Floor(20 + visual * Keep(schedule, l))).ToList();
        var flops = Flops(tokens);
        var target = flops;
        if (method == "downsample")
        {
            var side = Enumerable.Range(1, 6).Reverse().First(g => g == 1
                || Flops(Enumerable.Repeat(20d + 32 * g * g, Layers)) <= target);
            tokens = Enumerable.Repeat(20d + 32 * side * side, Layers).ToList();
            flops = Flops(tokens);
            share = side * side / 36d;
        }

        var loss = 0.22 * Math.Pow(Math.Log2(1 / share) / 6, 2)
            + (method == "downsample" || schedule is null ? 0 : schedule.Name == "default" ? 0.14 : 0.01)
            + method switch { "random" => 0.04, "downsample" => 0.09, _ => 0 };
        var kinds = KindNames.Select((k, i) => Score(k, samples / KindNames.Length + (i < samples % KindNames.Length ? 1 : 0),
            Math.Max(0.2, 0.86 - 0.03 * i - loss))).ToList();
        var correct = kinds.Sum(k => k.Correct);
        var losses = (int)(samples * (loss + 0.01));
        var wins = losses / 3;
        var se = Math.Sqrt(losses + wins) / samples;
        var difference = (double)(wins - losses) / samples;
        return new CellRecord
        {
            Id = $"{method}-{exact}" + (schedule is null ? "" : "-" + schedule.Name),
            Method = method,
            Headline = headline || method == "none",
            Retention = exact,
            RetentionPrinted = printed,
            Schedule = schedule,
            Frames = 32,
            Samples = samples,
            Correct = correct,
            Accuracy = (double)correct / samples,
            Wilson = Interval((double)correct / samples, samples),
            ByKind = kinds,
            Paired = method == "none" ? null : new PairedRecord
            {
                Samples = samples,
                Difference = difference,
                Interval = new IntervalRecord(difference - 1.97 * se, difference + 1.97 * se),
                TP = 0.0123,
                McNemarP = 0.0177,
                Wins = wins,
                Losses = losses,
            },
            Loyalty = method == "none" ? null : 1 - loss - 0.02,
            Counted = Counted(kinds, method),
            TokensPerLayer = tokens,
            FlopsPriced = flops * 0.97,
            FlopsHonest = flops,
            FlopsExecutedMatmul = flops * 0.94,
            Target = method == "downsample" ? target * 0.95 : null,
            Achieved = method == "downsample" ? flops * 0.94 / (target * 0.95) : null,
        };
    }

    /// <summary>The record beside two other seeds': one that lacks the last of AIM, and one from before FLOPs were kept.</summary>
    public static RunRecord WithSeeds(RunRecord record)
    {
        SeedCellRecord[] cells =
        [
            .. record.Cells.Where(c => c.Paired is not null).Select(c =>
                new SeedCellRecord(c.Id, 900, -0.05, new IntervalRecord(-0.07, -0.03), c.FlopsHonest * 1.1)),
        ];
        string last = record.Cells.Last(c => c.Method == "aim").Id;
        SeedRecord Of(ulong? seed, char hash, IReadOnlyList<SeedCellRecord> its) =>
            new() { Seed = seed, Sha256 = Hash(hash), Samples = 900, Accuracy = 0.8, Cells = its };
        return record with
        {
            Model = record.Model with { Seed = 1, Seeds = 3 },
            Seeds = [Of(2, '8', [.. cells.Where(c => c.Id != last)]), Of(null, '9', [.. cells.Select(c => c with { Flops = null })])],
        };
    }

    private static CountedRecord Counted(IReadOnlyList<KindScoreRecord> kinds, string method)
    {
        var (samples, correct) = (kinds.Take(5).Sum(k => k.Samples), kinds.Take(5).Sum(k => k.Correct));
        var difference = (double)(10 - 20) / samples;
        return new CountedRecord
        {
            Samples = samples,
            Correct = correct,
            Accuracy = (double)correct / samples,
            Wilson = Interval((double)correct / samples, samples),
            Loyalty = method == "none" ? null : 0.93,
            Paired = method == "none" ? null : new PairedRecord
            {
                Samples = samples,
                Difference = difference,
                Interval = new IntervalRecord(difference - 0.012, difference + 0.012),
                TP = 0.0123,
                McNemarP = 0.0177,
                Wins = 10,
                Losses = 20,
            },
        };
    }

    private static double Flops(IEnumerable<double> tokens) => tokens.Sum(n => 2 * n * 250_000 + 4 * 128 * n * n);

    private static double Keep(ScheduleRecord? s, int layer) =>
        s is null || layer <= s.L1 ? 1 : Math.Max(0, 1 - (double)(layer - s.L1) / (s.L2 - s.L1));

    private static KindScoreRecord Score(string kind, int samples, double accuracy)
    {
        var correct = (int)(samples * accuracy);
        return new KindScoreRecord(kind, samples, correct, (double)correct / samples,
            Interval((double)correct / samples, samples));
    }

    private static HorizonPoint Point(int layer, int samples, double accuracy)
    {
        var correct = (int)(samples * accuracy);
        return new HorizonPoint(layer, samples, correct, (double)correct / samples);
    }

    private static ControlRecord Control(string name, double accuracy)
    {
        var kinds = KindNames.Select((k, i) => Score(k, 300, Math.Clamp(accuracy + 0.05 * (i - 2), 0, 1))).ToList();
        var correct = kinds.Sum(k => k.Correct);
        return new ControlRecord(name, 1800, correct, correct / 1800d, kinds);
    }

    private static IntervalRecord Interval(double p, int n)
    {
        var half = 1.96 * Math.Sqrt(p * (1 - p) / n + 1e-6);
        return new IntervalRecord(Math.Max(0, p - half), Math.Min(1, p + half));
    }
}
