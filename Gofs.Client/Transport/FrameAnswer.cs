namespace Gofs.Transport;

/// <summary>What a request on the data port was answered.</summary>
/// <param name="DataBytes">How many bytes of data came with it.</param>
/// <param name="Marks">Of a write or flush: the marks of the chain's servers.</param>
internal readonly record struct FrameAnswer(int DataBytes, LossMarks Marks);
