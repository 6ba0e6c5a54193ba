namespace Gofs.Transport;

/// <summary>What a request on the data port was answered.</summary>
/// <param name="DataBytes">How many bytes of data came with it.</param>
/// <param name="Offset">Of a record append: where in the chunk it is.</param>
internal readonly record struct FrameAnswer(int DataBytes, long Offset)
{
    /// <summary>Of a write or flush: the marks of the chain's servers.</summary>
    public LossMarks Marks => new(Offset);
}
