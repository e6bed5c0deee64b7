namespace Aim.Cost.Tests;

/// <summary>
/// The paper's tables as typed rows: every printed figure, the honest and streamed costs beside it, the steps between.
/// </summary>
public class PaperTablesTests
{
    private static readonly IReadOnlyList<CostTable> All = CostTables.All();

    // Table, setting, unit of every figure that no setting reproduces. Everything else must be exact.
    private static readonly string[] NotReproducible =
    [
        "table1, VTW, vision in 6 layers: 101.93 ms",
        "table1, PDrop: 24.22 TB",
        "table1, PDrop: 104.88 ms",
        "table3, PDrop: 2.36 TB",
        "table3, PDrop: 13.31 ms",
        "table3, LLaVA-PruMerge+, 144 tokens: 2.41 TB",
        "tableC, Qwen2-VL-7B + AIM: 36.76 ms",
        "tableD, token merging: 83.93 ms",
    ];

    private static IEnumerable<TestCaseData> Figures() =>
        from table in All
        from row in table.Rows
        from figure in new (string Unit, CostFigure? Value)[] { (table.FlopsUnit, row.Flops), ("ms", row.Milliseconds) }
        where figure.Value is not null
        let name = $"{table.Id}, {row.Setting}: {figure.Value.Printed} {figure.Unit}"
        select new TestCaseData(name, figure.Value).SetName($"{{m}}({name.Replace('.', ',')})");

    [TestCaseSource(nameof(Figures))]
    public void Printed_figure_comes_out(string name, CostFigure figure)
    {
        if (NotReproducible.Contains(name))
        {
            Assert.That(figure.Status, Is.EqualTo(FigureStatus.NotReproducible));
            Assert.That(figure.Reason, Is.Not.Empty);
        }
        else
        {
            Assert.That((figure.Status, figure.Rounded), Is.EqualTo((FigureStatus.Exact, figure.Printed)), $"{figure.Computed}");
            Assert.That(figure.Reason, Is.Null);
            Assert.That(figure.Difference, Is.Zero);
        }
    }

    [Test]
    public void Tally_counts_and_lists()
    {
        var tally = CostTally.Of(All);

        Assert.That((tally.Figures, tally.Exact, tally.NotCompared), Is.EqualTo((122, 114, 0)));
        Assert.That(tally.Different, Is.Empty);
        Assert.That(tally.NotReproducible.Select(w => w.Split(", computed")[0].Split(" (")[0]), Is.EqualTo(NotReproducible));
    }

    /// <summary>The figures that the paper prints, so that a slip of the keyboard in the rows cannot go unseen.</summary>
    [TestCase("table1", "381.09/2186.04 99.63/439.58 22.38/101.93 24.22/104.88 21.24/79.56 23.65/86.89 14.76/55.03")]
    [TestCase("table2", "99.63/439.58 14.76/55.03 99.27/471.20")]
    [TestCase("table3", "6.44/22.51 8.18/29.30 2.43/13.88 2.36/13.31 2.58/10.34 2.41/9.73 2.22/10.92 "
        + "1.24/10.66 1.12/9.56 1.04/8.99 1.00/8.98")]
    [TestCase("table4", "99.63/439.58 46.48/182.65 22.90/83.94 11.64/41.22 6.41/22.54 3.85/13.68 2.57/10.15")]
    [TestCase("table5", "22.90/83.94 20.15/73.61 17.41/63.34 14.66/53.08 17.50/65.35 "
        + "14.76/55.03 12.01/44.75 12.10/46.77 9.36/36.44 6.71/28.18")]
    [TestCase("table7", "88.25/ 4.18/ 92.43/ 14757/ 0.23/ 0.03/ 0.26/ 1003/")]
    [TestCase("table8", "99.63/439.58 46.48/182.65 14.76/55.03 11.14/39.41 6.17/21.69 3.72/13.26 2.51/10.12")]
    [TestCase("tableC", "99.63/439.58 21.24/79.56 14.76/55.03 61.90/252.88 14.07/51.11 9.96/36.76")]
    [TestCase("tableD", "22.90/83.93 22.90/79.10 14.76/55.03")]
    [TestCase("tableE", "23.65/86.89 22.06/84.36 14.76/55.03")]
    public void Tables_hold_what_the_paper_prints(string table, string printed) => Assert.That(
        string.Join(' ', CostTables.Get(table).Rows.Select(r => $"{r.Flops.Printed}/{r.Milliseconds?.Printed}")),
        Is.EqualTo(printed));

