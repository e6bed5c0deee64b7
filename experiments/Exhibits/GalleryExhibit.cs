using System.Globalization;
using Aim.Datasets;
using Aim.Experiments.Planning;
using Aim.Reduction;
using Aim.Reports.Records;

namespace Aim.Experiments.Exhibits;

/// <summary>
/// The first sample of each kind as the model saw it, what each setting answered, and where its tokens came from.
/// </summary>
internal static class GalleryExhibit
{
    private const int Most = 8;

    public static ExhibitRecord Make(Shown shown)
    {
        var plan = shown.Plan;
        var baseline = plan.Baseline;
        PlannedCell[] cells = [baseline,
            .. plan.Definition.Gallery.Select(id => plan.Cells.First(c => c.Set == baseline.Set && c.Cell.Id == id))];
        int samples = cells.Min(c => c.Cell.Samples);
        int[] chosen = [.. Enumerable.Range(0, samples).DistinctBy(i => baseline.Set.Samples[i].Kind).Take(Most)];
        return new GalleryRecord
        {
            Id = "gallery",
            Title = "Samples, answers, and where the tokens came from",
            Lead = "Each sample with its frames, the answers of each setting, and for every token that enters a decoder layer "
                + "the patches it was made of.",
            From = shown.From(cells),
            Exploratory = true,
            Layers = baseline.Geometry.Shape.Layers,
            Settings = [.. cells.Select(c => new GallerySettingRecord(c.Id, c.Cell.IsBaseline ? "unreduced" : c.Id))],
            Choice = $"The first sample of each kind of the {plan.Definition.Split} split, {Most} at most; chosen before any "
                + $"answer was seen.",
            Samples = [.. chosen.Select(i => Sample(shown, cells, i))],
        };
    }

    private static GallerySampleRecord Sample(Shown shown, PlannedCell[] cells, int index)
    {
        var sample = ((LabTestSample)cells[0].Set.Samples[index]).Lab;
        return new GallerySampleRecord
        {
            Id = sample.Id,
            Kind = sample.Kind,
            Question = sample.Before.Length > 0 ? $"{sample.Before} {sample.Question}" : sample.Question,
            Expected = sample.Answer,
            Frames =
            [
                .. sample.FrameIndices.Select(frame => new GalleryFrameRecord(
                    string.Create(CultureInfo.InvariantCulture, $"frame {frame}"),
                    PngFile.Encode(LabWorld.Canvas, LabWorld.Canvas, sample.Clip.Frames(frame)),
                    Describe(sample.Clip, frame))),
            ],
            Answers =
            [
                .. cells.Select(cell =>
                {
                    var answer = shown.Of(cell)[index];
                    int text = cell.Set.Prompts[index].Text;
                    return new GalleryAnswerRecord
                    {
                        Setting = cell.Id,
                        Answer = answer.Answer,
                        Correct = sample.IsRight(answer.Answer),
                        VisualTokens = [.. answer.Tokens.Select(t => Math.Max(0, t - text))],
                        Provenance = cell.Cell.IsBaseline ? [] : Provenance(shown, cell, index),
                    };
                }),
            ],
        };
    }

    private static IReadOnlyList<ProvenanceRecord> Provenance(Shown shown, PlannedCell cell, int index)
    {
        var trace = shown.Recordings(cell, Recordings.Trace)[index].Trace!;
        int side = (int)Math.Round(Math.Sqrt(cell.Geometry.TokensPerFrame));
        return
        [
            .. trace.Groups.Select(groups => new ProvenanceRecord
            {
                Rows = side,
                Columns = side,
                Groups = groups,
                LastLayers = [.. groups.Select(g => g < 0 ? -1 : trace.Last[g])],
            }),
        ];
    }

    private static string Describe(LabClip clip, int frame)
    {
        string[] seen = [.. clip.Things.Where(t => t.VisibleAt(frame)).Select(t => $"{t.Name} at {t.Place}")];
        string plate = clip.Plate is { } p && p.VisibleAt(frame) ? $"plate {p.Glyphs}" : "";
        string all = string.Join(", ", plate.Length > 0 ? [.. seen, plate] : seen);
        return all.Length == 0 ? "nothing but the background" : all;
    }
}
