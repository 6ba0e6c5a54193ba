using Gofs.Chunks;
using Gofs.Tests.ChunkServers.Storage;
using Gofs.Transport;
using Xunit;

namespace Gofs.Tests.ChunkServers.Network;

/// <summary>A replica's file in a client's hands: what it gives is what its server would give, and when it counts no more.</summary>
public sealed class LocalReplicaTests
{
    [Theory]
    [InlineData(0, 200_000)]
    [InlineData(0, 65_536)]
    [InlineData(70_000, 4096)]
    [InlineData(65_000, 140_000)]
    [InlineData(199_000, 4096)]
    [InlineData(200_000, 10)]
    [InlineData(3_000_000, 10)]
    public async Task WhatTheServerGives_TheFileGives(int offset, int count)
    {
        await using var server = await SharedReplica.StartAsync(StoreHost.Bytes(200_000));
        using var file = await server.ShareAsync();
        var (local, remote) = (new byte[count], new byte[count]);
        Assert.Equal(LocalRead.Done, file.TryRead(offset, local, out var had));
        Assert.Equal((await server.Store.ReadAsync(SharedReplica.Chunk, ChunkVersion.First, offset, remote, default)).Count, had);
        Assert.Equal(remote, local);
    }

    [Fact]
    public async Task WhatIsAcknowledged_IsSeenAtOnce()
    {
        await using var server = await SharedReplica.StartAsync();
        var model = new List<byte>();
        var random = new Random(7);
        LocalReplica? file = null;
        for (var step = 0; step < 300; step++)
        {
            if (model.Count > 0 && random.Next(6) == 0)
            {
                var length = random.Next(model.Count + 1);
                await server.Store.TruncateAsync(SharedReplica.Chunk, ChunkVersion.First, length, default);
                model.RemoveRange(length, model.Count - length);
            }
            else
            {
                var offset = random.Next(3) == 0 ? model.Count : random.Next(model.Count + 1000);
                var data = StoreHost.Bytes(1 + random.Next(random.Next(2) == 0 ? 100 : 150_000), step);
                if (offset + data.Length > SharedReplica.ChunkBytes) continue;
                await server.Store.WriteAsync(
                    SharedReplica.Chunk, ChunkVersion.First, offset, data, Crc32C.Compute(data), SharedReplica.ChunkBytes, random.Next(2) == 0, 0,
                    default);
                while (model.Count < offset + data.Length) model.Add(0);
                for (var i = 0; i < data.Length; i++) model[offset + i] = data[i];
            }

            file ??= await server.ShareAsync();
            var into = new byte[1 << 20];
            var from = random.Next(model.Count + 1);
            Assert.Equal(LocalRead.Done, file.TryRead(from, into, out var had));
            Assert.Equal(Math.Min(into.Length, model.Count - from), had);
            Assert.True(into.AsSpan(0, had).SequenceEqual(model.GetRange(from, had).ToArray()), $"step {step}: other bytes than were acknowledged");
        }

        file!.Dispose();
    }

    [Fact]
    public async Task BytesThatAreBeingChanged_AreTheOldOrTheNewChecksumBlockByChecksumBlock()
    {
        await using var server = await SharedReplica.StartAsync();
        const int ChecksumBlockBytes = ChunkHead.ChecksumBlockBytes;
        await server.WriteAsync(0, new byte[2 * ChecksumBlockBytes]);
        using var file = await server.ShareAsync();
        var changing = Task.Run(async () =>
        {
            for (byte i = 1; i <= 200; i++) await server.WriteAsync(0, Enumerable.Repeat(i, 2 * ChecksumBlockBytes).ToArray());
        });
        var (into, last) = (new byte[2 * ChecksumBlockBytes], 0);
        while (!changing.IsCompleted)
        {
            if (file.TryRead(0, into, out var had) != LocalRead.Done) continue;
            Assert.Equal(into.Length, had);
            Assert.False(into.AsSpan(0, ChecksumBlockBytes).ContainsAnyExcept(into[0]), "a torn checksum block");
            Assert.False(into.AsSpan(ChecksumBlockBytes).ContainsAnyExcept(into[ChecksumBlockBytes]), "a torn checksum block");
            Assert.True(into[0] >= last, "an older one than before");
            last = into[0];
        }

        await changing;
        Assert.Equal(LocalRead.Done, file.TryRead(0, into, out _));
        Assert.Equal(200, into[^1]);
    }

    [Fact]
    public async Task NewVersion_EndsIt()
    {
        await using var server = await SharedReplica.StartAsync(StoreHost.Bytes(100));
        using var file = await server.ShareAsync();
        Assert.Equal(LocalRead.Done, file.TryRead(0, new byte[100], out _));
        await server.Store.SetVersionAsync(SharedReplica.Chunk, new(2), null, default);
        Assert.Equal(LocalRead.Over, file.TryRead(0, new byte[100], out _));
    }

    [Fact]
    public async Task DeletedReplica_EndsIt()
    {
        await using var server = await SharedReplica.StartAsync(StoreHost.Bytes(100));
        using var file = await server.ShareAsync();
        Assert.Equal(LocalRead.Done, file.TryRead(0, new byte[100], out _));
        await server.Store.DeleteAsync([SharedReplica.Chunk], default);
        Assert.Equal(LocalRead.Over, file.TryRead(0, new byte[100], out _));
    }

    [Fact]
    public async Task ServerThatIsGone_EndsIt()
    {
        await using var server = await SharedReplica.StartAsync(StoreHost.Bytes(100));
        using var file = await server.ShareAsync();
        await server.Port.DisposeAsync();
        Assert.Equal(LocalRead.Over, file.TryRead(0, new byte[100], out _));
    }

    [Fact]
    public async Task FlippedBit_IsForTheServerToFind()
    {
        await using var server = await SharedReplica.StartAsync(StoreHost.Bytes(200_000));
        using var file = await server.ShareAsync();
        using (var stream = new FileStream(server.File, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite))
        {
            stream.Position = stream.Length - 1;
            var old = stream.ReadByte();
            stream.Position--;
            stream.WriteByte((byte)(old ^ 1));
        }

        Assert.Equal(LocalRead.AskServer, file.TryRead(199_000, new byte[10], out _));
        Assert.Equal(LocalRead.Done, file.TryRead(0, new byte[10], out _));
    }

    [Fact]
    public async Task TokenThatHasRunOut_EndsIt()
    {
        await using var server = await SharedReplica.StartAsync(StoreHost.Bytes(100));
        using var file = await server.ShareAsync();
        server.Time.Advance(ClusterKey.TokenTime + TimeSpan.FromSeconds(1));
        Assert.Equal(LocalRead.Over, file.TryRead(0, new byte[100], out _));
    }
}
