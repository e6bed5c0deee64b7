using Aim.Experiments.Exhibits;
using Aim.Experiments.Planning;
using Aim.Experiments.Running;
using Aim.Reports.Records;

namespace Aim.Notebook;

/// <summary>What one setting came to: a row to filter, sort and draw. Shares are in [0, 1].</summary>
/// <param name="Cell">The setting's name: <c>aim 1/4 default</c>.</param>
/// <param name="Method">The method.</param>
/// <param name="Retention">Share of the visual tokens that merging keeps; 1 where the method has no such knob.</param>
/// <param name="Schedule">The pruning schedule: <c>default (6, 9)</c>; empty where nothing is pruned by one.</param>
/// <param name="Frames">Frames of a clip.</param>
/// <param name="Samples">Questions that the figures rest on: those of kinds that count, where the run knows which do.</param>
/// <param name="Accuracy">Share of them that were answered right.</param>
/// <param name="Low">Lower end of its 95 % interval (Wilson).</param>
/// <param name="High">Upper end.</param>
/// <param name="Difference">Accuracy less the unreduced model's on the same questions; null for the unreduced model.</param>
/// <param name="DifferenceLow">Lower end of its 95 % interval (paired t).</param>
/// <param name="DifferenceHigh">Upper end.</param>
/// <param name="P">Exact McNemar's p of that difference.</param>
/// <param name="Loyalty">Share of answers that equal the unreduced model's, right or wrong.</param>
/// <param name="Tokens">Tokens that a layer processes, on average.</param>
/// <param name="Gflops">1e9 FLOPs of one prefill, counted in the kernels while it ran.</param>
/// <param name="TimesFewer">How many times fewer that is than the unreduced model's on the same questions.</param>
public sealed record CellResult(
    string Cell, string Method, double Retention, string Schedule, int Frames, int Samples, double Accuracy, double Low,
    double High, double? Difference, double? DifferenceLow, double? DifferenceHigh, double? P, double? Loyalty, double Tokens,
    double Gflops, double TimesFewer)
{
    internal static CellResult Of(RunRecord run, CellRecord cell)
    {
        var (samples, accuracy, wilson, paired, loyalty) = cell.Counted is { } counted
            ? (counted.Samples, counted.Accuracy, counted.Wilson, counted.Paired, counted.Loyalty)
            : (cell.Samples, cell.Accuracy, cell.Wilson, cell.Paired, cell.Loyalty);
        var unreduced = run.Cells.First(c => c.Id == (cell.Baseline ?? run.Baseline));
        double[] parts = [.. cell.Retention.Split('/')
            .Select(p => double.Parse(p, System.Globalization.CultureInfo.InvariantCulture))];
        return new CellResult(
            cell.Id, cell.Method, parts.Length == 2 ? parts[0] / parts[1] : parts[0],
            cell.Schedule is { } s ? $"{s.Name} ({s.L1}, {s.L2})" : "", cell.Frames, samples, accuracy, wilson.Low, wilson.High,
            paired?.Difference, paired?.Interval.Low, paired?.Interval.High, paired?.McNemarP, loyalty, cell.MeanTokens,
            cell.FlopsExecutedMatmul / 1e9, unreduced.FlopsExecutedMatmul / cell.FlopsExecutedMatmul);
    }
}

/// <summary>What one setting came to on one kind of question.</summary>
/// <param name="Cell">The setting's name.</param>
/// <param name="Kind">The kind of question.</param>
/// <param name="Counts">Whether the kind counts: this model's answers to it need its vision.</param>
/// <param name="Samples">Questions of it.</param>
/// <param name="Accuracy">Share of them that were answered right.</param>
/// <param name="Low">Lower end of its 95 % interval (Wilson).</param>
/// <param name="High">Upper end.</param>
public sealed record KindResult(string Cell, string Kind, bool Counts, int Samples, double Accuracy, double Low, double High)
{
    internal static KindResult Of(RunRecord run, CellRecord cell, KindScoreRecord kind) => new(
        cell.Id, kind.Kind, run.Kinds.All(k => k.Kind != kind.Kind || k.Counts), kind.Samples, kind.Accuracy, kind.Wilson.Low,
        kind.Wilson.High);
}

