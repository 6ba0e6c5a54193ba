using System.Net;
using System.Net.Sockets;
using Gofs.Chunks;
using Gofs.Grains.ChunkServers;
using Gofs.Silo.ChunkServer.Network;
using Gofs.Transport;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace Gofs.Tests.ChunkServers.Network;

/// <summary>The data port over TCP alone, as others than this machine see it: what is asked, what is refused, and who dies.</summary>
public sealed class DataPortTests() : DataServerTests(hasDoor: false);

/// <summary>The same over the door for this machine.</summary>
public sealed class LocalDoorTests() : DataServerTests(hasDoor: true)
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task DoorOfAServerThatHangs_IsNotWaitedFor(bool hasThread)
    {
        using var port = new TcpListener(IPAddress.Loopback, 0);
        port.Start(); // the kernel takes connections, nobody accepts them
        var address = (IPEndPoint)port.LocalEndpoint;
        using var door = LocalDoor.NewSocket();
        door.Bind(LocalDoor.Of(address));
        door.Listen(1);
        var waiting = FillQueue(address);
        using var connection = await DataConnection.OpenAsync(address, TimeProvider.System, hasThread, default).WaitAsync(TimeSpan.FromSeconds(20));
        Assert.False(connection.IsLocal);
        waiting.ForEach(one => one.Dispose());
    }

    private static List<Socket> FillQueue(IPEndPoint address)
    {
        List<Socket> waiting = [];
        while (true)
        {
            var one = LocalDoor.NewSocket();
            one.Blocking = false;
            waiting.Add(one);
            try
            {
                one.Connect(LocalDoor.Of(address));
            }
            catch (SocketException full) when (full.SocketErrorCode == SocketError.WouldBlock)
            {
                return waiting;
            }
        }
    }
}

/// <summary>The data port over real sockets of this machine: what is asked, what is refused, and who dies.</summary>
public abstract class DataServerTests : IAsyncDisposable
{
    private const int ChunkBytes = 4 << 20;
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(20);
    private static readonly ChunkHandle Chunk = ChunkHandle.Create(1, 0, 1);
    private static readonly ClusterKey Key = new("a secret of the test's cluster"u8);
    private readonly MemoryChunkStore[] stores = [new(), new(), new()];
    private readonly DataServer[] servers;
    private readonly FakeTimeProvider use = new();
    private readonly ClientUse clients;
    private readonly bool hasDoor;

    protected DataServerTests(bool hasDoor)
    {
        this.hasDoor = hasDoor;
        clients = new(use);
        servers = Array.ConvertAll(
            stores, store => DataServer.Start(
                new(IPAddress.Loopback, 0), store, new RecordAppends(store, LargeBuffers.Shared, TaskScheduler.Default), Key, TimeProvider.System,
                NullLogger.Instance, hasDoor: hasDoor, clients: clients));
    }

    [Fact]
    public async Task WhatIsReadForACopy_IsNoClientsUse()
    {
        using var connection = await ConnectAsync();
        await WriteAsync(connection, Bytes(100, 1), 0);
        use.Advance(ClientUse.QuietTime);
        var read = Request(FrameOp.Read) with { Amount = 100 };
        foreach (var (rights, isQuiet) in ((ChunkRights, bool)[])[(ChunkRights.Read | ChunkRights.Copy, true), (ChunkRights.Read, false)])
        {
            await connection.CallAsync(read, Token(rights), [], default, new byte[100], Limit, null, default);
            Assert.Equal(isQuiet, clients.IsQuiet);
        }
    }

    [Fact]
    public async Task WhoIsOnThisMachine_ComesByTheDoor_WhereThereIsOne()
    {
        using var connection = await ConnectAsync();
        Assert.Equal(hasDoor, connection.IsLocal);
    }

    [Fact]
    public async Task RequestThatWaits_DoesNotHoldTheAnswersOfThoseThatCameWithIt()
    {
        await using var raw = await RawAsync();
        var gate = new TaskCompletionSource();
        stores[0].Gate = gate.Task;
        await raw.WriteAsync((byte[])[.. Frame(FrameOp.Flush, 1), .. Frame(FrameOp.Ping, 2), .. Frame(FrameOp.Ping, 3)]);
        Assert.Equal((2UL, 3UL), (await AnsweredAsync(raw), await AnsweredAsync(raw)));
        gate.SetResult();
        Assert.Equal(1UL, await AnsweredAsync(raw));
    }

