namespace Aim.Reports.Records;

/// <summary>What the types cannot say: counts that must add up, fractions in [0, 1], ids that must exist once.</summary>
internal static class RunRecordValidation
{
    public static void Check(RunRecord record, string file)
    {
        var check = new Checker(file);
        check.That(record.Schema is >= RunRecord.OldestSchema and <= RunRecord.CurrentSchema, "schema",
            $"is {record.Schema}, but this build reads {RunRecord.OldestSchema} to {RunRecord.CurrentSchema}");
        check.That(record.Schema >= 2 || record.Exhibits.Count == 0, "exhibits", "need schema 2, but schema is 1");
        check.Hash(record.Definition.Sha256, "definition.sha256");
        check.Hash(record.Model.Sha256, "model.sha256");
        check.That(record.Model.Layers > 0, "model.layers", $"is {record.Model.Layers}, but should be positive");
        check.That(record.Model.Seeds > 0, "model.seeds", $"is {record.Model.Seeds}, but should be positive");

        check.That(record.Seeds.Count == 0 || record.Model.Seeds == record.Seeds.Count + 1, "model.seeds",
            $"is {record.Model.Seeds}, but seeds has {record.Seeds.Count} beside the model's own");
        for (var i = 0; i < record.Seeds.Count; i++)
        {
            var (seed, at) = (record.Seeds[i], $"seeds[{i}]");
            check.Hash(seed.Sha256, $"{at}.sha256");
            check.That(seed.Sha256 != record.Model.Sha256 && record.Seeds.Take(i).All(s => s.Sha256 != seed.Sha256),
                $"{at}.sha256",
                "is that of another seed's weights");
            check.Fraction(seed.Accuracy, $"{at}.accuracy");
            foreach (var cell in seed.Cells)
            {
                check.That(cell.Interval.Low <= cell.Difference && cell.Difference <= cell.Interval.High, $"{at}.cells",
                    $"'{cell.Id}' has its difference outside its interval");
                check.That(cell.Samples > 0 && cell.Flops is null or (> 0 and < double.PositiveInfinity), $"{at}.cells",
                    $"'{cell.Id}' should have samples, and FLOPs above 0 where it has any");
            }
        }

        var ids = new HashSet<string>(StringComparer.Ordinal);
        for (var i = 0; i < record.Cells.Count; i++)
        {
            var (cell, at) = (record.Cells[i], $"cells[{i}]");
            check.That(cell.Id.Length > 0 && ids.Add(cell.Id), $"{at}.id", $"'{cell.Id}' is empty or used twice");
            CheckScore(check, at, cell.Samples, cell.Correct, cell.Accuracy, cell.Wilson);
            CheckKinds(check, at, cell.Samples, cell.Correct, cell.ByKind);
            check.That(cell.TokensPerLayer.Count == record.Model.Layers, $"{at}.tokensPerLayer",
                $"has {cell.TokensPerLayer.Count} entries, but model.layers is {record.Model.Layers}");
            for (var l = 0; l < cell.TokensPerLayer.Count; l++)
                check.NonNegative(cell.TokensPerLayer[l], $"{at}.tokensPerLayer[{l}]");
            check.NonNegative(cell.FlopsPriced, $"{at}.flopsPriced");
            check.NonNegative(cell.FlopsHonest, $"{at}.flopsHonest");
            check.NonNegative(cell.FlopsExecutedMatmul, $"{at}.flopsExecutedMatmul");
            check.NonNegative(cell.Target ?? 0, $"{at}.target");
            check.NonNegative(cell.Achieved ?? 0, $"{at}.achieved");
            if (cell.Loyalty is { } loyalty)
                check.Fraction(loyalty, $"{at}.loyalty");
            if (cell.Paired is { } paired)
                CheckPaired(check, $"{at}.paired", paired);
            if (cell.Counted is { } counted)
                CheckCounted(check, $"{at}.counted", cell, counted, record.Kinds);
        }

        check.That(ids.Contains(record.Baseline), "baseline", $"'{record.Baseline}' is not the id of a cell");
        for (var i = 0; i < record.Cells.Count; i++)
        {
            var baseline = record.Cells[i].Baseline;
            check.That(baseline is null || ids.Contains(baseline), $"cells[{i}].baseline",
                $"'{baseline}' is not the id of a cell");
        }

        for (var i = 0; i < record.Controls.Count; i++)
        {
            var (control, at) = (record.Controls[i], $"controls[{i}]");
            CheckScore(check, at, control.Samples, control.Correct, control.Accuracy, null);
            CheckKinds(check, at, control.Samples, control.Correct, control.ByKind);
        }

        for (var i = 0; i < record.Horizon.Count; i++)
        {
            for (var p = 0; p < record.Horizon[i].Points.Count; p++)
            {
                var (point, at) = (record.Horizon[i].Points[p], $"horizon[{i}].points[{p}]");
                CheckScore(check, at, point.Samples, point.Correct, point.Accuracy, null);
            }
        }

        for (var i = 0; i < record.Verdicts.Count; i++)
        {
            var cell = record.Verdicts[i].Cell;
            check.That(cell is null || ids.Contains(cell), $"verdicts[{i}].cell", $"'{cell}' is not the id of a cell");
        }

        ExhibitValidation.Check(check, record.Exhibits);
    }

