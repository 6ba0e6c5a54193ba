using System.Reflection;
using Gofs.Chunks;
using Gofs.ChunkServers;
using Gofs.Files;
using Gofs.Grains.Chunks;
using Gofs.Grains.Control;
using Gofs.Grains.Files;
using Gofs.Silo.ChunkServer.Storage;
using Gofs.Transport;

namespace Gofs.Tests.Simulation;

/// <summary>
/// The planted bugs of files, chunk tables and chunk servers. The product has none of them: here calls of grains are carried out otherwise than they were
/// meant, as they would be if a step of the protocol were missing.
/// </summary>
internal sealed class ChunkBugs(SimChunkCluster cluster)
{
    private static readonly FieldInfo Lease = typeof(FileGrain).GetField("lease", BindingFlags.Instance | BindingFlags.NonPublic)!;
    private readonly Dictionary<string, byte> marks = [];
    private readonly Dictionary<ChunkHandle, ChunkVersion> newest = [];

    /// <summary>Sends a call.</summary>
    public Task<object?> Send(string method, Func<Task<object?>> send)
    {
        if (cluster.Bug != PlantedBug.AckBeforeSecondaries || method != nameof(IChunkServerGrain.AppendAtAsync)) return send();
        _ = send();
        return Task.FromResult<object?>(null);
    }

    /// <summary>Carries a call out, on its target's lane.</summary>
    public Task<object?> CarryOutAsync(SimActivation target, MethodInfo method, object?[] arguments)
    {
        var name = method.Name;
        switch (cluster.Bug)
        {
            case PlantedBug.VersionNotChecked when name is nameof(IChunkServerGrain.WriteMarkedAsync) or nameof(IChunkServerGrain.FlushMarkedAsync):
                TakeOwnVersion(target, arguments);
                break;
            case PlantedBug.StaleReplicaServed when name is nameof(IChunkServerGrain.ReadAsync) or nameof(IChunkServerGrain.GetLengthAsync):
                TakeOwnVersion(target, arguments);
                break;
            case PlantedBug.StaleReplicaServed when arguments is [ChunkReport report, ..]:
                arguments[0] = report with { Present = Array.ConvertAll(report.Present, MakeNewest) };
                break;
            case PlantedBug.LeaseNotExpired when target.Grain is FileGrain file && Lease.GetValue(file) is WriterLeaseState held:
                arguments[0] = arguments[0] switch
                {
                    LeaseId => held.Id,
                    CommitLength commit => commit with { LeaseId = held.Id },
                    RecoverChunk recover => recover with { LeaseId = held.Id },
                    var other => other,
                };
                break;
            case PlantedBug.LengthBeforeFlush when arguments is [ChunkWrite write, ..]:
                arguments[0] = write with { Durable = false };
                return NoteMarkAsync(target, target.CallAsync(method, arguments));
            case PlantedBug.LengthBeforeFlush when name == nameof(IChunkServerGrain.FlushMarkedAsync)
                && marks.TryGetValue(target.Silo.Process.Name, out var mark):
                return Task.FromResult<object?>(mark);
            case PlantedBug.CrcNotChecked when name == nameof(IChunkServerGrain.ReadAsync):
                return ReadAnywayAsync((SimChunkSilo)target.Silo, target.CallAsync(method, arguments), arguments);
            case PlantedBug.TouchedForgotten when name == nameof(IChunkServerGrain.TakeTouchedAsync):
                return ForgetTouchedAsync(target.CallAsync(method, arguments));
            case PlantedBug.VersionNotMoved when name is nameof(IChunkTableGrain.RecoverAsync) or nameof(IChunkTableControlGrain.RecoverOwnAsync):
                return Task.FromResult<object?>(new ChunkLocation(
                    (ChunkHandle)arguments[0]!, (ChunkVersion)arguments[1]!, (ServerId[])arguments[2]!, Known: true));
        }

        return target.CallAsync(method, arguments);
    }

    private static void TakeOwnVersion(SimActivation target, object?[] arguments)
    {
        var write = arguments[0] as ChunkWrite;
        var handle = write?.Handle ?? (ChunkHandle)arguments[0]!;
        if (((SimChunkSilo)target.Silo).VersionOf(handle) is not { } version) return;
        if (write is not null) arguments[0] = write with { Version = version };
        else arguments[1] = version;
    }

    private ReplicaReport MakeNewest(ReplicaReport replica)
    {
        foreach (var silo in cluster.All)
        {
            if (silo.VersionOf(replica.Handle) is { } version && version > newest.GetValueOrDefault(replica.Handle))
                newest[replica.Handle] = version;
        }

        return replica with { Version = newest.GetValueOrDefault(replica.Handle, replica.Version) };
    }

    private async Task<object?> NoteMarkAsync(SimActivation target, Task<object?> writing)
    {
        var answer = await writing;
        if (answer is byte mark) marks[target.Silo.Process.Name] = mark;
        return answer;
    }

    private static async Task<object?> ReadAnywayAsync(SimChunkSilo silo, Task<object?> reading, object?[] arguments)
    {
        try
        {
            return await reading;
        }
        catch (GofsException corrupt) when (corrupt.Error == GofsError.Corrupt)
        {
            var content = silo.Machine.Disk.Content(Disk.FileOf((ChunkHandle)arguments[0]!));
            var head = new ChunkHead((ChunkHandle)arguments[0]!, (ChunkVersion)arguments[1]!, SimNamespace.Config.ChunkSizeBytes);
            var at = head.DataOffset + (long)arguments[2]!;
            var bytes = content.Skip((int)at).Take((int)arguments[3]!).ToArray();
            return new ChunkData(bytes, Crc32C.Compute(bytes));
        }
    }

    private static async Task<object?> ForgetTouchedAsync(Task<object?> asking) => (TouchedBytes)(await asking)! with { ChecksumBlocks = [] };
}
