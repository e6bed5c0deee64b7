namespace Aim.Experiments.Planning;

/// <summary>
/// Something that a user gave is wrong: a definition, an option, a path. The message is one line that names the place, what is
/// wrong and what would be right; the command line prints it as it is and ends with exit code 2.
/// </summary>
public sealed class DefinitionException(string message) : IOException(message);
