namespace Aim.Datasets;

/// <summary>A file of questions is missing or wrong; the message names file, line, field and what would be right.</summary>
public sealed class QuestionFileException : IOException
{
    /// <summary>Makes the error of a place.</summary>
    public QuestionFileException(string place, string reason)
        : base($"{place}: {reason}")
    {
    }
}
