using Aim.Datasets;

namespace Aim.Experiments.Training;

/// <summary>`aim lab show`: a contact sheet of clips or pictures with their questions and answers.</summary>
public static class LabShow
{
    /// <summary>
    /// Writes the sheet: training documents with all their turns, or questions of the validation or test split.
    /// </summary>
    /// <exception cref="ArgumentException">An option is out of range.</exception>
    public static int Run(LabShowOptions options, TextWriter log)
    {
        if (options.Samples < 1)
        {
            throw new ArgumentException($"--samples {options.Samples}: at least 1");
        }

        switch (options.Split)
        {
            case "train":
                LabSheet.Write(options.Output, TrainingDocuments(options));
                break;
            case "validation" or "test":
                var split = options.Split == "test" ? LabSplit.Test : LabSplit.Validation;
                var kinds = options.Kinds.Count > 0 ? options.Kinds : null;
                var style = options.Style == "twemoji" ? LabStyle.Twemoji : LabStyle.Noto;
                LabSheet.Write(options.Output, options.Pictures
                    ? LabData.Pictures(split, options.Samples, kinds, style)
                    : LabData.Test(split, options.Samples, options.Frames, kinds, style));
                break;
            default:
                throw new ArgumentException($"--split {options.Split}: unknown; use train, validation or test");
        }

        log.WriteLine($"contact sheet: {options.Output}");
        return 0;
    }

    private static List<LabDocument> TrainingDocuments(LabShowOptions options)
    {
        ILabStream stream = options.Model switch
        {
            "video" => new LabStream(options.Seed),
            "single" => new LabSingleStream(options.Seed),
            "multi" => new LabMultiStream(options.Seed),
            _ => throw new ArgumentException($"--model {options.Model}: unknown; use video, single or multi"),
        };
        List<LabDocument> documents = [];
        for (var step = 0; documents.Count < options.Samples; step++)
        {
            documents.Add(stream.Joint(step, 0));
        }

        return documents;
    }
}