    [TestCase("table1", "LLaVA-OneVision-7B, 32 frames", "327.3837")]
    [TestCase("table4", "25%", "76.0236")]
    [TestCase("tableD", "token merging & FlashAttention", "76.0236")]
    public void Streamed_cost_writes_the_output_once(string table, string setting, string time) =>
        PaperFiguresTests.AssertPrinted(Row(table, setting).Streamed!.Milliseconds!.Value, time);

    // without the quirks named, in turn: what the method's formula and code really do
    [TestCase("table1", "AIM, 25% + (14, 22)", Quirk.OneLayerEarly, "15.5277", "57.6836")]
    [TestCase("table1", "AIM, 25% + (14, 22)", Quirk.NoNewline, "15.5354", "57.7139")]
    [TestCase("table3", "AIM, 252 tokens + (13, 21)", Quirk.OneLayerEarly, "2.3264", "11.0676")]
    [TestCase("table3", "AIM, 72 tokens + (13, 21)", Quirk.OneLayerEarly, "1.0323", "8.9925")]
    [TestCase("table2", "AIM, 192 frames, 25% + (14, 22)", Quirk.OneLayerEarly, "104.97", "498.56")]
    [TestCase("table4", "12.5%", Quirk.CountsRoundedDown, "12.08", "42.83")]
    [TestCase("table4", "6.3%", Quirk.CountsRoundedDown, "6.84", "24.05")]
    [TestCase("table4", "3.1%", Quirk.CountsRoundedDown, "4.27", "15.13")]
    [TestCase("table4", "1.6%", Quirk.CountsRoundedDown, "3.00", "10.80")]
    [TestCase("table5", "4: (7, 29)", Quirk.RoundedSlope, "14.6682", "53.1111")]
    [TestCase("table8", "12.5% + (14, 22)", Quirk.SlopeTypo, "7.75", "28.71")]
    [TestCase("table8", "6.3% + (14, 22)", Quirk.SlopeTypo, "4.50", "17.22")]
    [TestCase("table8", "3.1% + (14, 22)", Quirk.SlopeTypo, "2.89", "11.89")]
    [TestCase("table8", "1.6% + (14, 22)", Quirk.SlopeTypo, "2.10", "9.94")]
    [TestCase("tableD", "token merging & FlashAttention", Quirk.FlashWritesScores, "22.91", "76.07")]
    public void Steps_take_the_quirks_off(string table, string setting, Quirk quirk, string flops, string time)
    {
        var price = Row(table, setting).Steps.Single(s => s.Without == quirk).Price;

        PaperFiguresTests.AssertPrinted(price.Flops, flops);
        PaperFiguresTests.AssertPrinted(price.Milliseconds!.Value, time);
    }

    [Test]
    public void Steps_pass_by_the_honest_cost_and_end_without_a_quirk()
    {
        foreach (var row in All.SelectMany(t => t.Rows).Where(r => r.Steps.Count > 0))
        {
            var kept = row.Steps.Count(s => Quirks.KeptInHonest.HasFlag(s.Without));
            Assert.That(row.Steps[^(kept + 1)].Price, Is.EqualTo(row.Honest), row.Setting);
            Assert.That(row.Steps.Aggregate(row.Quirks, (q, s) => q & ~s.Without) & ~Quirk.RoundedTwice, Is.EqualTo(Quirk.None));
        }
    }

    [Test]
    public void Honest_cost_of_the_default_row()
    {
        var honest = Row("table1", "AIM, 25% + (14, 22)").Honest!;

        // the newline token, one layer later, and another half of the output head's 3584 x 152064
        PaperFiguresTests.AssertPrinted(honest.Flops, "15.5360");
        PaperFiguresTests.AssertPrinted(honest.Milliseconds!.Value, "57.7139");
    }

