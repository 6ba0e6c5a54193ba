using System.Globalization;
using Gofs.Chunks;
using Gofs.ChunkServers;
using Gofs.Namespaces;

namespace Gofs.Grains.Maintenance.Fsck;

/// <summary>What is wrong with a file, a chunk or a replica, given what was seen of it. Whether it was merely changing then says who looks again.</summary>
internal static class FsckDecisions
{
    private const string ReReplication = "it is copied again by re-replication as soon as a server has room";

    /// <summary>Sizes: the namespace's, the file's, and what its chunk list reaches to.</summary>
    public static IEnumerable<FsckFinding> OfFile(FsckFile file)
    {
        if (!file.View.IsThere || file.MayChange) yield break;
        if (!file.IsWhole && file.View.LengthBytes != file.LengthBytes)
        {
            yield return new(FsckCheck.Sizes, FsckSeverity.Fault,
                Text($"the namespace shows {file.View.LengthBytes} bytes, the file has {file.LengthBytes}"),
                "the namespace was not told of the last flush", "the next flush of the file, or a repair, puts it right; reads see the file's bytes")
            {
                Inode = new(file.Inode), Repair = FsckRepair.Possible,
            };
        }

        if (file.ChunkSizeBytes <= 0 && file.ChunkCount > 0)
        {
            yield return new(FsckCheck.Sizes, FsckSeverity.Fault, Text($"it has {file.ChunkCount} chunks and no chunk size"), "", "report it as a fault of Gofs")
            {
                Inode = new(file.Inode),
            };
        }
        else if (file.ChunkCount > 0 && (file.ChunkCount - 1) * file.ChunkSizeBytes >= Math.Max(1, file.LengthBytes))
        {
            yield return new(FsckCheck.Sizes, FsckSeverity.Fault,
                Text($"it has {file.ChunkCount} chunks for {file.LengthBytes} bytes"), "", "nothing is lost: its last chunks hold no bytes of it")
            {
                Inode = new(file.Inode),
            };
        }
    }

    /// <summary>One chunk of a file: the reference, and its replicas.</summary>
    /// <param name="file">The file.</param>
    /// <param name="index">The chunk's place in it.</param>
    /// <param name="row">What its table says.</param>
    /// <param name="replicas">What each of the row's servers says, in their order; null for one that did not answer.</param>
    /// <param name="silent">Chunk servers that are known and do not live.</param>
    public static IEnumerable<FsckFinding> OfChunk(
        FsckFile file, int index, ChunkTableRow row, IReadOnlyList<ReplicaState?> replicas, IReadOnlyCollection<ServerId> silent)
    {
        var needed = file.BytesIn(index);
        var good = GoodOf(file, row, replicas, needed);
        foreach (var finding in OfReferences(file, row, good.Count).Concat(OfShares(file, row)).Concat(OfReplicas(row, replicas))
            .Concat(OfLengths(file, row, replicas, needed)).Concat(OfGoal(row, replicas, good.Count, needed, silent)).Concat(OfFilesGoal(file, row)))
        {
            yield return finding with { Inode = new(file.Inode), Chunk = row.Handle, ChunkIndex = index };
        }
    }

    /// <summary>A chunk of a file that is another namespace's.</summary>
    public static FsckFinding OfForeign(FsckFile file, int index, ChunkHandle handle) => new(
        FsckCheck.References, FsckSeverity.Lost, Text($"the file refers to a chunk of namespace number {handle.NamespaceNumber}"), "", "report it as a fault of Gofs")
    {
        Inode = new(file.Inode), Chunk = handle, ChunkIndex = index,
    };

    /// <summary>A chunk server that does not say what it holds.</summary>
    public static FsckFinding OfSilent(ServerId server) => new(
        FsckCheck.Replicas, FsckSeverity.Notice, "a chunk server does not say what it holds", "", "what it holds of chunks nobody refers to is not checked")
    {
        Server = server,
    };

    /// <summary>A chunk of a table that no file was found to refer to; null when the table does not have it any more.</summary>
    public static FsckFinding? OfUnreferred(ChunkTableRow row) => !row.IsReferred ? null
        : new(FsckCheck.References, FsckSeverity.Fault, "the chunk table has a chunk that no file refers to",
            "a file let go of it and the chunk table was not told", "it takes room until a repair that may delete lets it go")
        {
            Chunk = row.Handle, Repair = FsckRepair.Deletes,
        };