/// <summary>One answer.</summary>
/// <param name="Cell">The setting's name.</param>
/// <param name="Index">The question's place in its test set.</param>
/// <param name="Sample">Its name.</param>
/// <param name="Kind">Its kind.</param>
/// <param name="Question">What was asked.</param>
/// <param name="Expected">The right answer.</param>
/// <param name="Answer">The one that was given.</param>
/// <param name="Right">Whether it is right.</param>
/// <param name="Gflops">1e9 FLOPs of its prefill, counted in the kernels.</param>
public sealed record AnswerResult(
    string Cell, int Index, string Sample, string Kind, string Question, string Expected, string Answer,
    bool Right, double Gflops)
{
    internal static AnswerResult Of(PlannedCell cell, int index, SampleResult line)
    {
        var sample = cell.Set.Samples[index];
        return new AnswerResult(
            cell.Id, index, sample.Id, sample.Kind, sample.Question, sample.Answer, line.Answer, sample.IsRight(line.Answer),
            line.Flops / 1e9);
    }
}

/// <summary>
/// One layer's attention to visual tokens while one question was read, averaged over heads. Shares are in [0, 1].
/// </summary>
/// <param name="Cell">The setting's name.</param>
/// <param name="Index">The question's place in its test set.</param>
/// <param name="Kind">Its kind.</param>
/// <param name="Layer">The layer, from 0.</param>
/// <param name="LastToken">Share that the prompt's last token pays to them, from which the answer comes.</param>
/// <param name="Text">The same of the text tokens behind them, on average.</param>
/// <param name="Even">What it would be if attention were spread evenly.</param>
public sealed record AttentionResult(
    string Cell, int Index, string Kind, int Layer, double LastToken, double Text, double Even)
{
    internal static IEnumerable<AttentionResult> Of(PlannedCell cell, int index, AttentionRecording line) =>
        line.Last.Select((last, layer) => new AttentionResult(
            cell.Id, index, cell.Set.Samples[index].Kind, layer, last, line.Text[layer], line.Even[layer]));
}

/// <summary>Merges of one kind in one step, of one question's clip.</summary>
/// <param name="Cell">The setting's name.</param>
/// <param name="Index">The question's place in its test set.</param>
/// <param name="Step">The merging step, from 1.</param>
/// <param name="Kind">What merged, in words: <c>two different objects</c>.</param>
/// <param name="Merges">How many did.</param>
/// <param name="ByChance">How many would, had each source gone to a destination drawn evenly from its frame.</param>
public sealed record MergeCount(string Cell, int Index, int Step, string Kind, int Merges, double ByChance)
{
    internal static IEnumerable<MergeCount> Of(PlannedCell cell, int index, MergesRecording line) =>
        from step in Enumerable.Range(0, line.Observed.Count)
        from kind in TokenExhibits.Kinds
        select new MergeCount(
            cell.Id, index, step + 1, kind.Name, line.Observed[step][(int)kind.Kind], line.Expected[step][(int)kind.Kind]);
}

/// <summary>A setting before it runs.</summary>
/// <param name="Cell">Its name.</param>
/// <param name="Samples">Questions that it will be asked.</param>
/// <param name="Settings">The method's settings, all of them; what a cost was matched by is among them.</param>
/// <param name="TokensByLayer">Tokens that each layer will process for the first question.</param>
/// <param name="Gflops">1e9 FLOPs that a prefill will execute, on average.</param>
/// <param name="TimesFewer">How many times fewer that is than the unreduced model's.</param>
public sealed record PlannedResult(
    string Cell, int Samples, string Settings, IReadOnlyList<int> TokensByLayer, double Gflops, double TimesFewer)
{
    internal static PlannedResult Of(Plan plan, PlannedCell cell)
    {
        double Executed(PlannedCell c) => c.Mean(prompt => c.Executed(prompt));
        double flops = Executed(cell);
        return new PlannedResult(
            cell.Id, cell.Cell.Samples, cell.Method.Settings.Canonical, cell.Tokens(cell.Set.Prompts[0]), flops / 1e9,
            Executed(plan.BaselineOf(cell)) / flops);
    }
}

/// <summary>Something that a run shows beside its cells.</summary>
/// <param name="Name">Its name, for <see cref="StudyRun.Figure"/>.</param>
/// <param name="Title">What it is.</param>
/// <param name="Figures">Its figures, by what they show; empty for a table or a gallery.</param>
/// <param name="About">How to read it.</param>
public sealed record ExhibitResult(string Name, string Title, IReadOnlyList<string> Figures, string About)
{
    internal static ExhibitResult Of(ExhibitRecord exhibit) => new(
        exhibit.Id, exhibit.Title, [.. Reports.ReportFigures.Of(exhibit).Select(f => f.Name)], exhibit.Lead);
}
