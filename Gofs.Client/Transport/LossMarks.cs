namespace Gofs.Transport;

/// <summary>
/// With each acknowledgement of a write or flush every server of the chain says its mark, a number that it changes when it may have lost what it had
/// acknowledged and not yet flushed: its machine has started again (a power cut). Why: an acknowledged write is in the memory of the server's kernel only.
/// A client whose writes to a chunk were acknowledged under one mark and whose flush is acknowledged under another must not believe that flush.
/// </summary>
/// <param name="Value">A byte for each server, the first server's lowest. 0: that server says nothing.</param>
internal readonly record struct LossMarks(long Value)
{
    /// <summary>The largest mark. The highest bit of every byte is 0: eight of them are a positive number.</summary>
    public const byte Most = 127;

    private const int Bits = 8;

    /// <summary>A server's own before those of the servers behind it.</summary>
    public LossMarks(byte own, LossMarks behind)
        : this((behind.Value << Bits & long.MaxValue) + (own & Most))
    {
    }

    /// <summary>The mark of a server, 0 for the first.</summary>
    public byte this[int hop] => (byte)((Value >> (Bits * hop)) & Most);
}
