namespace Aim.Datasets;

/// <summary>What MME's reader takes an answer for.</summary>
public enum YesNo
{
    /// <summary>Neither.</summary>
    Other,

    /// <summary>A yes.</summary>
    Yes,

    /// <summary>A no.</summary>
    No,
}

/// <summary>A question of MME; each picture has two, one whose answer is yes and one whose answer is no.</summary>
/// <param name="Picture">The picture (upstream's question_id), within its category.</param>
/// <param name="Category">One of fourteen, such as existence.</param>
/// <param name="Answer">The true answer.</param>
/// <param name="Prediction">The model's.</param>
public sealed record MmeItem(string Picture, string Category, string Answer, string Prediction);

/// <summary>A category's scores, in per cent.</summary>
/// <param name="Accuracy">Share of questions that are right.</param>
/// <param name="AccuracyPlus">Share of pictures with both questions right.</param>
public sealed record MmeCategory(double Accuracy, double AccuracyPlus)
{
    /// <summary>Their sum, at most 200.</summary>
    public double Score => Accuracy + AccuracyPlus;
}

/// <summary>MME (Fu et al., 2023) as lmms-eval scores it.</summary>
public static class Mme
{
    /// <summary>The categories of perception.</summary>
    public static IReadOnlyList<string> Perception { get; } =
        ["existence", "count", "position", "color", "posters", "celebrity", "scene", "landmark", "artwork", "OCR"];

    /// <summary>The categories of cognition.</summary>
    public static IReadOnlyList<string> Cognition { get; } =
        ["commonsense_reasoning", "numerical_calculation", "text_translation", "code_reasoning"];

    /// <summary>
    /// Reads an answer: lower case, stripped, without periods. It may be yes, no, y or n; of a longer answer the first four
    /// characters decide, and yes wins over no. So 'nothing' and 'snow' are a no, and 'the answer is yes' is neither.
    /// </summary>
    public static YesNo Parse(string answer)
    {
        string text = PythonText.Strip(PythonText.Lower(answer)).Replace(".", "", StringComparison.Ordinal);
        string start = string.Concat(text.EnumerateRunes().Take(4));
        return text switch
        {
            "y" => YesNo.Yes,
            "n" => YesNo.No,
            _ when start.Contains("yes", StringComparison.Ordinal) => YesNo.Yes,
            _ when start.Contains("no", StringComparison.Ordinal) => YesNo.No,
            _ => YesNo.Other,
        };
    }

    /// <summary>Whether an answer is right.</summary>
    /// <exception cref="ArgumentException">The true answer is neither yes nor no.</exception>
    public static bool IsRight(MmeItem item)
    {
        string answer = PythonText.Strip(PythonText.Lower(item.Answer)).Replace(".", "", StringComparison.Ordinal);
        return answer switch
        {
            "yes" => Parse(item.Prediction) == YesNo.Yes,
            "no" => Parse(item.Prediction) == YesNo.No,
            _ => throw new ArgumentException($"MME's answer '{item.Answer}' of {item.Picture} should be yes or no"),
        };
    }

    /// <summary>
    /// Scores by category. The sum over <see cref="Perception"/> or <see cref="Cognition"/> is what papers report.
    /// </summary>
    /// <exception cref="ArgumentException">
    /// A picture has not exactly two questions in its category, or a true answer is neither yes nor no.
    /// </exception>
    public static IReadOnlyDictionary<string, MmeCategory> Categories(IEnumerable<MmeItem> items)
        => items.GroupBy(i => i.Category, StringComparer.Ordinal)
            .ToDictionary(category => category.Key, Category, StringComparer.Ordinal);

    private static MmeCategory Category(IGrouping<string, MmeItem> items)
    {
        int[] right = [.. items.GroupBy(i => i.Picture, StringComparer.Ordinal).Select(picture => picture.Count() == 2
            ? picture.Count(IsRight)
            : throw new ArgumentException(
                $"picture {picture.Key} of MME's {items.Key} has {picture.Count()} questions; two are scored together"))];
        return new MmeCategory(100.0 * right.Sum() / (2 * right.Length), 100.0 * right.Count(r => r == 2) / right.Length);
    }
}
