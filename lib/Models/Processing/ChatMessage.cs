namespace Aim.Models;

/// <summary>One turn of a conversation.</summary>
/// <param name="Role"><c>system</c>, <c>user</c> or <c>assistant</c>.</param>
/// <param name="Text">What is said.</param>
/// <param name="Videos">How many videos stand before the text.</param>
/// <param name="Images">How many pictures stand before the text.</param>
public sealed record ChatMessage(string Role, string Text, int Videos = 0, int Images = 0);
