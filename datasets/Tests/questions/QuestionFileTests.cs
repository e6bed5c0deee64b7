namespace Aim.Datasets.Tests;

/// <summary>Files of questions: what a line may say, and what is said about one that says it wrongly.</summary>
public class QuestionFileTests
{
    private static string _directory = "";

    [OneTimeSetUp]
    public void Create() => _directory = Directory.CreateTempSubdirectory("aim-questions-").FullName;

    [OneTimeTearDown]
    public void Remove() => Directory.Delete(_directory, recursive: true);

    private static QuestionFile Load(string text)
    {
        string path = Path.Combine(_directory, $"{Guid.NewGuid():N}.jsonl");
        File.WriteAllText(path, text);
        return QuestionFile.Load(path);
    }

    [Test]
    public void Lines_are_questions_in_their_order()
    {
        var file = Load("""
            {"image": "a.png", "question": "What is it?", "answer": ["a cat", "cat"]}

            {"id": "v", "kind": "count", "video": "/clips/b.mp4", "question": "How many?", "options": ["one", "two", "3"], "answer": "two"}
            {"image": "c.png", "question": "Which?", "options": ["B", "A"], "answer": "A"}
            """);
        Assert.That(file.Questions.Select(q => (q.Id, q.Kind, q.IsVideo)),
            Is.EqualTo(new[] { ("1", "question", false), ("v", "count", true), ("4", "question", false) }));
        Assert.That(file.Questions[0].Path, Is.EqualTo(Path.Combine(_directory, "a.png")));
        Assert.That(file.Questions[1].Path, Is.EqualTo(Path.GetFullPath("/clips/b.mp4")));
        Assert.That(file.Questions[1].Text, Is.EqualTo(
            "How many?\nA. one\nB. two\nC. 3\nAnswer with the option's letter from the given choices directly."));
        Assert.That(file.Questions[1].Answers, Is.EqualTo(new[] { "B" }));
        Assert.That(file.Questions[2].Answers, Is.EqualTo(new[] { "B" }), "an option's own text comes before letters");
    }

    [TestCase("B", ExpectedResult = true)]
    [TestCase("(B) two", ExpectedResult = true)]
    [TestCase("The answer is B.", ExpectedResult = true)]
    [TestCase("A", ExpectedResult = false)]
    [TestCase("two", ExpectedResult = false, Description = "no letter")]
    [TestCase("D", ExpectedResult = false, Description = "no option")]
    public bool Options_are_named_by_their_letters(string answer) =>
        Load("""{"image": "a", "question": "q", "options": ["x", "two", "z"], "answer": "B"}""").Questions[0].IsRight(answer);

    [TestCase("A cat.", ExpectedResult = true)]
    [TestCase("kitten", ExpectedResult = true)]
    [TestCase("a dog", ExpectedResult = false)]
    [TestCase("", ExpectedResult = false)]
    public bool Free_answers_are_right_but_for_case_and_punctuation(string answer) =>
        Load("""{"image": "a", "question": "q", "answer": ["a cat", "Kitten"]}""").Questions[0].IsRight(answer);

    [TestCase("", "no questions; each line is a JSON object of id, kind, image, video, question, options, answer")]
    [TestCase("[1]", ":1: a line is one JSON object of id")]
    [TestCase("{", ":1: not JSON")]
    [TestCase("\n{\"question\": \"q\", \"answer\": \"a\"}", ":2: neither image nor video")]
    [TestCase("{\"image\": \"i\", \"video\": \"v\", \"question\": \"q\", \"answer\": \"a\"}", ":1: both image and video")]
    [TestCase("{\"image\": \"i\", \"answer\": \"a\"}", ":1: question: missing")]
    [TestCase("{\"image\": \"i\", \"question\": \" \", \"answer\": \"a\"}", ":1: question: must be a text that is not empty")]
    [TestCase("{\"image\": \"i\", \"question\": \"q\"}", ":1: answer: missing")]
    [TestCase("{\"image\": \"i\", \"question\": \"q\", \"answer\": 3}", ":1: answer: must be a text or a list of texts")]
    [TestCase("{\"image\": \"i\", \"question\": \"q\", \"answer\": []}", ":1: answer: must be a text or a list of texts")]
    [TestCase("{\"image\": \"i\", \"question\": \"q\", \"answers\": \"a\"}", ":1: answers: unknown field; known: id")]
    [TestCase("{\"image\": \"i\", \"image\": \"j\", \"question\": \"q\", \"answer\": \"a\"}", ":1: image: stands there twice")]
    [TestCase("{\"image\": \"i\", \"question\": \"q\", \"options\": [\"x\"], \"answer\": \"A\"}",
        ":1: options: 1 of them; 2 to 26")]
    [TestCase("{\"image\": \"i\", \"question\": \"q\", \"options\": \"xy\", \"answer\": \"A\"}",
        ":1: options: must be a list of texts")]
    [TestCase("{\"image\": \"i\", \"question\": \"q\", \"options\": [\"x\", \"y\"], \"answer\": \"C\"}",
        "one of their letters, A to B, or the text")]
    [TestCase("{\"id\": \"x\", \"image\": \"i\", \"question\": \"q\", \"answer\": \"a\"}\n"
        + "{\"id\": \"x\", \"image\": \"i\", \"question\": \"q\", \"answer\": \"a\"}",
        ":2: id: 'x' is the id of ")]
    public void A_wrong_line_is_named(string text, string message) =>
        Assert.That(() => Load(text), Throws.TypeOf<QuestionFileException>().With.Message.Contains(message));

    [Test]
    public void A_missing_file_and_one_that_is_no_text_are_named()
    {
        string path = Path.Combine(_directory, "none.jsonl");
        Assert.That(
            () => QuestionFile.Load(path), Throws.TypeOf<QuestionFileException>().With.Message.EqualTo($"{path}: no such file"));
        File.WriteAllBytes(path, [0xFF, 0xFE, 0x80]);
        Assert.That(() => QuestionFile.Load(path), Throws.TypeOf<QuestionFileException>().With.Message.Contains("not UTF-8"));
    }
}