    public static void Check(Timings timings, string file)
    {
        var check = new Checker(file);
        check.That(timings.Schema == Timings.CurrentSchema, "schema",
            $"is {timings.Schema}, but this build reads {Timings.CurrentSchema}");
        check.NonNegative(timings.Machine.PeakGflops, "machine.peakGflops");
        check.NonNegative(timings.Machine.BandwidthGBs ?? 0, "machine.bandwidthGBs");
        check.NonNegative(timings.WallSeconds ?? 0, "wallSeconds");
        var ids = new HashSet<string>(StringComparer.Ordinal);
        for (var i = 0; i < timings.Cells.Count; i++)
        {
            var (cell, at) = (timings.Cells[i], $"cells[{i}]");
            check.That(ids.Add(cell.Id), $"{at}.id", $"'{cell.Id}' is used twice");
            CheckTime(check, $"{at}.vision", cell.Vision);
            CheckTime(check, $"{at}.merge", cell.Merge);
            CheckTime(check, $"{at}.prefill", cell.Prefill);
            CheckTime(check, $"{at}.overhead", cell.Overhead);
            CheckTime(check, $"{at}.decode", cell.Decode);
            check.NonNegative(cell.PredictedPrefill ?? 0, $"{at}.predictedPrefill");
        }
    }

    private static void CheckScore(Checker check, string at, int samples, int correct, double accuracy, IntervalRecord? wilson)
    {
        check.That(samples >= 0, $"{at}.samples", $"is {samples}, but should not be negative");
        check.That(correct >= 0 && correct <= samples, $"{at}.correct", $"is {correct}, but should lie in 0..{samples}");
        check.Fraction(accuracy, $"{at}.accuracy");
        var expected = samples == 0 ? 0 : (double)correct / samples;
        check.That(Math.Abs(accuracy - expected) < 1e-9, $"{at}.accuracy",
            FormattableString.Invariant($"is {accuracy}, but {correct} of {samples} is {expected}"));
        if (wilson is not null)
        {
            check.Fraction(wilson.Low, $"{at}.wilson.low");
            check.Fraction(wilson.High, $"{at}.wilson.high");
            check.That(wilson.Low <= wilson.High, $"{at}.wilson", "has its low end above its high end");
        }
    }

    private static void CheckKinds(Checker check, string at, int samples, int correct, IReadOnlyList<KindScoreRecord> kinds)
    {
        for (var k = 0; k < kinds.Count; k++)
            CheckScore(check, $"{at}.byKind[{k}]", kinds[k].Samples, kinds[k].Correct, kinds[k].Accuracy, kinds[k].Wilson);
        if (kinds.Count > 0)
        {
            check.That(kinds.Sum(k => k.Samples) == samples, $"{at}.byKind",
                $"has {kinds.Sum(k => k.Samples)} samples in all, but {at}.samples is {samples}");
            check.That(kinds.Sum(k => k.Correct) == correct, $"{at}.byKind",
                $"has {kinds.Sum(k => k.Correct)} correct in all, but {at}.correct is {correct}");
        }
    }

    private static void CheckCounted(Checker check, string at, CellRecord cell, CountedRecord counted,
        IReadOnlyList<KindRecord> kinds)
    {
        CheckScore(check, at, counted.Samples, counted.Correct, counted.Accuracy, counted.Wilson);
        var counting = kinds.Where(k => k.Counts).Select(k => k.Kind).ToHashSet(StringComparer.Ordinal);
        var samples = cell.ByKind.Where(k => counting.Contains(k.Kind)).Sum(k => k.Samples);
        var correct = cell.ByKind.Where(k => counting.Contains(k.Kind)).Sum(k => k.Correct);
        check.That(counted.Samples == samples && counted.Correct == correct, at,
            $"is {counted.Correct} of {counted.Samples}, but the kinds that count have {correct} of {samples}");
        if (counted.Loyalty is { } loyalty)
            check.Fraction(loyalty, $"{at}.loyalty");
        if (counted.Paired is { } paired)
            CheckPaired(check, $"{at}.paired", paired);
    }

    private static void CheckPaired(Checker check, string at, PairedRecord paired)
    {
        check.That(paired.Samples > 0, $"{at}.samples", $"is {paired.Samples}, but should be positive");
        check.That(paired.Wins >= 0 && paired.Losses >= 0 && paired.Wins + paired.Losses <= paired.Samples,
            $"{at}.wins", "and losses should not be negative, nor together exceed the samples");
        check.Finite(paired.Difference, $"{at}.difference");
        var expected = (double)(paired.Wins - paired.Losses) / paired.Samples;
        check.That(Math.Abs(paired.Difference - expected) < 1e-9, $"{at}.difference",
            FormattableString.Invariant($"is {paired.Difference}, but wins and losses give {expected}"));
        check.Finite(paired.Interval.Low, $"{at}.interval.low");
        check.Finite(paired.Interval.High, $"{at}.interval.high");
        check.Fraction(paired.McNemarP, $"{at}.mcNemarP");
        check.Fraction(paired.TP ?? 0, $"{at}.tP");
        check.Fraction(paired.HolmP ?? 0, $"{at}.holmP");
        check.That(paired.HolmP is not { } holm || holm >= paired.McNemarP, $"{at}.holmP",
            "is below mcNemarP, which it corrects upwards");
    }

    private static void CheckTime(Checker check, string at, TimeRecord? time)
    {
        if (time is null)
            return;
        check.NonNegative(time.Low, $"{at}.low");
        check.Finite(time.High, $"{at}.high");
        check.That(time.Low <= time.Median && time.Median <= time.High, $"{at}.median", "should lie between low and high");
        check.That(time.Repeats > 0, $"{at}.repeats", $"is {time.Repeats}, but should be positive");
    }
}
