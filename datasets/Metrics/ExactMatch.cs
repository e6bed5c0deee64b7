namespace Aim.Datasets;

/// <summary>Answers that are right when they are the expected string.</summary>
public static class ExactMatch
{
    /// <summary>
    /// GQA as lmms-eval scores it (exact_match with ignore_case and ignore_punctuation): the model's answer stripped, then both
    /// in lower case and without ASCII punctuation. Curly quotes stay, and so do spaces that punctuation leaves behind.
    /// </summary>
    public static bool Lenient(string answer, string prediction) => Bare(PythonText.Strip(prediction)) == Bare(answer);

    /// <summary>GQA's own eval.py: the strings as they are.</summary>
    public static bool Strict(string answer, string prediction) => prediction == answer;

    private static string Bare(string text)
        => string.Concat(PythonText.Lower(text).Where(c => !PythonText.Punctuation.Contains(c, StringComparison.Ordinal)));
}