    [Fact]
    public async Task RequestOfWhichOnlyAPartCame_DoesNotHoldTheAnswerBeforeIt()
    {
        await using var raw = await RawAsync();
        var next = Frame(FrameOp.Ping, 2);
        await raw.WriteAsync((byte[])[.. Frame(FrameOp.Ping, 1), .. next[..^1]]);
        Assert.Equal(1UL, await AnsweredAsync(raw));
        await raw.WriteAsync(next.AsMemory(next.Length - 1));
        Assert.Equal(2UL, await AnsweredAsync(raw));
    }

    public async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        foreach (var server in servers) await server.DisposeAsync();
    }

    [Theory]
    [InlineData(1)]
    [InlineData(20_000)]
    [InlineData(1 << 20)]
    public async Task WhatIsWritten_IsRead(int bytes)
    {
        using var connection = await ConnectAsync();
        var data = Bytes(bytes, seed: bytes);
        await WriteAsync(connection, data, offset: 5);
        var read = new byte[bytes];
        Assert.Equal(bytes, await ReadAsync(connection, read, offset: 5));
        Assert.Equal(data, read);
    }

    [Fact]
    public async Task ManyAtOnce_EachGetsItsOwnAnswer()
    {
        using var connection = await ConnectAsync();
        var data = Bytes(ChunkBytes / 4, seed: 3);
        await WriteAsync(connection, data, offset: 0);
        await Task.WhenAll(Enumerable.Range(0, 500).Select(async i =>
        {
            var (offset, read) = (i * 1000, new byte[i % 2 == 0 ? 100 : 70_000]);
            Assert.Equal(read.Length, await ReadAsync(connection, read, offset));
            Assert.True(data.AsSpan(offset, read.Length).SequenceEqual(read), $"read {i}");
        }));
    }

    [Fact]
    public async Task Chain_AnAnswerSpeaksForEveryReplica()
    {
        using var connection = await ConnectAsync();
        var data = Bytes(100_000, seed: 4);
        await WriteAsync(connection, data, offset: 10, servers[1].Address, servers[2].Address);
        foreach (var store in stores) Assert.Equal(data, store[Chunk].AsSpan(10, data.Length).ToArray());
        for (var i = 0; i < 3; i++) stores[i].Mark = (byte)(LossMarks.Most - i);
        var answer = await connection.CallAsync(
            Request(FrameOp.Flush), Token(), [servers[1].Address, servers[2].Address], default, default, Limit, null, default);
        Assert.All(stores, store => Assert.Equal(1, store.Flushes));
        Assert.Equal([127, 126, 125, 0], Enumerable.Range(0, 4).Select(hop => answer.Marks[hop]));
    }

    [Fact]
    public async Task Chain_EachServerIsTold_HowLongItsReplicaMustBe()
    {
        using var connection = await ConnectAsync();
        var data = Bytes(1000, seed: 5);
        var write = Request(FrameOp.Write) with
        {
            DataLength = data.Length, DataCrc = Crc32C.Compute(data), Amount = ChunkBytes, LeastLength = 77,
        };
        await connection.CallAsync(write, Token(), [servers[1].Address, servers[2].Address], data, default, Limit, null, default);
        Assert.All(stores, store => Assert.Equal(77, store.LeastAsked));
        var flush = Request(FrameOp.Flush) with { LeastLength = 1077 };
        await connection.CallAsync(flush, Token(), [servers[1].Address, servers[2].Address], default, default, Limit, null, default);
        Assert.All(stores, store => Assert.Equal(1077, store.LeastAsked));
    }

    [Fact]
    public async Task Chain_WhoseLastServerIsGone_SaysWhichAndFails()
    {
        using var connection = await ConnectAsync();
        await servers[2].DisposeAsync();
        var refused = await Assert.ThrowsAsync<GofsException>(
            () => WriteAsync(connection, Bytes(100, 1), 0, servers[1].Address, servers[2].Address));
        Assert.Equal(GofsError.Unavailable, refused.Error);
        Assert.Equal(2, refused.Data[DataConnection.FailedHopKey]);
        Assert.True(connection.IsOpen);
    }

    [Fact]
    public async Task Chain_WhoseNextServerHangs_SaysSo_LongBeforeTheTimeIsUp()
    {
        using var hanging = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        hanging.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        hanging.Listen(); // the kernel takes connections, nobody reads
        using var connection = await ConnectAsync();
        var refused = await Assert.ThrowsAsync<GofsException>(
            () => WriteAsync(connection, Bytes(100, 1), 0, servers[1].Address, (IPEndPoint)hanging.LocalEndPoint!));
        Assert.Equal(GofsError.ChunkServerNotFound, refused.Error);
        Assert.Equal(2, refused.Data[DataConnection.FailedHopKey]);
    }

    [Fact]
    public async Task SlowDisk_IsWaitedFor_BecauseItsServerLives()
    {
        using var connection = await ConnectAsync();
        var gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        stores[1].Gate = gate.Task;
        var asked = 0;
        var watch = new Watch(() => Interlocked.Increment(ref asked) == 2 ? gate.TrySetResult() : false);
        var request = Request(FrameOp.Flush);
        await WriteAsync(connection, Bytes(100, 1), 0);
        await connection.CallAsync(request, Token(), [servers[1].Address], default, default, Limit, watch, default);
        Assert.True(asked >= 2, $"asked {asked} times");
    }

    private sealed class Watch(Func<bool> asked) : ISlowCall
    {
        public TimeSpan First => TimeSpan.FromSeconds(1);

        public Task<GofsException?> LookAsync()
        {
            asked();
            return Task.FromResult<GofsException?>(null);
        }
    }

    [Fact]
    public async Task WithoutARightToken_NothingIsServed()
    {
        using var connection = await ConnectAsync();
        await WriteAsync(connection, Bytes(100, 1), 0);
        var read = Request(FrameOp.Read) with { Amount = 100 };
        var forged = new ClusterKey("another"u8).Sign(Chunk, ChunkVersion.First, ChunkRights.Read, 0, DateTimeOffset.UtcNow);
        foreach (var token in (ChunkToken[])[default, Token(ChunkRights.Write), forged])
        {
            var refused = await Assert.ThrowsAsync<GofsException>(
                async () => await connection.CallAsync(read, token, [], default, new byte[100], Limit, null, default));
            Assert.Equal(GofsError.TokenRefused, refused.Error);
        }

        Assert.Equal(100, await ReadAsync(connection, new byte[100], 0));
    }

    [Fact]
    public async Task CorruptData_AreNotWritten_AndTheConnectionGoesOn()
    {
        using var connection = await ConnectAsync();
        var request = Request(FrameOp.Write) with { DataLength = 100, DataCrc = 1, Amount = ChunkBytes };
        var refused = await Assert.ThrowsAsync<GofsException>(
            async () => await connection.CallAsync(request, Token(), [], Bytes(100, 1), default, Limit, null, default));
        Assert.Equal(GofsError.Corrupt, refused.Error);
        await WriteAsync(connection, Bytes(100, 1), 0);
    }

    [Fact]
    public async Task CancelledRead_EndsAtOnce_AndItsLateAnswerIsNobodys()
    {
        using var connection = await ConnectAsync();
        await WriteAsync(connection, Bytes(100, 1), 0);
        var gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        stores[0].Gate = gate.Task;
        using var stop = new CancellationTokenSource();
        var memory = new byte[100];
        var read = connection.CallAsync(Request(FrameOp.Read) with { Amount = 100 }, Token(), [], default, memory, Limit, null, stop.Token).AsTask();
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => read);
        gate.SetResult();
        var next = new byte[100];
        Assert.Equal(100, await ReadAsync(connection, next, 0));
        Assert.Equal(new byte[100], memory);
        Assert.Equal(Bytes(100, 1), next);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task ServerThatIsSilent_EndsTheCallByItsTime_AndTheConnectionIsGivenUp(bool hasThread)
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        using var connection = await DataConnection.OpenAsync((IPEndPoint)listener.LocalEndpoint, TimeProvider.System, hasThread, default);
        var late = await Assert.ThrowsAsync<GofsException>(async () => await connection.CallAsync(
            Request(FrameOp.Flush), Token(), [], default, default, TimeSpan.FromMilliseconds(200), null, default));
        Assert.Equal(GofsError.Timeout, late.Error);
        Assert.False(connection.IsOpen);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task ServerThatStops_BreaksWhatIsOnTheWay(bool hasThread)
    {
        using var connection = await ConnectAsync(hasThread);
        await WriteAsync(connection, Bytes(100, 1), 0);
        stores[0].Gate = new TaskCompletionSource().Task;
        var read = ReadAsync(connection, new byte[100], 0);
        await servers[0].DisposeAsync();
        var broken = await Assert.ThrowsAsync<GofsException>(() => read.WaitAsync(Limit));
        Assert.Equal(GofsError.Unavailable, broken.Error);
    }

    [Fact]
    public async Task ConnectionWithAThread_BringsLargeAnswersToManyAtOnce_AndEndsWhenItIsClosed()
    {
        var data = Bytes(1 << 20, 3);
        using (var writer = await ConnectAsync()) await WriteAsync(writer, data, 0);
        var connection = await ConnectAsync(hasThread: true);
        await Parallel.ForAsync(0, 64, async (i, _) =>
        {
            var into = new byte[(1 << 20) - (i * 1000)];
            Assert.Equal(into.Length, await ReadAsync(connection, into, i * 1000));
            Assert.True(data.AsSpan(i * 1000).SequenceEqual(into));
        });
        stores[0].Gate = new TaskCompletionSource().Task;
        var read = ReadAsync(connection, new byte[100], 0);
        connection.Dispose();
        await Assert.ThrowsAsync<GofsException>(() => read.WaitAsync(Limit));
    }

    [Fact]
    public async Task Nonsense_ClosesThatConnectionOnly()
    {
        using var client = new TcpClient();
        await client.ConnectAsync(servers[0].Address);
        await client.GetStream().WriteAsync(Bytes(1000, 9));
        Assert.Equal(0, await client.GetStream().ReadAsync(new byte[1]).AsTask().WaitAsync(Limit));
        using var connection = await ConnectAsync();
        await WriteAsync(connection, Bytes(100, 1), 0);
    }

    private static byte[] Bytes(int count, int seed)
    {
        var bytes = new byte[count];
        new Random(seed).NextBytes(bytes);
        return bytes;
    }

    // A connection of plain sockets, by the way the servers are reached.
    private async Task<NetworkStream> RawAsync()
    {
        var socket = hasDoor ? LocalDoor.NewSocket() : new Socket(SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(hasDoor ? LocalDoor.Of(servers[0].Address) : servers[0].Address).WaitAsync(Limit);
        return new(socket, ownsSocket: true);
    }

    private static byte[] Frame(FrameOp op, ulong id)
    {
        var bytes = new byte[FrameHeader.MostHeadBytes];
        return bytes[..(Request(op) with { RequestId = id, LimitMilliseconds = 10_000 }).Format(bytes, Token(), [])];
    }

    private static async Task<ulong> AnsweredAsync(NetworkStream from)
    {
        var head = new byte[FrameHeader.Bytes];
        await from.ReadExactlyAsync(head).AsTask().WaitAsync(Limit);
        return FrameHeader.Parse(head).RequestId;
    }

    private static ChunkToken Token(ChunkRights rights = ChunkRights.Read | ChunkRights.Write) =>
        Key.Sign(Chunk, ChunkVersion.First, rights, 0, DateTimeOffset.UtcNow);

    private static FrameHeader Request(FrameOp op) => new() { Op = op, Flags = FrameFlags.Token, Handle = Chunk, Version = ChunkVersion.First };

    private Task<DataConnection> ConnectAsync(bool hasThread = false) =>
        DataConnection.OpenAsync(servers[0].Address, TimeProvider.System, hasThread, default);

    private static async Task WriteAsync(DataConnection connection, byte[] data, long offset, params IPEndPoint[] hops)
    {
        var request = Request(FrameOp.Write) with { Offset = offset, DataLength = data.Length, DataCrc = Crc32C.Compute(data), Amount = ChunkBytes };
        await connection.CallAsync(request, Token(), hops, data, default, Limit, null, default);
    }

    private static async Task<int> ReadAsync(DataConnection connection, byte[] into, long offset)
    {
        var request = Request(FrameOp.Read) with { Offset = offset, Amount = into.Length };
        return (await connection.CallAsync(request, Token(), [], default, into, Limit, null, default)).DataBytes;
    }
}
