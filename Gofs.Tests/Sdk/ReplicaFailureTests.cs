using Gofs.Chunks;
using Gofs.ChunkServers;
using Gofs.Files;
using Gofs.Internal;
using Gofs.Namespaces;
using Gofs.Tests.Sdk.Fakes;
using Xunit;

namespace Gofs.Tests.Sdk;

/// <summary>
/// A file is written while its chunk servers die, come back and break off: after every flush each replica that counts has exactly what was
/// written. The file grain and the chunk table are played by this test, by their contracts.
/// </summary>
public sealed class ReplicaFailureTests
{
    private const int ChunkBytes = 128 << 10;
    private static readonly ServerId[] Servers = [new("a"), new("b"), new("c"), new("d")];
    private readonly FakeReplicas replicas = new();
    private readonly Dictionary<int, ChunkPlacement> placed = [];
    private readonly Lock gate = new();
    private long counter;
    private readonly HashSet<ServerId> cut = [];
    private int goal = 3;
    private int recovered;
    private int refusals;
    private int cuts;
    private int replaced;

    /// <summary>Four seeds at once, each with chunk servers of its own: they wait most of the time, to try again.</summary>
    [Fact]
    public Task WhateverServersDo_FlushedBytesAreOnEveryReplicaThatCounts() =>
        Task.WhenAll(Enumerable.Range(1, 4).Select(seed => new ReplicaFailureTests().WorkAsync(seed)));

    private async Task WorkAsync(int seed)
    {
        var random = new Random(seed);
        var chaos = new Random(seed + 100);
        replicas.Breaks = _ => chaos.Next(40) == 0;
        var model = new byte[6 * ChunkBytes];
        var length = 0;
        await using var file = Open();
        for (var round = 0; round < 40; round++)
        {
            if (random.Next(4) == 0) Turn(random);
            if (random.Next(4) == 0) CutPower(random);
            var offset = random.Next(3) == 0 ? random.Next(length + 1) : length;
            var data = new byte[random.Next(1, Math.Min(80_000, model.Length - offset) + 1)];
            random.NextBytes(data);
            data.CopyTo(model, offset);
            length = Math.Max(length, offset + data.Length);
            await WriteAsync(file, offset, data);
            if (length == model.Length) length--; // there is always something to write at the end
            if (random.Next(3) > 0) continue;
            await file.FlushAsync(TestContext.Current.CancellationToken);
            Check(model, (int)file.LengthBytes, seed);
            cut.Clear();
        }

        await file.CloseAsync(null, TestContext.Current.CancellationToken);
        Check(model, (int)file.LengthBytes, seed);
        Assert.True(
            recovered > 0 && replaced > 0 && cuts > 0, $"seed {seed}: {recovered} recoveries, {replaced} given up, {cuts} cuts: the test proves little");
    }

    [Fact]
    public async Task PowerCutBetweenAcknowledgementAndFlush_TheReplicaThatLostBytes_IsLeftOut()
    {
        await using var file = Open();
        await WriteAsync(file, 0, new byte[70_000]);
        await WriteAsync(file, 70_000, [1, 2, 3]); // the first 64 KiB go
        var lost = placed[0].Servers[1];
        await UntilWrittenAsync(placed[0].Servers[2]);
        replicas.CutPower(lost);
        await file.FlushAsync(TestContext.Current.CancellationToken);
        Assert.DoesNotContain(lost, placed[0].Servers);
        Assert.Equal(2, placed[0].Servers.Length);
        foreach (var server in placed[0].Servers) Assert.Equal([.. new byte[70_000], 1, 2, 3], replicas.Data(server, placed[0].Handle));
    }

    [Theory, InlineData(true, GofsError.ReplicasDiffer, ""), InlineData(false, GofsError.DiskFailed, "may have lost")]
    public async Task PowerCutOfTheOnlyReplica_FailsTheFlush_AndSaysWhy(bool losesBytes, GofsError error, string says)
    {
        var file = Open();
        goal = 1;
        await WriteAsync(file, 0, new byte[70_000]);
        await UntilWrittenAsync(placed[0].Servers[0]);
        if (losesBytes) replicas.CutPower(placed[0].Servers[0]);
        else replicas.Restart(placed[0].Servers[0]);
        var why = await Assert.ThrowsAsync<GofsException>(() => file.FlushAsync(TestContext.Current.CancellationToken));
        Assert.Equal(error, why.Error);
        Assert.Contains(says, why.Message, StringComparison.Ordinal);
    }

