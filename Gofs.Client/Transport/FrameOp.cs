namespace Gofs.Transport;

/// <summary>What a frame of the data plane asks for. The numbers are on the wire: they only ever grow.</summary>
internal enum FrameOp : byte
{
    /// <summary>Write the data at the offset; <see cref="FrameHeader.Amount"/> is the chunk's size. Answer: no data.</summary>
    Write = 1,

    /// <summary>Read <see cref="FrameHeader.Amount"/> bytes at the offset. Answer: what is there of them.</summary>
    Read = 2,

    /// <summary>Make all written so far durable. Answer: no data.</summary>
    Flush = 3,

    /// <summary>Answer, and do nothing: whoever waits for something else learns that this server lives. Answer: no data.</summary>
    Ping = 4,

    /// <summary>
    /// Write the data wherever this server, the primary, puts it: at the chunk's end; <see cref="FrameHeader.Amount"/> is the chunk's size. Answer: no
    /// data, <see cref="FrameHeader.Offset"/> is where they are.
    /// </summary>
    Append = 5,

    /// <summary>Write the data at the offset, which must be the chunk's end: the primary says so to the rest of its chain. Answer: no data.</summary>
    AppendAt = 6,

    /// <summary>
    /// Write several whole small chunks (<see cref="ChunkWrites"/>); <see cref="FrameHeader.Amount"/> is how many. The header's handle, version and token are
    /// those of the first. Answer: no data when every replica has all of them, else what became of each (<see cref="ChunkOutcomes"/>).
    /// </summary>
    WriteEach = 7,

    /// <summary>Give the chunk's file, open for reading: at the door for files alone (<see cref="FileDoor"/>). Answer: no data, but the file.</summary>
    Share = 8,
}

/// <summary>What else is true of a frame.</summary>
[Flags]
internal enum FrameFlags : byte
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>It answers the request of the same id.</summary>
    Answer = 1,

    /// <summary>A write or append, or each of several, is answered only when it is on stable storage.</summary>
    Durable = 2,

    /// <summary>A token follows the header.</summary>
    Token = 4,
}
