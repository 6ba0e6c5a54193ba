namespace Gofs.Tests.Histories;

/// <summary>What a file's one writer and its readers do: a flush makes the file longer, a read finds how long it is.</summary>
internal abstract record LengthOp
{
    private LengthOp()
    {
    }

    /// <summary>The writer has flushed this many bytes.</summary>
    public sealed record Flush(long LengthBytes) : LengthOp;

    /// <summary>A reader read all there was.</summary>
    public sealed record Read(long LengthBytes) : LengthOp;
}

/// <summary>The length of a file, as readers see it.</summary>
internal sealed class LengthModel : ISequentialModel<long, LengthOp>
{
    public long Initial => 0;

    public bool TryApply(long state, LengthOp op, bool isAnswered, out long next)
    {
        next = op is LengthOp.Flush flush ? flush.LengthBytes : state;
        return op is not LengthOp.Read read || !isAnswered || read.LengthBytes == state;
    }
}
