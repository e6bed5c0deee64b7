namespace Aim.Parity;

/// <summary>This build lacks what a case asks for; the message says what.</summary>
public sealed class UnsupportedCaseException(string message) : Exception(message);
