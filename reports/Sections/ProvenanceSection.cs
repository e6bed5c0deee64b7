using Aim.Reports.Html;
using Aim.Reports.Records;

namespace Aim.Reports.Sections;

/// <summary>What is needed to repeat the run: definition, environment, hashes.</summary>
internal static class ProvenanceSection
{
    public static Markup Render(ReportData data)
    {
        var record = data.Record;
        return Block.Section(
            data.Place,
            "provenance",
            "Definition, environment and hashes",
            Markup.Of($"The same definition, code, model and data on the same instruction set give the same results "
                + $"to the last byte, whatever the number of threads."),
            Markup.Of($"""
                {Block.Heading(data.Place.Level + 1, "Definition")}
                <pre tabindex="0"><code>{record.Definition.Yaml}</code></pre>
                {Block.Heading(data.Place.Level + 1, "Environment")}
                <dl class="facts">
                {Markup.Join(Facts(data).Select(f => Markup.Of($"<div><dt>{f.Name}</dt><dd>{f.Value}</dd></div>")))}
                </dl>
                {Block.Heading(data.Place.Level + 1, "Hashes")}
                {HashTable(data)}
                """));
    }

    private static IEnumerable<(string Name, string Value)> Facts(ReportData data)
    {
        var (record, timings) = (data.Record, data.Timings);
        yield return ("Definition", $"{record.Definition.Name}, version {Format.Count(record.Definition.Version)}");
        yield return ("Model",
            $"{record.Model.Name}, {Format.Si(record.Model.Parameters).TrimEnd()} parameters, "
                + $"{Format.Count(record.Model.Layers)} decoder layers, {Format.Count(record.Model.TokensPerFrame)} visual "
                + $"tokens a frame");
        yield return ("Checkpoint", record.Model.Path);
        yield return ("Data",
            $"{record.Data.Name}, version {record.Data.Version}"
                + $"{(record.Data.Split.Length > 0 ? $", {record.Data.Split} split" : "")}, "
                + $"{Format.Count(record.Data.Frames)} frames a clip");
        yield return ("Engine", $"{record.Code.Engine}, {record.Code.InstructionSet}");
        yield return ("Commit", record.Code.Commit is { } commit ? commit
            + (record.Code.Dirty == true ? ", with local changes" : "") : Format.NotRecorded);
        yield return ("Processor", timings is null ? Format.NotRecorded
            : $"{timings.Machine.Cpu}, {Format.Count(timings.Machine.Cores, "core")}, "
                + $"{Format.Count(timings.Machine.Threads, "thread")} used");
        yield return ("Measured peak", timings is null ? Format.NotMeasured
            : $"{Format.Number(timings.Machine.PeakGflops, 0)} GFLOP/s (fused multiply-add, float32)");
        yield return ("Measured bandwidth", timings?.Machine.BandwidthGBs is { } b ? $"{Format.Number(b, 1)} GB/s"
            : Format.NotMeasured);
        yield return ("Memory", timings?.Machine.MemoryBytes is { } m ? $"{Format.Number(m / (double)(1L << 30), 1)} GiB"
            : Format.NotRecorded);
        yield return ("System", timings is null ? Format.NotRecorded : $"{timings.Machine.Os}, .NET {timings.Machine.Runtime}");
        yield return ("Started", timings?.Started ?? Format.NotRecorded);
        yield return ("Wall clock of the run", timings?.WallSeconds is { } w ? Format.Time(w) : Format.NotMeasured);
    }

    private static Markup HashTable(ReportData data) => Block.Table(
        data.Place.Id("table-hashes"),
        "SHA-256 of everything that the results pass through",
        [Block.Head("What"), Block.TextHead("SHA-256")],
        [Block.Body(Hashes(data.Record).Select(h =>
            Block.Row(h.Name, [Markup.Of($"<td class=\"text\"><code>{h.Sha256}</code></td>")])))]);

    private static IEnumerable<HashRecord> Hashes(RunRecord record) =>
    [
        new("definition", record.Definition.Sha256),
        new("model.safetensors", record.Model.Sha256),
        .. record.Data.Hashes.Select(h => new HashRecord("data: " + h.Name, h.Sha256)),
        .. record.Code.Assemblies.Select(h => new HashRecord("assembly: " + h.Name, h.Sha256)),
    ];
}
