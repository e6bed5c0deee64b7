namespace Aim.Fusion;

/// <summary>Where an entry lies, and when it was last used.</summary>
/// <param name="Segment">Name of its segment's file.</param>
/// <param name="Offset">First byte of its record.</param>
/// <param name="Length">Bytes of its record.</param>
/// <param name="Used">A clock that only goes forward: the least recently used entry has the smallest.</param>
internal sealed record BankEntry(string Segment, long Offset, long Length, long Used);