    /// <summary>A chunk that several files refer to, of which its table knows one; null when it knows better meanwhile.</summary>
    /// <param name="file">One of the files; the next check finds the others.</param>
    /// <param name="row">What the chunk's table says.</param>
    public static FsckFinding? OfUncounted(FsckFile file, ChunkTableRow row) =>
        !row.IsReferred || row.Files.Length > 0 || file.View.IsSharing || !file.References().Contains(row.Handle) ? null
        : new(FsckCheck.References, FsckSeverity.Fault, "more than one file refers to the chunk, and its table counts one",
            "the table was not told of a clone", "a repair tells the table of this file, and the next check of the other: repair until nothing is found")
        {
            Inode = new(file.Inode), Chunk = row.Handle, Repair = FsckRepair.Possible,
        };

    /// <summary>A file that a chunk's table counts among those that refer to it; null when it does, or is about to let go.</summary>
    /// <param name="file">The file.</param>
    /// <param name="row">What the chunk's table says.</param>
    public static FsckFinding? OfCounted(FsckFile file, ChunkTableRow row) =>
        !row.Files.Contains(new(file.Inode)) || file.View.IsSharing || file.References().Contains(row.Handle) ? null
        : new(FsckCheck.References, FsckSeverity.Fault, "the chunk table counts a file among those that refer to the chunk, and it does not",
            "the file let go of it and the chunk table was not told", "the chunk takes room when the others are gone, until a repair that may delete lets it go")
        {
            Inode = new(file.Inode), Chunk = row.Handle, Repair = FsckRepair.Deletes,
        };

    /// <summary>A replica that a chunk server holds; null when it is as it should be, or is seen to anyway.</summary>
    /// <param name="server">The server.</param>
    /// <param name="replica">What it has.</param>
    /// <param name="row">What the chunk's table says.</param>
    /// <param name="now">The time.</param>
    /// <param name="grace">How long after its time a chunk may still be there: collecting takes a while.</param>
    public static FsckFinding? OfHeld(ServerId server, ReplicaReport replica, ChunkTableRow row, DateTimeOffset now, TimeSpan grace)
    {
        if (row.IsReferred)
        {
            return replica.Version == row.Version ? null : new(FsckCheck.Versions, FsckSeverity.Notice,
                Text($"a replica has version {replica.Version}, the one that counts is {row.Version}"),
                replica.Version < row.Version ? "its server missed a write" : "its table has yet to hear of it",
                replica.Version < row.Version ? "it is never read, and deleted once the chunk has another" : "its server tells the table with its next report")
            {
                Chunk = row.Handle, Server = server,
            };
        }

        if (row is { WasGivenOut: true, CollectAt: { } at } && at + grace > now) return null;
        return new(FsckCheck.Orphans, FsckSeverity.Notice,
            Text($"a replica of {replica.LengthBytes} bytes is of a chunk that no file refers to"),
            !row.WasGivenOut ? "its chunk table never gave out such a chunk: the metadata is older than the chunk server's disk"
                : row.CollectAt is null ? "its chunk table has not heard of it" : "it was not deleted when its time was over",
            "garbage collection deletes it in time; a repair that may delete does it now")
        {
            Chunk = row.Handle, Server = server, Repair = FsckRepair.Deletes,
            Since = row.CollectAt is { } since && since > DateTimeOffset.UnixEpoch ? since : null,
        };
    }

    private static List<ServerId> GoodOf(FsckFile file, ChunkTableRow row, IReadOnlyList<ReplicaState?> replicas, long needed)
    {
        var most = MostOf(file, replicas, needed);
        return [.. row.Servers.Where((_, i) => replicas[i] is { Error: null } one && (file.MayChange || Math.Min(one.LengthBytes, needed) >= most))];
    }

    // Less than the file needs is no fault by itself: what was never written reads as zeros. All replicas must have the same of it.
    private static long MostOf(FsckFile file, IReadOnlyList<ReplicaState?> replicas, long needed) => file.IsWhole
        ? needed
        : replicas.Where(one => one is { Error: null }).Select(one => Math.Min(one!.LengthBytes, needed)).DefaultIfEmpty(0).Max();

    private static IEnumerable<FsckFinding> OfReferences(FsckFile file, ChunkTableRow row, int good)
    {
        if (row.IsReferred || file.View.IsPending) yield break;
        yield return new(FsckCheck.References, good > 0 ? FsckSeverity.Fault : FsckSeverity.Lost,
            "the chunk table does not know a chunk that the file refers to",
            "the table was told to let go of it, or never told of it",
            Text($"{good} replicas are known to be there; a repair tells the table, before they are collected"))
        {
            Repair = FsckRepair.Possible, Since = row.CollectAt is { } at && at > DateTimeOffset.UnixEpoch ? at : null,
        };
    }

