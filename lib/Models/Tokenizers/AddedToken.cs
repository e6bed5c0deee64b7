using System.Text.Json;

namespace Aim.Models;

/// <summary>A token that is looked for in the text itself, before the model sees it.</summary>
/// <param name="Content">Its text.</param>
/// <param name="Id">Its id.</param>
/// <param name="Special">Whether decoding can leave it out.</param>
/// <param name="Normalized">
/// Whether it is looked for in the normalised text, being normalised itself; else in the text as given.
/// </param>
/// <param name="SingleWord">Whether it counts only where no word character stands beside it.</param>
/// <param name="LeftStrip">Whether it takes the white space before it along.</param>
/// <param name="RightStrip">Whether it takes the white space behind it along.</param>
public sealed record AddedToken(
    string Content,
    int Id,
    bool Special = false,
    bool Normalized = false,
    bool SingleWord = false,
    bool LeftStrip = false,
    bool RightStrip = false)
{
    /// <summary>The most characters of a token; a text is compared with all of them at every place.</summary>
    internal const int MaxLength = 1024;

    /// <summary>Reads the field <c>added_tokens</c>.</summary>
    /// <exception cref="CheckpointException">It is not an array of tokens.</exception>
    internal static List<AddedToken> ReadAll(ConfigSection root)
    {
        var tokens = new List<AddedToken>();
        foreach (var item in root.Sections("added_tokens"))
        {
            string content = item.Text("content", "");
            if (content.Length is 0 or > MaxLength)
                throw item.Error("content", $"must be a string of 1 to {MaxLength} characters");
            tokens.Add(new AddedToken(
                content,
                item.Has("id") ? item.Int("id", 0, 0) : throw item.Error("id", "is missing; a whole number is expected"),
                item.Bool("special", false),
                item.Bool("normalized", false),
                item.Bool("single_word", false),
                item.Bool("lstrip", false),
                item.Bool("rstrip", false)));
        }

        return tokens;
    }

    /// <summary>The content as it can be shown in a message.</summary>
    internal string Quoted => JsonSerializer.Serialize(Content.Length > 60 ? Content[..57] + "..." : Content);
}
