using System.Net;
using Gofs.Grains.ChunkServers;
using Gofs.Silo.ChunkServer.Network;
using Gofs.Transport;
using Microsoft.Extensions.Logging.Abstractions;

namespace Gofs.Tests.ChunkServers.Network;

/// <summary>Three chunk servers on real sockets over stores in memory: a chain.</summary>
public abstract class ThreeServerTests : IAsyncDisposable
{
    private protected static readonly TimeSpan Limit = TimeSpan.FromSeconds(20);
    private protected static readonly ClusterKey Key = new("a secret of the test's cluster"u8);

    private protected ThreeServerTests() => Servers = Array.ConvertAll(
        Stores, store => DataServer.Start(
            new(IPAddress.Loopback, 0), store, new RecordAppends(store, LargeBuffers.Shared, TaskScheduler.Default), Key, TimeProvider.System,
            NullLogger.Instance));

    private protected MemoryChunkStore[] Stores { get; } = [new(), new(), new()];

    private protected DataServer[] Servers { get; }

    private protected IPEndPoint[] Behind => [Servers[1].Address, Servers[2].Address];

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        foreach (var server in Servers) await server.DisposeAsync();
        GC.SuppressFinalize(this);
    }
}
