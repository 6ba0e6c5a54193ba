using Xunit;

namespace Gofs.Tests.Histories;

/// <summary>How histories of appended records, and of flushed lengths, are judged.</summary>
public sealed class AppendSetTests
{
    private const long Never = Call<long>.Never;

    private static Call<long> Append(long id, long invoked, long returned) => new(1, id, invoked, returned);

    private static Call<HashSet<long>> Read(long invoked, long returned, params HashSet<long> found) => new(2, found, invoked, returned);

    [Fact]
    public void AcknowledgedRecord_IsInEveryLaterRead() =>
        Assert.Null(AppendSet.Fault([Append(1, 0, 10), Append(2, 5, 40)], [Read(11, 20, 1), Read(12, 30, 1, 2), Read(50, 60, 1, 2)]));

    [Fact]
    public void AcknowledgedRecord_ThatALaterReadHasNot_IsFound() =>
        Assert.Contains("is missing", AppendSet.Fault([Append(1, 0, 10)], [Read(11, 20)]), StringComparison.Ordinal);

    [Fact]
    public void RecordThatNobodyHeardOf_MayComeAndGo() =>
        Assert.Null(AppendSet.Fault([Append(1, 0, Never)], [Read(5, 6, 1), Read(7, 8), Read(9, 10, 1)]));

    [Fact]
    public void Record_ReadBeforeItWasAppended_OrByNobody_IsFound()
    {
        Assert.Contains("before it was appended", AppendSet.Fault([Append(1, 10, 20)], [Read(5, 6, 1)]), StringComparison.Ordinal);
        Assert.Contains("nobody appended", AppendSet.Fault([Append(1, 10, 20)], [Read(15, 26, 1, 7)]), StringComparison.Ordinal);
    }

    [Fact]
    public void ReadThatIsShorterThanAFlushBeforeIt_IsFound()
    {
        Call<LengthOp> flush = new(1, new LengthOp.Flush(100), 0, 10);
        Assert.Null(Linearizability.Fault(new LengthModel(), [flush, new(2, new LengthOp.Read(0), 5, 9), new(2, new LengthOp.Read(100), 11, 12)]));
        Assert.NotNull(Linearizability.Fault(new LengthModel(), [flush, new(2, new LengthOp.Read(0), 11, 12)]));
        Assert.NotNull(Linearizability.Fault(new LengthModel(), [flush, new(2, new LengthOp.Read(100), 1, 2), new(2, new LengthOp.Read(0), 3, 4)]));
        Assert.NotNull(Linearizability.Fault(new LengthModel(), [flush, new(2, new LengthOp.Read(70), 5, 9)]));
    }
}
