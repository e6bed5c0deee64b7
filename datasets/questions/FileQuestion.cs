using System.Globalization;

namespace Aim.Datasets;

/// <summary>A question about a picture or a video, as a line of a <see cref="QuestionFile"/> asks it.</summary>
/// <param name="Place">File and line, for messages.</param>
/// <param name="Id">Its name, unique in the file.</param>
/// <param name="Kind">What is asked; questions are counted by kind.</param>
/// <param name="IsVideo">Whether a video is shown; else a picture.</param>
/// <param name="Path">Where that lies; of a video also a directory of numbered frames.</param>
/// <param name="Question">The question, without its options.</param>
/// <param name="Options">What to choose from; empty for a free answer.</param>
/// <param name="Answers">The answers that are right; of a question with options the letter of the one that is.</param>
public sealed record FileQuestion(
    string Place, string Id, string Kind, bool IsVideo, string Path, string Question, IReadOnlyList<string> Options,
    IReadOnlyList<string> Answers)
{
    /// <summary>What stands behind options, word for word as VideoMME asks (lmms-eval's <c>post_prompt</c>).</summary>
    public const string Instruction = "Answer with the option's letter from the given choices directly.";

    /// <summary>The letters that options have.</summary>
    public const string Letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";

    /// <summary>What the model is asked: the question; with options these, a line each, and that a letter is wanted.</summary>
    public string Text => Options.Count == 0 ? Question : string.Join('\n',
        [Question, .. Options.Select((o, i) => string.Create(CultureInfo.InvariantCulture, $"{Letters[i]}. {o}")), Instruction]);

    /// <summary>
    /// Whether a model's answer is right: it names the option's letter (<see cref="ChoiceExtractor"/>), or is one of the answers
    /// but for case and punctuation (<see cref="ExactMatch.Lenient"/>).
    /// </summary>
    public bool IsRight(string answer) => Options.Count > 0
        ? ChoiceExtractor.Extract(answer, Letters[..Options.Count]) is { } letter && letter == Answers[0][0]
        : Answers.Any(right => ExactMatch.Lenient(right, answer));
}