    [Theory, InlineData(false), InlineData(true)]
    public async Task ReplicaThatLacksWhatWasAcknowledged_IsLeftOut_ByTheNextWriteOrTheFlush(bool isMoreWritten)
    {
        await using var file = Open();
        await WriteAsync(file, 0, new byte[70_000]); // the first 64 KiB go
        var lacks = placed[0].Servers[1];
        await UntilWrittenAsync(placed[0].Servers[2]);
        await file.FlushAsync(TestContext.Current.CancellationToken);
        if (!isMoreWritten) await WriteAsync(file, 70_000, new byte[70_000]);
        replicas.Cut(lacks, placed[0].Handle, 100);
        if (isMoreWritten) await WriteAsync(file, 70_000, [1, 2, 3]);
        await file.FlushAsync(TestContext.Current.CancellationToken);
        Assert.DoesNotContain(lacks, placed[0].Servers);
        Assert.Equal(2, placed[0].Servers.Length);
    }

    [Fact]
    public async Task ReplicasThatAllLackWhatWasAcknowledged_FailTheFlush_AndSayWhy()
    {
        var file = Open();
        await WriteAsync(file, 0, [1, 2, 3]);
        await file.FlushAsync(TestContext.Current.CancellationToken);
        foreach (var server in placed[0].Servers) replicas.Cut(server, placed[0].Handle, 2);
        await WriteAsync(file, 3, [4]);
        var why = await Assert.ThrowsAsync<GofsException>(() => file.FlushAsync(TestContext.Current.CancellationToken));
        Assert.Equal(GofsError.ReplicasDiffer, why.Error);
        await file.DisposeAsync();
    }

    [Fact]
    public async Task ChunkWrittenToItsEnd_IsFlushed_WhileTheNextOneFills()
    {
        await using var file = Open();
        await WriteAsync(file, 0, new byte[ChunkBytes + 1]);
        foreach (var server in placed[0].Servers) await UntilAsync(() => replicas.Flushed(server, placed[0].Handle).Length == ChunkBytes);
    }

    [Fact]
    public async Task FlushBehindTheWriterThatFails_IsDoneAgain_ByTheFlush()
    {
        await using var file = Open();
        (goal, replicas.FlushesToFail) = (1, 1);
        await WriteAsync(file, 0, new byte[ChunkBytes + 1]);
        await UntilAsync(() => replicas.FlushesToFail == 0);
        Assert.Empty(replicas.Flushed(placed[0].Servers[0], placed[0].Handle));
        await file.FlushAsync(TestContext.Current.CancellationToken);
        Assert.Equal(ChunkBytes, replicas.Flushed(placed[0].Servers[0], placed[0].Handle).Length);
    }

    [Fact]
    public async Task WriteToAChunkThatWasFlushedBehind_IsFlushedToo()
    {
        await using var file = Open();
        await WriteAsync(file, 0, new byte[ChunkBytes + 1]);
        await WriteAsync(file, 5, [1]);
        await file.FlushAsync(TestContext.Current.CancellationToken);
        foreach (var server in placed[0].Servers) Assert.Equal(1, replicas.Flushed(server, placed[0].Handle)[5]);
    }

    [Fact]
    public async Task BytesThatWereAcknowledged_AreNotGivenUp_WhenAReplicaDies()
    {
        await using var file = Open();
        await WriteAsync(file, 0, [1, 2, 3]);
        await file.FlushAsync(TestContext.Current.CancellationToken);
        var before = placed[0];
        replicas.Dead.Add(before.Servers[1]);
        await WriteAsync(file, 3, [4]);
        await file.FlushAsync(TestContext.Current.CancellationToken);
        var now = placed[0];
        Assert.Equal((before.Handle, before.Version.Next), (now.Handle, now.Version));
        Assert.Equal(before.Servers.Where(server => !replicas.Dead.Contains(server)), now.Servers);
        foreach (var server in now.Servers) Assert.Equal([1, 2, 3, 4], replicas.Data(server, now.Handle));
    }

    // Found by the simulation (seed 4830): the replicas were not changed, all of them answered again, and the writes were sent again for ever.
    [Fact]
    public async Task ChangeOfReplicasThatIsRefused_IsAskedForAgain_ThoughAllAnswerAgain()
    {
        await using var file = Open();
        await WriteAsync(file, 0, [1, 2, 3]);
        await file.FlushAsync(TestContext.Current.CancellationToken);
        replicas.Dead.Add(placed[0].Servers[1]);
        refusals = 1;
        await WriteAsync(file, 3, [4]);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        limit.CancelAfter(TimeSpan.FromSeconds(30));
        await file.FlushAsync(limit.Token);
        Assert.Equal((0, 1), (refusals, recovered));
        foreach (var server in placed[0].Servers) Assert.Equal([1, 2, 3, 4], replicas.Data(server, placed[0].Handle));
    }

