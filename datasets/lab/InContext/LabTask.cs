namespace Aim.Datasets;

/// <summary>What the demonstrations of an episode teach. None of it can be guessed without them.</summary>
public enum LabTask
{
    /// <summary>Each of two things has an invented label.</summary>
    Object2,

    /// <summary>Each of four things has an invented label.</summary>
    Object4,

    /// <summary>Each of two places has an invented label, whatever stands there.</summary>
    Position,

    /// <summary>Each of two numbers of things has an invented label.</summary>
    Count,

    /// <summary>
    /// A picture and a name: yes or no, whether they go together; which of the two answers means 'the same' is the episode's
    /// secret. The shape of hateful-speech detection, where neither picture nor text tells alone.
    /// </summary>
    Pair,

    /// <summary>
    /// What stands in the picture, in an invented style: a word of the episode's in front of each name, row by row.
    /// </summary>
    Caption,

    /// <summary>Is something there? answered in two invented words in place of yes and no.</summary>
    Shift,
}

/// <summary>A picture and what is said about it.</summary>
/// <param name="Picture">The picture.</param>
/// <param name="Words">What matters of it, told in words, with a space in front: the upper bound's way of showing it.</param>
/// <param name="Instruction">What stands behind the picture.</param>
/// <param name="Answer">The answer, with a space in front.</param>
/// <param name="Closing">What closes a demonstration behind its answer.</param>
/// <param name="Class">What the demonstrations must tell to get the answer: shots of one class teach the same.</param>
public sealed record LabShot(LabClip Picture, string Words, string Instruction, string Answer, string Closing, int Class)
{
    /// <summary>The picture's pixels, RGB: <c>[96, 96, 3]</c>.</summary>
    public byte[] Pixels() => Picture.Frames(0);
}

/// <summary>
/// A test of in-context learning: demonstrations and a query. The first n demonstrations of an episode are the episode at n
/// shots; they come in rounds that hold every class once, so that n shots of n classes or more tell all that is needed.
/// </summary>
/// <param name="Task">The task.</param>
/// <param name="Index">Its number; an episode is a function of task, index and the data version.</param>
/// <param name="Template">How it is worded.</param>
/// <param name="Shots">The demonstrations, as many as were asked for.</param>
/// <param name="Query">The query; its answer is to be found.</param>
/// <param name="Options">What the answer may be, each with a space in front; empty for captions.</param>
public sealed record LabEpisode(
    LabTask Task, int Index, LabTemplate Template, IReadOnlyList<LabShot> Shots, LabShot Query, IReadOnlyList<string> Options);
