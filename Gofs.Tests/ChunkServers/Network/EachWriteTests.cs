using System.Net;
using System.Net.Sockets;
using Gofs.Chunks;
using Gofs.Transport;
using Xunit;

namespace Gofs.Tests.ChunkServers.Network;

/// <summary>Several chunks in one frame over real sockets: along the chain, each with an outcome of its own.</summary>
public sealed class EachWriteTests : ThreeServerTests
{
    [Theory]
    [InlineData(1, 1), InlineData(16, 4096), InlineData(ChunkWrites.MostChunks, 16_000)]
    public async Task EveryReplicaHasEach(int count, int bytes)
    {
        var writes = Writes(count, bytes);
        Assert.All(await WriteEachAsync(writes, Behind), Assert.Null);
        foreach (var store in Stores) Assert.All(writes, one => Assert.True(Has(store, one)));
    }

    [Fact]
    public async Task AnswerHasTheMarksOfTheChain()
    {
        for (var i = 0; i < Stores.Length; i++) Stores[i].Mark = (byte)(10 + i);
        var answer = await CallAsync(Writes(2, 100), Behind, new byte[1000]);
        Assert.Equal([10, 11, 12, 0], Enumerable.Range(0, 4).Select(hop => answer.Marks[hop]));
        Assert.Equal(0, answer.DataBytes);
    }

    [Theory]
    [InlineData(0), InlineData(1), InlineData(2)]
    public async Task OneThatAServerRefuses_IsNamedWithIt_AndTheOthersAreThere(int hop)
    {
        var writes = Writes(4, 1000);
        Stores[hop].Full = writes[2].Write.Handle;
        var outcomes = await WriteEachAsync(writes, Behind);
        Assert.Equal([null, null, GofsError.NoSpace, null], outcomes.Select(one => one?.Error));
        Assert.Equal(hop, outcomes[2]!.Data[DataConnection.FailedHopKey]);
        foreach (var store in Stores) Assert.All(writes.Where((_, i) => i != 2), one => Assert.True(Has(store, one)));
    }

    [Fact]
    public async Task OneRefusedHereAndThere_IsTheChainsAffair()
    {
        var writes = Writes(2, 100);
        Stores[0].Full = Stores[2].Full = writes[1].Write.Handle;
        Assert.Equal(2, (await WriteEachAsync(writes, Behind))[1]!.Data[DataConnection.FailedHopKey]);
    }

    [Fact]
    public async Task WithoutARightTokenOfItsOwn_AChunkIsNotWritten()
    {
        var writes = Writes(3, 100);
        writes[1] = writes[1] with { Token = writes[0].Token };
        writes[2] = writes[2] with { Token = Key.Sign(writes[2].Write.Handle, ChunkVersion.First, ChunkRights.Read, 0, DateTimeOffset.UtcNow) };
        var outcomes = await WriteEachAsync(writes, Behind);
        Assert.Equal([null, GofsError.TokenRefused, GofsError.TokenRefused], outcomes.Select(one => one?.Error));
        Assert.Throws<KeyNotFoundException>(() => Stores[0][writes[1].Write.Handle]);
        writes[0] = writes[0] with { Token = default };
        Assert.Equal(GofsError.TokenRefused, (await Assert.ThrowsAsync<GofsException>(() => WriteEachAsync(writes, Behind))).Error);
    }

    [Fact]
    public async Task LastServerThatIsGone_FailsTheFrame_AndIsNamed()
    {
        await Servers[2].DisposeAsync();
        var failed = await Assert.ThrowsAsync<GofsException>(() => WriteEachAsync(Writes(3, 100), Behind));
        Assert.Equal((GofsError.Unavailable, 2), (failed.Error, failed.Data[DataConnection.FailedHopKey]));
    }

    [Fact]
    public async Task ServerThatEndsInTheMiddle_FailsTheFrame_AndIsNamed()
    {
        Stores[1].Gate = new TaskCompletionSource().Task;
        var written = WriteEachAsync(Writes(3, 100), Behind);
        await Stores[1].Asked.WaitAsync(Limit);
        await Servers[1].DisposeAsync();
        var failed = await Assert.ThrowsAsync<GofsException>(() => written.WaitAsync(Limit));
        Assert.Equal((GofsError.Unavailable, 1), (failed.Error, failed.Data[DataConnection.FailedHopKey]));
    }

