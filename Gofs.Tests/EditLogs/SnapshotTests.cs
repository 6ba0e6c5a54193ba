using CsCheck;
using Gofs.Grains.Chunks;
using Gofs.Grains.EditLogs;
using Xunit;

namespace Gofs.Tests.EditLogs;

/// <summary>Snapshot and tail are the state, whatever fails in between; and what is damaged is found and named.</summary>
public sealed class SnapshotTests
{
    [Fact]
    public void SnapshotAndTail_AreTheState_AfterAnyFaultAtAnyStep()
    {
        // Each step: so many records, then a Snapshot that fails at a step (or does not), then perhaps a new owner.
        var step = Gen.Select(Gen.Long[0, 1_000_000].Array[0, 12], Gen.Int[-1, 9], Gen.Bool, Gen.Bool);
        Gen.Select(step.Array[1, 6], Gen.Int[0, 5]).Sample((steps, retained) =>
        {
            using var stream = new SumStream(retained);
            foreach (var (values, failAt, after, newOwner) in steps)
            {
                stream.Raise(values);
                (stream.Store.FailAt, stream.Store.After) = (failAt, after);
                try
                {
                    stream.MakeSnapshot();
                }
                catch (GofsException failed) when (failed.Error == GofsError.Unavailable)
                {
                    // The fault that was planted: the next one begins again.
                }

                stream.Store.FailAt = -1;
                if (newOwner) Assert.Equal(stream.Live.ToString(), stream.TakeUp().ToString());
            }

            Assert.True(stream.MakeSnapshot());
            Assert.Equal(stream.Live.ToString(), stream.TakeUp().ToString());
            Assert.Equal(stream.Number, stream.Head.Snapshot);
            Assert.Equal(0, stream.Do(store => store.DeleteLooseParts(stream.Id, stream.Head.Epoch, 1)));
            Assert.Equal(Math.Max(0, stream.Number - retained), stream.Store.Records(stream.Id) is [var first, ..] ? first.Number - 1 : stream.Number);
        }, iter: 30, threads: 1);
    }

    [Fact]
    public void FormerOwner_MakesNoSnapshot_AndLeavesItsSuccessorsAlone()
    {
        using var stream = new SumStream();
        stream.Raise(1, 2, 3);
        var former = stream.Head.Epoch;
        stream.TakeUp();
        Assert.False(stream.MakeSnapshot(former));
        Assert.True(stream.MakeSnapshot());
        Assert.Equal(stream.Live.ToString(), stream.TakeUp().ToString());
    }

    [Fact]
    public void SnapshotNobodyWantsAnyMore_IsGivenUpBeforeTheLogIsRead()
    {
        using var stream = new SumStream();
        stream.Raise(1, 2, 3);
        stream.Damage("UPDATE record SET crc = crc + 1"); // whoever reads it says so
        Assert.Equal(GofsError.Unavailable, Assert.Throws<GofsException>(() => stream.MakeSnapshot(isOver: true)).Error);
        Assert.Equal(GofsError.EditLogCorrupt, Assert.Throws<GofsException>(() => stream.MakeSnapshot()).Error);
    }

    [Theory]
    [InlineData("UPDATE record SET crc = crc + 1 WHERE number = 5", "record 5")]
    [InlineData("UPDATE record SET payload = x'00' || payload WHERE number = 6", "record 6")]
    [InlineData("DELETE FROM record WHERE number = 6", "record 6 is missing")]
    [InlineData("DELETE FROM record WHERE number = 8", "record 8 is missing")]
    [InlineData("UPDATE record SET number = -number WHERE number IN (5, 6)", "record 5 is missing")]
    [InlineData("DELETE FROM snapshot_part WHERE part = 1", "part 1 of the Snapshot at 4 is missing")]
    [InlineData("UPDATE snapshot_part SET payload = zeroblob(1000) WHERE part = 2", "part 2 of the Snapshot at 4")]
    [InlineData("UPDATE snapshot_part SET part = CASE part WHEN 0 THEN 100 ELSE 101 END WHERE part < 2", "part 0 of the Snapshot at 4 is missing")]
    [InlineData(SwapParts, "part 0 of the Snapshot at 4 does not match")]
    [InlineData("UPDATE stream SET snapshot_parts = 2", "the Snapshot at 4")]
    public void Damage_StopsTheReading_AndIsNamed(string sql, string named)
    {
        using var stream = new SumStream();
        stream.Raise(1, 2, 3, 4);
        Assert.True(stream.MakeSnapshot());
        stream.Raise(5, 6, 7, 8);
        Assert.Equal(stream.Live.ToString(), stream.TakeUp().ToString());
        stream.Damage(sql);
        AssertCorrupt(stream, named);
    }

    [Fact]
    public void RecordOfAnUnknownType_IsNamed()
    {
        using var stream = new SumStream();
        stream.Raise(1, 2);
        Append(stream, [0xFF, 0x00, 0x12, 0x34, 0xE0]);
        AssertCorrupt(stream, "record 3 is not one this release can read");
    }

    [Fact]
    public void RecordThatCanNotBeApplied_IsNamed()
    {
        using var stream = new SumStream();
        stream.Raise(1, 2);
        Append(stream, EventSerializers.Some.SerializeToArray(new HandlesReserved(-1)));
        AssertCorrupt(stream, "record 3 can't follow");
    }

    private const string SwapParts = """
        UPDATE snapshot_part SET part = part + 100 WHERE part < 2;
        UPDATE snapshot_part SET part = 101 - part WHERE part >= 100;
        """;

    private static void Append(SumStream stream, byte[] payload) =>
        stream.Do(store => store.Do(Commits.Append(stream.Id, stream.Head.Epoch, stream.Number, payload)));

    private static void AssertCorrupt(SumStream stream, string named)
    {
        var found = Assert.Throws<GofsException>(() => stream.TakeUp());
        Assert.Equal((GofsError.EditLogCorrupt, stream.Id.ToString()), (found.Error, found.Path));
        Assert.Contains(named, found.Message, StringComparison.Ordinal);
    }
}
