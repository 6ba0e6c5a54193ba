using System.Net;
using Gofs.Chunks;
using Gofs.Transport;
using Xunit;

namespace Gofs.Tests.ChunkServers.Network;

/// <summary>Record append over real sockets: the primary's order is everybody's, and whoever is not equal is found.</summary>
public sealed class RecordAppendTests : ThreeServerTests
{
    private const int ChunkBytes = 1 << 20;
    private static readonly ChunkHandle Chunk = ChunkHandle.Create(1, 0, 1);

    // Found by the simulation (seed 1563): a primary that had lost its disk began the chunk anew with the next record, where another replica had none yet.
    [Fact]
    public async Task PrimaryWithoutTheChunk_AppendsNothing()
    {
        using var connection = await ConnectAsync();
        Stores[0].Lost = Chunk;
        var refused = await Assert.ThrowsAsync<GofsException>(() => AppendAsync(connection, Bytes(10, 1)));
        Assert.Equal(GofsError.ChunkNotFound, refused.Error);
        Assert.All(Stores, store => Assert.Equal(0, store.Appends));
    }

    [Fact]
    public async Task ManyAtOnce_EachLandsWhole_InTheSamePlaceOnEveryReplica_AndTheyShareAppends()
    {
        const int Count = 200;
        using var connection = await ConnectAsync();
        var records = Enumerable.Range(0, Count).Select(i => Bytes(1 + (i * 17 % 4000), seed: i)).ToArray();
        var places = await Task.WhenAll(records.Select(record => AppendAsync(connection, record)));
        var end = 0L;
        foreach (var (at, record) in places.Zip(records).OrderBy(one => one.First))
        {
            Assert.Equal(end, at);
            end = at + record.Length;
            Assert.All(Stores, store => Assert.True(store[Chunk].AsSpan((int)at, record.Length).SequenceEqual(record), $"other bytes at {at}"));
        }

        Assert.All(Stores, store => Assert.Equal(Stores[0].Appends, store.Appends));
        Assert.InRange(Stores[0].Appends, 1, Count / 2);
    }

    [Fact]
    public async Task ReplicaThatEndsElsewhere_IsNamed_AndTakesNothing()
    {
        using var connection = await ConnectAsync();
        await AppendAsync(connection, Bytes(100, 1));
        Stores[2].Cut(Chunk, 60);
        var refused = await Assert.ThrowsAsync<GofsException>(() => AppendAsync(connection, Bytes(10, 2)));
        Assert.Equal(GofsError.ReplicasDiffer, refused.Error);
        Assert.Equal(2, refused.Data[DataConnection.FailedHopKey]);
        Assert.Equal(60, await Stores[2].GetLengthAsync(Chunk, ChunkVersion.First, default));
    }

    [Fact]
    public async Task RecordThatDoesNotFit_IsRefused_AndShorterOnesBesideItAreNot()
    {
        using var connection = await ConnectAsync();
        await AppendAsync(connection, Bytes(ChunkBytes - 100, 1));
        var gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Stores[0].Gate = gate.Task;
        var first = AppendAsync(connection, Bytes(10, 2));
        var (full, fits) = (AppendAsync(connection, Bytes(91, 3)), AppendAsync(connection, Bytes(90, 4)));
        gate.SetResult();
        Assert.Equal(ChunkBytes - 100, await first);
        Assert.Equal(GofsError.ChunkFull, (await Assert.ThrowsAsync<GofsException>(() => full)).Error);
        Assert.Equal(ChunkBytes - 90, await fits);
    }

    [Fact]
    public async Task DeadSecondary_FailsTheAppend_SaysWhich_AndNothingIsAcknowledged()
    {
        using var connection = await ConnectAsync();
        await AppendAsync(connection, Bytes(100, 1));
        await Servers[1].DisposeAsync();
        var tries = await Task.WhenAll(Enumerable.Range(0, 10).Select(i => Assert.ThrowsAsync<GofsException>(() => AppendAsync(connection, Bytes(10, i)))));
        Assert.Contains(tries, refused => refused.Data[DataConnection.FailedHopKey] is 1);
        Assert.Equal(100, await Stores[2].GetLengthAsync(Chunk, ChunkVersion.First, default));
    }

    // Found by the simulation (seed 3048): after an append that had failed, its bytes were on the secondaries and others at the same place on the primary.
    [Fact]
    public async Task AppendThatFailed_IsTheLastUnderItsVersion()
    {
        using var connection = await ConnectAsync();
        await AppendAsync(connection, Bytes(100, 1));
        Stores[0].Cut(Chunk, 60);
        Assert.Equal(GofsError.ReplicasDiffer, (await Assert.ThrowsAsync<GofsException>(() => AppendAsync(connection, Bytes(10, 2)))).Error);
        Stores[0].Cut(Chunk, 100);
        Assert.Equal(GofsError.ReplicasDiffer, (await Assert.ThrowsAsync<GofsException>(() => AppendAsync(connection, Bytes(10, 3)))).Error);
        Assert.All(Stores.Skip(1), store => Assert.Equal(1, store.Appends));
    }

    [Fact]
    public async Task AnotherChainUnderTheSameVersion_IsRefused_WhileTheFirstIsUsed()
    {
        using var connection = await ConnectAsync();
        var gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Stores[0].Gate = gate.Task;
        var first = AppendAsync(connection, Bytes(10, 1));
        var other = await Assert.ThrowsAsync<GofsException>(() => AppendAsync(connection, Bytes(10, 2), Servers[2].Address));
        Assert.Equal(GofsError.InvalidArgument, other.Error);
        gate.SetResult();
        Assert.Equal(0, await first);
    }

    [Fact]
    public async Task CorruptRecord_FailsAlone()
    {
        using var connection = await ConnectAsync();
        var request = Request(10) with { DataCrc = 1 };
        var good = AppendAsync(connection, Bytes(10, 2));
        var refused = await Assert.ThrowsAsync<GofsException>(
            async () => await connection.CallAsync(request, Token(), Behind, Bytes(10, 1), default, Limit, null, default));
        Assert.Equal(GofsError.Corrupt, refused.Error);
        Assert.Equal(0, await good);
    }

    private Task<long> AppendAsync(DataConnection connection, byte[] data) => AppendAsync(connection, data, Behind);

    private static async Task<long> AppendAsync(DataConnection connection, byte[] data, params IPEndPoint[] behind)
    {
        var request = Request(data.Length) with { DataCrc = Crc32C.Compute(data) };
        return (await connection.CallAsync(request, Token(), behind, data, default, Limit, null, default)).Offset;
    }

    private static FrameHeader Request(int length) => new()
    {
        Op = FrameOp.Append,
        Flags = FrameFlags.Token,
        Handle = Chunk,
        Version = ChunkVersion.First,
        DataLength = length,
        Amount = ChunkBytes,
    };

    private static ChunkToken Token() => Key.Sign(Chunk, ChunkVersion.First, ChunkRights.Write, 0, TimeProvider.System.GetUtcNow());

    private Task<DataConnection> ConnectAsync() => DataConnection.OpenAsync(Servers[0].Address, TimeProvider.System, hasThread: false, default);

    private static byte[] Bytes(int count, int seed)
    {
        var bytes = new byte[count];
        new Random(seed).NextBytes(bytes);
        return bytes;
    }
}