    private static IEnumerable<FsckFinding> OfShares(FsckFile file, ChunkTableRow row)
    {
        if (!row.IsReferred || row.Files.Length == 0 || file.View.IsSharing || row.Files.Contains(new(file.Inode))) yield break;
        yield return new(FsckCheck.References, FsckSeverity.Fault,
            Text($"the chunk table does not count the file among the {row.Files.Length} that share the chunk"), "the table was not told of a clone",
            "a repair tells the table, before the others let go of the chunk")
        {
            Repair = FsckRepair.Possible,
        };
    }

    private static IEnumerable<FsckFinding> OfReplicas(ChunkTableRow row, IReadOnlyList<ReplicaState?> replicas)
    {
        for (var i = 0; i < row.Servers.Length; i++)
        {
            if (replicas[i] is { Error: null }) continue;
            yield return replicas[i] switch
            {
                null => new(FsckCheck.Replicas, FsckSeverity.Notice, "its server does not answer", "", "readers use another replica meanwhile")
                {
                    Server = row.Servers[i],
                },
                { Error: GofsError.StaleVersion } stale => new(FsckCheck.Versions, FsckSeverity.Notice,
                    Text($"a replica has not the version that counts, {row.Version}"), stale.Detail, "it is never read, and deleted once the chunk has another")
                {
                    Server = row.Servers[i],
                },
                { } bad => new(FsckCheck.Replicas, FsckSeverity.Fault, Text($"a replica can't be read ({bad.Error})"), bad.Detail,
                    bad.Error == GofsError.Corrupt ? "its server repairs it from another replica" : "readers use another replica meanwhile")
                {
                    Server = row.Servers[i],
                },
            };
        }
    }

    private static IEnumerable<FsckFinding> OfLengths(FsckFile file, ChunkTableRow row, IReadOnlyList<ReplicaState?> replicas, long needed)
    {
        if (file.MayChange) yield break;
        var most = MostOf(file, replicas, needed);
        for (var i = 0; i < row.Servers.Length; i++)
        {
            if (replicas[i] is not { Error: null } one || Math.Min(one.LengthBytes, needed) >= most) continue;
            yield return new(FsckCheck.Sizes, FsckSeverity.Fault,
                Text($"a replica has {one.LengthBytes} of {most} bytes"), "it was cut on the disk, or missed a write", "it does not count as a replica")
            {
                Server = row.Servers[i],
            };
        }
    }

    private static IEnumerable<FsckFinding> OfGoal(
        ChunkTableRow row, IReadOnlyList<ReplicaState?> replicas, int good, long needed, IReadOnlyCollection<ServerId> silent)
    {
        if (!row.IsReferred || (needed == 0 && row.Servers.Length == 0)) yield break;
        var away = silent.Count == 0 ? "" : Text($"; silent: {string.Join(", ", silent)}");
        if (good == 0)
        {
            // Where somebody may yet come back with the bytes they are out of reach, not gone.
            var mayComeBack = silent.Count > 0 || replicas.Any(one => one is null);
            yield return new(FsckCheck.Goals, FsckSeverity.Lost, Text($"none of {row.Goal} wanted replicas can be read"),
                (row.Servers.Length == 0 ? Text($"no server reported version {row.Version}") : "each of its replicas is bad") + away,
                mayComeBack ? "the bytes are back when a silent server that has them is" : "the bytes are lost; restore the file from elsewhere, or remove it");
        }
        else if (good < row.Goal)
        {
            var isEndangered = good == 1;
            yield return new(FsckCheck.Goals, isEndangered ? FsckSeverity.Fault : FsckSeverity.Notice,
                Text($"{good} of {row.Goal} wanted replicas{(isEndangered ? ": endangered" : "")}"),
                Text($"{row.Servers.Length} are listed, {row.Servers.Length - good} of them bad") + away, ReReplication);
        }

        if (!NamespaceConfig.IsGoal(row.Goal))
            yield return new(FsckCheck.Goals, FsckSeverity.Fault, Text($"the goal {row.Goal} is none there can be"), "", "set it anew");
    }

    // A chunk that several share has the goal of the one that wants most, whichever that is.
    private static IEnumerable<FsckFinding> OfFilesGoal(FsckFile file, ChunkTableRow row)
    {
        var wanted = file.View.Goal;
        if (wanted == 0 || !row.IsReferred || file.MayChange || file.View.IsGoalPending || file.View.IsSharing) yield break;
        if (row.Files.Length > 1 ? row.Goal >= wanted : row.Goal == wanted) yield break;
        yield return new(FsckCheck.Goals, FsckSeverity.Notice, Text($"the file's goal is {wanted}, the chunk table has {row.Goal}"),
            "it was set before files had goals of their own, or the table was not told", "a repair, or setrep, tells the table")
        {
            Repair = FsckRepair.Possible,
        };
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
