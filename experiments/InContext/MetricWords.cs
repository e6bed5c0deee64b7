using Aim.Reports.Records;

namespace Aim.Experiments.InContext;

/// <summary>How a report speaks of metrics.</summary>
internal static class MetricWords
{
    /// <summary>Its name.</summary>
    public static string Name(this Metric metric) => metric switch
    {
        Metric.Vqa => "VQA accuracy",
        Metric.Auc => "ROC-AUC",
        Metric.Cider => "CIDEr-D",
        Metric.Probe => "Probe's accuracy",
        _ => "Accuracy",
    };

    /// <summary>What it is, and how it is taken here.</summary>
    public static string About(this Metric metric) => metric switch
    {
        Metric.Vqa => "VQA accuracy in percent: the answer is generated, its first word compared with those of ten people "
            + "who all say the label, so that an answer is right or wrong.",
        Metric.Auc => "ROC-AUC: the chance that the log-probability of yes less that of no is larger for an episode whose "
            + "answer is yes than for one whose answer is no; intervals by DeLong.",
        Metric.Cider => "CIDEr-D, from 0 to 10: the caption is generated, with one reference each; document frequencies are "
            + "those of the references of these episodes.",
        Metric.Probe => "Share of demonstrations whose picture's fact a linear probe reads off, in percent: ridge regression on "
            + "the mean of the demonstration's tokens, fitted to others.",
        _ => "Accuracy in percent.",
    };

    /// <summary>Whether it is a share, given in percent and its differences in points.</summary>
    public static bool IsShare(this Metric metric) => metric is Metric.Accuracy or Metric.Vqa or Metric.Probe;

    /// <summary>The unit of its values.</summary>
    public static Unit UnitOf(this Metric metric) => metric.IsShare() ? Unit.Percent : Unit.Number;

    /// <summary>The unit of its differences.</summary>
    public static Unit DifferenceUnit(this Metric metric) => metric.IsShare() ? Unit.Points : Unit.Number;

    /// <summary>An interval as records have it.</summary>
    public static IntervalRecord Record(this Statistics.Interval interval) => new(interval.Low, interval.High);
}
