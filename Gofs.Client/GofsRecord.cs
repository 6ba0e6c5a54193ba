namespace Gofs;

/// <summary>A record, as it was appended.</summary>
/// <param name="OffsetBytes">Where in the file it stands.</param>
/// <param name="Appender">Who appended it: a random number for each <see cref="GofsAppender"/>.</param>
/// <param name="Sequence">Which of his records it is, from 1. They may stand in another order when he appended several at once.</param>
/// <param name="Data">Its bytes, until the reader is asked for the next record.</param>
public readonly record struct GofsRecord(long OffsetBytes, ulong Appender, ulong Sequence, ReadOnlyMemory<byte> Data);