    [Test]
    public void Qwen_vl_is_honestly_priced_with_half_of_its_intermediate_size()
    {
        var row = Row("table3", "Qwen-VL-Chat-7B");
        var shape = ModelShape.Vicuna_7B with { Vocabulary = 151936 };
        var half = CostModel.Prefill(
            shape, TokenSchedule.Flat(32, 296), Hardware.A100_40GB, new CostOptions { HeadFlopsPerMac = 2 });

        Assert.That(row.Honest!.Flops, Is.EqualTo(half.Teraflops));
        Assert.That(row.Quirks.HasFlag(Quirk.UnhalvedIntermediate));
    }

    [Test]
    public void Overhead_is_a_frames_and_not_all_frames()
    {
        PaperFiguresTests.AssertPrinted(Row("table7", "video: token merging").Computed!.Flops, "88.2520");
        PaperFiguresTests.AssertPrinted(Row("table7", "video: token merging").Honest!.Flops, "2.89");
        PaperFiguresTests.AssertPrinted(Row("table7", "image: token merging").Computed!.Flops, "0.22708");
        PaperFiguresTests.AssertPrinted(Row("table7", "image: token pruning").Computed!.Flops, "0.028327");
        PaperFiguresTests.AssertPrinted(Row("table7", "image: total").Computed!.Flops, "0.25541");
        Assert.That(Row("table7", "video: LLM inference").Note, Does.Contain("0.63%"));
        Assert.That(Row("table7", "image: LLM inference").Note, Does.Contain("0.03%"));
    }

    [Test]
    public void Ratios_of_the_abstract_come_out()
    {
        var full = Row("table1", "LLaVA-OneVision-7B, 32 frames").Computed!;
        var ours = Row("table1", "AIM, 25% + (14, 22)").Computed!;
        var (image, few) = (Row("table3", "LLaVA-1.5-7B").Computed!, Row("table3", "AIM, 252 tokens + (13, 21)").Computed!);

        PaperFiguresTests.AssertPrinted(full.Flops / ours.Flops, "6.75");
        PaperFiguresTests.AssertPrinted(full.Milliseconds!.Value / ours.Milliseconds!.Value, "7.99");
        PaperFiguresTests.AssertPrinted(image.Flops / few.Flops, "3.7");
        PaperFiguresTests.AssertPrinted(image.Milliseconds!.Value / few.Milliseconds!.Value, "2.7");
        PaperFiguresTests.AssertPrinted(100 * ours.Flops / full.Flops, "14.8");
        PaperFiguresTests.AssertPrinted(100 * Row("table8", "1.6% + (14, 22)").Computed!.Flops / full.Flops, "2.5");
    }

    [Test]
    public void What_is_priced_otherwise_is_not_compared()
    {
        var elsewhere = CostTally.Of([CostTables.Get("table2", new TablePricing { Hardware = Hardware.H100 })]);
        var later = CostTables.Get("table2", new TablePricing { Without = Quirk.OneLayerEarly });

        Assert.That(
            (elsewhere.Figures, elsewhere.Exact, elsewhere.NotCompared), Is.EqualTo((3, 3, 3)),
            "FLOPs do not depend on hardware");
        Assert.That(later.Rows.Select(r => r.Flops.Status), Is.EqualTo((FigureStatus[])
            [FigureStatus.Exact, FigureStatus.NotCompared, FigureStatus.NotCompared]));
        PaperFiguresTests.AssertPrinted(later.Rows[1].Flops.Computed!.Value, "15.5277");
        Assert.That(later.Rows[1].Flops.Difference, Is.Null);
    }

    /// <summary>Whatever is left out, no figure is called different: either the row has the quirk, or nothing changed.</summary>
    [Test]
    public void Leaving_out_any_quirk_leaves_no_figure_different()
    {
        foreach (var (quirk, name, _) in Quirks.All)
        {
            var tally = CostTally.Of(CostTables.All(new TablePricing { Without = quirk }));
            Assert.That(tally.Different, Is.Empty, name);
            Assert.That(tally.NotCompared, Is.Positive, name);
            Assert.That(tally.Figures + tally.NotCompared, Is.EqualTo(122), name);
        }
    }

    [Test]
    public void An_unknown_table_is_named() =>
        Assert.That(
            () => CostTables.Get("table6"),
            Throws.ArgumentException.With.Message.Contains("'table6'").And.Message.Contains("tableE"));

    private static CostRow Row(string table, string setting) => CostTables.Get(table).Rows.Single(r => r.Setting == setting);
}
