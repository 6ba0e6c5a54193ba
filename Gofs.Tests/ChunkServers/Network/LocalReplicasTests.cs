using System.Net;
using Gofs.Chunks;
using Gofs.Transport;
using Xunit;

namespace Gofs.Tests.ChunkServers.Network;

/// <summary>Which replicas' files a client asks for, and which it keeps.</summary>
public sealed class LocalReplicasTests
{
    private static readonly IPEndPoint Nowhere = new(IPAddress.Loopback, 1);

    [Fact]
    public void ManyChunksReadAtOnce_AreForgottenAgain_AndDisturbNobody()
    {
        using LocalReplicas replicas = new(TimeProvider.System);
        Parallel.For(0, 64, new ParallelOptions { MaxDegreeOfParallelism = 8 }, lane =>
        {
            for (var i = 0; i < 1000; i++) replicas.OnAsked(SharedReplica.Server, Nowhere, AccessTo((lane * 1000) + i));
        });
        replicas.OnAsked(SharedReplica.Server, Nowhere, AccessTo(100_000));
        Assert.InRange(replicas.Count, 1, LocalReplicas.MostFiles);
    }

    [Fact]
    public async Task FileOfAChunk_IsReadAfterItsSecondRead_AndNotBefore()
    {
        await using var server = await SharedReplica.StartAsync([1, 2, 3]);
        using LocalReplicas replicas = new(TimeProvider.System);
        var into = new byte[3];
        replicas.OnAsked(SharedReplica.Server, server.Port.Address, SharedReplica.Access());
        Assert.False(replicas.TryRead(SharedReplica.Server, SharedReplica.Access(), 0, into, out _));
        replicas.OnAsked(SharedReplica.Server, server.Port.Address, SharedReplica.Access());
        var count = 0;
        for (var i = 0; i < 2000 && !replicas.TryRead(SharedReplica.Server, SharedReplica.Access(), 0, into, out count); i++) await Task.Delay(10);
        Assert.Equal((3, 2), (count, into[1]));
        Assert.False(replicas.TryRead(SharedReplica.Server, SharedReplica.Access(version: 2), 0, into, out _));
    }

    private static ChunkAccess AccessTo(int counter) => new(ChunkHandle.Create(1, 0, 1 + counter), ChunkVersion.First, default);
}