    private WritePipeline Open()
    {
        var file = Fake.Of<IFileGrain>((method, arguments) => method switch
        {
            nameof(IFileGrain.PlaceChunkAsync) => Task.FromResult(Place((int)arguments[1]!)),
            nameof(IFileGrain.RecoverChunkAsync) => Task.FromResult(Recover((RecoverChunk)arguments[0]!)),
            nameof(IFileGrain.CommitLengthAsync) or nameof(IFileGrain.RenewLeaseAsync) => Task.CompletedTask,
            _ => Fake.Unexpected(method),
        });
        var context = new ClientContext(
            Fake.Of<Orleans.IGrainFactory>((method, _) => Fake.Unexpected(method)),
            new GofsClientOptions { TransferBytes = 64 << 10, TransfersInFlight = 4 }, TimeProvider.System, replicas, seed: 1);
        var config = NamespaceConfig.Default with { ChunkSizeBytes = ChunkBytes, Goal = 3 };
        var entry = new Entry(new(7), EntryType.File, 0, 0, 0, 0, 0, 1, [], null, true, 0);
        var lease = new WriterLease(LeaseId.New(), TimeSpan.FromMinutes(1), 0, ChunkBytes, null);
        return new(context, GofsPath.Parse("/file"), file, new(entry, Created: true, 1, config), lease, atomic: false);
    }

    private static async Task WriteAsync(WritePipeline file, int offset, byte[] data)
    {
        for (var done = 0; done < data.Length;)
        {
            var take = Math.Min(data.Length - done, file.RoomAt(offset + done));
            await file.WriteAsync(offset + done, data.AsMemory(done, take), TestContext.Current.CancellationToken);
            done += take;
        }
    }

    private Task UntilWrittenAsync(ServerId server) => UntilAsync(() => replicas.Data(server, placed[0].Handle).Length > 0);

    private static async Task UntilAsync(Func<bool> met)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        while (!met()) await Task.Delay(1, limit.Token);
    }

    // At most one is dead, and none that is the last one of a chunk.
    private void Turn(Random random)
    {
        lock (gate)
        {
            replicas.Dead.Clear();
            var one = Servers[random.Next(Servers.Length)];
            if (placed.Values.All(chunk => chunk.Servers.Any(server => server != one && !cut.Contains(server)))) replicas.Dead.Add(one);
        }
    }

    // What of a chunk is not flushed must be left on one of its servers that lives.
    private void CutPower(Random random)
    {
        lock (gate)
        {
            var one = Servers[random.Next(Servers.Length)];
            if (!placed.Values.All(chunk => chunk.Servers.Any(server => server != one && !cut.Contains(server) && !replicas.Dead.Contains(server)))) return;
            cuts++;
            cut.Add(one);
            replicas.CutPower(one);
        }
    }

    private ChunkPlacement Place(int index)
    {
        lock (gate)
        {
            if (placed.TryGetValue(index, out var known)) return known;
            var number = ++counter;
            return placed[index] = new(index, ChunkHandle.Create(1, 0, number), ChunkVersion.First, [.. Servers.Where((_, i) => i != number % 4).Take(goal)]);
        }
    }

    private ChunkPlacement Recover(RecoverChunk command)
    {
        lock (gate)
        {
            var known = placed[command.Index];
            if (known.Handle != command.Handle || known.Version > command.Version) return known;
            if (command.Empty)
            {
                replaced++;
                placed.Remove(command.Index);
                return Place(command.Index);
            }

            if (refusals > 0)
            {
                refusals--;
                replicas.Dead.Clear();
                throw new GofsException(GofsError.ChunkUnavailable, "not now", "chunk");
            }

            var next = known.Version.Next;
            ServerId[] took = [.. known.Servers.Except(command.Without).Where(server => replicas.SetVersion(server, known.Handle, next))];
            if (took.Length == 0) throw new GofsException(GofsError.ChunkUnavailable, "nobody is left", "chunk");
            recovered++;
            return placed[command.Index] = known with { Version = next, Servers = took };
        }
    }

    private void Check(byte[] model, int length, int seed)
    {
        foreach (var chunk in placed.Values)
        {
            var start = chunk.Index * ChunkBytes;
            var expected = model.AsSpan(start, Math.Clamp(length - start, 0, ChunkBytes));
            Assert.NotEmpty(chunk.Servers);
            foreach (var server in chunk.Servers)
            {
                var data = replicas.Data(server, chunk.Handle);
                Assert.True(
                    data.AsSpan(0, Math.Min(data.Length, expected.Length)).SequenceEqual(expected), $"seed {seed}: chunk {chunk.Index} on {server.Value}");
            }
        }
    }
}
