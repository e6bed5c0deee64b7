namespace Aim.Datasets;

/// <summary>ScienceQA as LLaVA and lmms-eval score it.</summary>
public static class ScienceQa
{
    /// <summary>
    /// Whether an answer names the option: the stripped answer is its letter in either case, or starts with its capital and a
    /// period. '(B)' and 'B)' are wrong.
    /// </summary>
    /// <param name="option">The right option, from 0.</param>
    /// <param name="prediction">The model's answer.</param>
    /// <exception cref="ArgumentException">The option has no letter.</exception>
    public static bool IsRight(int option, string prediction)
    {
        if (option is < 0 or >= 26)
            throw new ArgumentException($"option {option} should lie in 0..25");
        char letter = (char)('A' + option);
        string text = PythonText.Strip(prediction);
        return text.Equals(letter.ToString(), StringComparison.OrdinalIgnoreCase)
            || text.StartsWith($"{letter}.", StringComparison.Ordinal);
    }
}
