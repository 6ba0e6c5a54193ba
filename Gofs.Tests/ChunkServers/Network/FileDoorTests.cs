using System.Net;
using System.Net.Sockets;
using Gofs.Chunks;
using Gofs.Grains.ChunkServers;
using Gofs.Silo.ChunkServer.Network;
using Gofs.Tests.ChunkServers.Storage;
using Gofs.Transport;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace Gofs.Tests.ChunkServers.Network;

/// <summary>The door for files: who is given one, how long it counts, and who dies.</summary>
public sealed class FileDoorTests : IAsyncDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(20);
    private readonly MemoryChunkStore store = new() { SharedFile = typeof(FileDoorTests).Assembly.Location };
    private readonly DataServer server;
    private readonly FakeTimeProvider time = new();

    public FileDoorTests() => server = DataServer.Start(
        new(IPAddress.Loopback, 0), store, new RecordAppends(store, LargeBuffers.Shared, TaskScheduler.Default), SharedReplica.Key, TimeProvider.System,
        NullLogger.Instance);

    public ValueTask DisposeAsync() => server.DisposeAsync();

    [Fact]
    public async Task File_IsGivenToReadAlone()
    {
        using var door = await FileDoor.OpenAsync(server.Address, time);
        using var file = await door.ShareAsync(SharedReplica.Access());
        var bytes = new byte[2];
        Assert.Equal(2, RandomAccess.Read(file!, bytes, 0));
        Assert.Equal("MZ"u8, bytes);
        Assert.ThrowsAny<Exception>(() => RandomAccess.Write(file!, bytes, 0));
    }

    [Fact]
    public async Task WithoutATokenForReading_NoFileIsGiven_AndTheDoorStaysOpen()
    {
        using var door = await FileDoor.OpenAsync(server.Address, time);
        Assert.Null(await door.ShareAsync(SharedReplica.Access(rights: ChunkRights.Write)));
        Assert.Null(await door.ShareAsync(new(SharedReplica.Chunk, ChunkVersion.First, default)));
        Assert.Null(await door.ShareAsync(SharedReplica.Access() with { Version = new(2) }));
        using var file = await door.ShareAsync(SharedReplica.Access());
        Assert.NotNull(file);
    }

    [Fact]
    public async Task StoreWithoutAFile_GivesNone()
    {
        store.SharedFile = null;
        using var door = await FileDoor.OpenAsync(server.Address, time);
        Assert.Null(await door.ShareAsync(SharedReplica.Access()));
        Assert.True(door.IsOpenThere());
    }

    [Fact]
    public async Task ReplicaTakenOutOfService_EndsAllFiles()
    {
        using var door = await FileDoor.OpenAsync(server.Address, time);
        using var file = await door.ShareAsync(SharedReplica.Access());
        Assert.True(door.IsOpenThere());
        store.EndShares();
        Assert.False(door.IsOpenThere());
        using var again = await FileDoor.OpenAsync(server.Address, time);
        Assert.True(again.IsOpenThere());
    }

    [Fact]
    public async Task ServerThatHangs_IsTrustedForHalfASecond_AndClosedAfterAnother()
    {
        using var hung = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        var address = new IPEndPoint(IPAddress.Loopback, server.Address.Port - 1);
        hung.Bind(FileDoor.Of(address));
        hung.Listen(); // the kernel takes connections, nobody answers them
        using var door = await FileDoor.OpenAsync(address, time);
        Assert.True(door.IsTrusted);
        time.Advance(FileDoor.Trust);
        Assert.True(door.IsTrusted);
        time.Advance(TimeSpan.FromTicks(1));
        Assert.False(door.IsTrusted);
        var asking = door.ShareAsync(SharedReplica.Access());
        while (!asking.IsCompleted)
        {
            time.Advance(TimeSpan.FromMilliseconds(100));
            await Task.Yield();
        }

        Assert.Equal(GofsError.Unavailable, (await Assert.ThrowsAsync<GofsException>(() => asking)).Error);
        Assert.True(door.IsClosed);
    }

    [Fact]
    public async Task ServerThatAnswers_IsTrustedOn_WhileItIsUsed()
    {
        using var door = await FileDoor.OpenAsync(server.Address, time);
        for (var i = 0; i < 5; i++)
        {
            time.Advance(FileDoor.Trust + TimeSpan.FromTicks(1));
            while (!door.IsTrusted) await Task.Yield();
        }

        Assert.False(door.IsClosed);
    }

    [Theory]
    [InlineData("GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nUser-Agent: somebody who is wrong here\r\n\r\n")]
    [InlineData("")]
    public async Task WhoSendsAnythingElse_IsClosed(string bytes)
    {
        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        await socket.ConnectAsync(FileDoor.Of(server.Address));
        var read = new FrameHeader { Op = FrameOp.Write, DataLength = 100 };
        var frame = new byte[FrameHeader.Bytes];
        read.Format(frame, default, []);
        await socket.SendAsync(bytes.Length > 0 ? System.Text.Encoding.ASCII.GetBytes(bytes) : frame);
        using var limit = new CancellationTokenSource(Limit);
        Assert.Equal(0, await ReceiveAsync(socket, limit.Token));
    }

    private static async Task<int> ReceiveAsync(Socket socket, CancellationToken cancellation)
    {
        try
        {
            return await socket.ReceiveAsync(new byte[1], cancellation);
        }
        catch (SocketException reset) when (reset.SocketErrorCode == SocketError.ConnectionReset)
        {
            return 0;
        }
    }
}
