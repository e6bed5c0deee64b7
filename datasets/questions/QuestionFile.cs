using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace Aim.Datasets;

/// <summary>
/// Questions about pictures and videos in a file of one JSON object a line: <c>image</c> or <c>video</c> (a path, relative to
/// the file), <c>question</c>, <c>answer</c>, and, if there is something to choose from, <c>options</c>; <c>id</c> and
/// <c>kind</c> may be given. It is read strictly: what is not understood is an error, never left out.
/// </summary>
/// <remarks>
/// <c>answer</c> is a text or a list of texts each of which is right; beside <c>options</c> it is a letter or an option's text.
/// Empty lines do not count. At most <see cref="MaxBytes"/> bytes are read.
/// </remarks>
public sealed class QuestionFile
{
    /// <summary>The most bytes that a file may have.</summary>
    public const int MaxBytes = 1 << 28;

    private const string Fields = "id, kind, image, video, question, options, answer";

    private QuestionFile(string sha256, IReadOnlyList<FileQuestion> questions) => (Sha256, Questions) = (sha256, questions);

    /// <summary>sha256 of the file, in lower-case hexadecimal.</summary>
    public string Sha256 { get; }

    /// <summary>The questions in the order of the file; at least one.</summary>
    public IReadOnlyList<FileQuestion> Questions { get; }

    /// <summary>Reads a file.</summary>
    /// <exception cref="QuestionFileException">It is missing, or a line is wrong; the message says where and what.</exception>
    public static QuestionFile Load(string path)
    {
        byte[] bytes = Bytes(path);
        string directory = Path.GetDirectoryName(Path.GetFullPath(path))!;
        string[] lines = Decode(bytes, path).Split('\n');
        var questions = new List<FileQuestion>();
        var known = new Dictionary<string, string>(StringComparer.Ordinal);
        for (int i = 0; i < lines.Length; i++)
        {
            if (string.IsNullOrWhiteSpace(lines[i]))
                continue;
            string place = string.Create(CultureInfo.InvariantCulture, $"{path}:{i + 1}");
            var question = Read(lines[i], place, directory, i + 1);
            if (!known.TryAdd(question.Id, place))
                throw new QuestionFileException(place, $"id: '{question.Id}' is the id of {known[question.Id]} already");
            questions.Add(question);
        }

        return questions.Count > 0
            ? new QuestionFile(Convert.ToHexStringLower(SHA256.HashData(bytes)), questions)
            : throw new QuestionFileException(path, $"no questions; each line is a JSON object of {Fields}");
    }

    private static byte[] Bytes(string path)
    {
        try
        {
            return new FileInfo(path).Length is var length and > MaxBytes
                ? throw new QuestionFileException(path, $"{length} bytes, more than the {MaxBytes} that are read")
                : File.ReadAllBytes(path);
        }
        catch (Exception e) when (e is not QuestionFileException and (IOException or UnauthorizedAccessException))
        {
            throw new QuestionFileException(path, e is FileNotFoundException or DirectoryNotFoundException
                ? "no such file"
                : $"cannot be read ({e.Message.ReplaceLineEndings(" ")})");
        }
    }

    private static string Decode(byte[] bytes, string path)
    {
        try
        {
            int mark = bytes.AsSpan().StartsWith(Encoding.UTF8.Preamble) ? Encoding.UTF8.Preamble.Length : 0;
            return new UTF8Encoding(false, throwOnInvalidBytes: true).GetString(bytes.AsSpan(mark));
        }
        catch (DecoderFallbackException)
        {
            throw new QuestionFileException(path, "not UTF-8; save it as UTF-8 text");
        }
    }

    private static FileQuestion Read(string line, string place, string directory, int number)
    {
        using var json = Parse(line, place);
        var fields = new QuestionFields(json.RootElement, place, Fields);
        string? image = fields.Text("image"), video = fields.Text("video");
        if (image is null == video is null)
        {
            string named = image is null ? "neither image nor video" : "both image and video";
            throw new QuestionFileException(place, $"{named}; name the one file that is asked about");
        }

        string question = fields.Text("question") ?? throw new QuestionFileException(place, "question: missing");
        var options = fields.Texts("options", single: false);
        var answers = fields.Texts("answer", single: true)
            ?? throw new QuestionFileException(place, "answer: missing; it is a text, or a list of texts that are all right");
        if (options is { Count: < 2 or > 26 })
            throw new QuestionFileException(place, $"options: {options.Count} of them; 2 to 26 can be chosen from");
        return new FileQuestion(
            place, fields.Text("id") ?? number.ToString(CultureInfo.InvariantCulture), fields.Text("kind") ?? "question",
            video is not null, Path.GetFullPath(Path.Combine(directory, video ?? image!)), question, options ?? [],
            options is null ? answers : [Letter(options, answers, place)]);
    }

    private static JsonDocument Parse(string line, string place)
    {
        try
        {
            return JsonDocument.Parse(line);
        }
        catch (JsonException e)
        {
            throw new QuestionFileException(
                place, $"not JSON ({e.Message.ReplaceLineEndings(" ")}); a line is one object of {Fields}");
        }
    }

    // An option's own text comes first: options may be single letters.
    private static string Letter(IReadOnlyList<string> options, IReadOnlyList<string> answers, string place)
    {
        if (answers.Count == 1)
        {
            string answer = answers[0].Trim();
            int at = options.ToList().IndexOf(answers[0]);
            if (at < 0 && answer.Length == 1)
                at = FileQuestion.Letters.IndexOf(char.ToUpperInvariant(answer[0]), StringComparison.Ordinal);
            if (at >= 0 && at < options.Count)
                return FileQuestion.Letters[at].ToString();
        }

        char last = FileQuestion.Letters[options.Count - 1];
        throw new QuestionFileException(
            place, $"answer: beside options it is one of their letters, A to {last}, or the text of one");
    }
}