    [Fact]
    public async Task ServerBehindThatHangs_IsFound_LongBeforeTheTimeIsUp()
    {
        using var hanging = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        hanging.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        hanging.Listen(); // the kernel takes connections, nobody reads
        var failed = await Assert.ThrowsAsync<GofsException>(
            () => WriteEachAsync(Writes(3, 100), [Servers[1].Address, (IPEndPoint)hanging.LocalEndPoint!]));
        Assert.Equal((GofsError.ChunkServerNotFound, 2), (failed.Error, failed.Data[DataConnection.FailedHopKey]));
    }

    [Fact]
    public async Task WhatMakesNoSense_IsRefused_AndTheConnectionGoesOn()
    {
        using var connection = await ConnectAsync();
        var writes = Writes(2, 100);
        var (request, data) = Request(writes);
        foreach (var wrong in (FrameHeader[])[request with { Amount = 3 }, request with { Amount = 0 }, request with { DataCrc = request.DataCrc + 1 }])
        {
            var refused = await Assert.ThrowsAsync<GofsException>(
                async () => await connection.CallAsync(wrong, writes[0].Token, [], data, default, Limit, null, default));
            Assert.Equal(GofsError.Corrupt, refused.Error);
        }

        await connection.CallAsync(request, writes[0].Token, [], data, default, Limit, null, default);
    }

    /// <summary>By this a client learns that a server is of an earlier release (<see cref="Gofs.Internal.ChunkFiller"/>).</summary>
    [Fact]
    public async Task OperationThatNobodyKnows_IsAnInvalidArgument_AndTheConnectionGoesOn()
    {
        using var connection = await ConnectAsync();
        var writes = Writes(2, 100);
        var (request, data) = Request(writes);
        var refused = await Assert.ThrowsAsync<GofsException>(
            async () => await connection.CallAsync(request with { Op = (FrameOp)200 }, writes[0].Token, [], data, default, Limit, null, default));
        Assert.Equal(GofsError.InvalidArgument, refused.Error);
        await connection.CallAsync(request, writes[0].Token, [], data, default, Limit, null, default);
    }

    private static bool Has(MemoryChunkStore store, AllowedWrite one) =>
        store[one.Write.Handle].AsSpan(0, one.Write.Data.Length).SequenceEqual(one.Write.Data.Span);

    private static AllowedWrite[] Writes(int count, int bytes) => [.. Enumerable.Range(1, count).Select(i =>
    {
        var (handle, data) = (ChunkHandle.Create(1, 0, i), new byte[bytes]);
        new Random(i).NextBytes(data);
        var token = Key.Sign(handle, ChunkVersion.First, ChunkRights.Write, 0, DateTimeOffset.UtcNow);
        return new AllowedWrite(new(handle, ChunkVersion.First, 0, data, Crc32C.Compute(data), bytes + i, Durable: true), token);
    })];

    private static (FrameHeader Request, byte[] Data) Request(AllowedWrite[] writes)
    {
        var data = new byte[ChunkWrites.BytesOf(writes)];
        ChunkWrites.Format(data, writes);
        var (handle, version, _) = writes[0].Chunk;
        return (new()
        {
            Op = FrameOp.WriteEach, Flags = FrameFlags.Token | FrameFlags.Durable, Handle = handle, Version = version, Amount = writes.Length,
            DataLength = data.Length, DataCrc = Crc32C.Compute(data),
        }, data);
    }

    private Task<DataConnection> ConnectAsync() => DataConnection.OpenAsync(Servers[0].Address, TimeProvider.System, hasThread: false, default);

    private async Task<FrameAnswer> CallAsync(AllowedWrite[] writes, IPEndPoint[] hops, byte[] said)
    {
        using var connection = await ConnectAsync();
        var (request, data) = Request(writes);
        return await connection.CallAsync(request, writes[0].Token, hops, data, said, Limit, null, default);
    }

    private async Task<GofsException?[]> WriteEachAsync(AllowedWrite[] writes, IPEndPoint[] hops)
    {
        var said = new byte[ChunkOutcomes.MostBytes(writes.Length)];
        return ChunkOutcomes.Parse(said.AsSpan(0, (await CallAsync(writes, hops, said)).DataBytes), writes);
    }
}
