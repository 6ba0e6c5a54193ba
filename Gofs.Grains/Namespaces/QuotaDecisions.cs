using Gofs.Namespaces;

namespace Gofs.Grains.Namespaces;

/// <summary>Bytes as quotas count them.</summary>
/// <param name="Length">Lengths of files.</param>
/// <param name="Stored">What their replicas take when all have their goals: length times goal.</param>
internal readonly record struct ByteCount(long Length, long Stored)
{
    public static ByteCount operator +(ByteCount one, ByteCount other) => new(one.Length + other.Length, one.Stored + other.Stored);

    /// <summary>A file's bytes.</summary>
    public static ByteCount Of(long length, int goal) => new(length, length * goal);
}

/// <summary>
/// Quotas of bytes: of the files' lengths, and of what is stored of them. They are decided by lengths and goals, which the namespace knows, and not by how
/// many replicas there happen to be: so they are exact at every moment, and healing or a drain changes nothing. A clone counts like any file, though it
/// shares its chunks: whoever writes to either side must not fail for that. A growing file counts with what is set aside for it
/// (<see cref="LengthReservations"/>), and so do clones that are still to be given its chunk list. What is there already when a quota is set stays.
/// </summary>
internal static class QuotaDecisions
{
    /// <summary>Refuses to let a file grow.</summary>
    /// <exception cref="GofsException"><see cref="GofsError.QuotaExceeded"/>; <see cref="GofsError.NotFound"/>: it is gone.</exception>
    public static void RequireGrowth(NamespaceState state, LengthReservations reservations, long inode, long lengthBytes)
    {
        if (!state.Config.LimitsBytes) return;
        if (!state.Tree.Has(inode)) throw new GofsException(GofsError.NotFound, "the file was removed while it was written", $"inode {inode}");
        Require(state, reservations.OfOthers(state, inode), reservations.Growth(state, inode, lengthBytes), state.Tree.PathOf(inode));
    }

    /// <summary>Refuses a new file.</summary>
    public static void RequireNew(NamespaceState state, LengthReservations reservations, long parent, long lengthBytes, GofsPath path)
    {
        if (state.Config.LimitsBytes) Require(state, reservations.OfOthers(state, 0), ByteCount.Of(lengthBytes, state.GoalOfNew(parent)), path);
    }

    /// <summary>Refuses a clone.</summary>
    /// <param name="state">The namespace.</param>
    /// <param name="reservations">What is set aside.</param>
    /// <param name="origin">What is cloned.</param>
    /// <param name="count">What it has.</param>
    /// <param name="path">Where the clone is to be.</param>
    public static void RequireClone(NamespaceState state, LengthReservations reservations, long origin, TreeCount count, GofsPath path)
    {
        if (!state.Config.LimitsBytes) return;
        Require(state, reservations.OfOthers(state, 0), new ByteCount(count.LengthBytes, count.StoredBytes) + reservations.Below(state, origin), path);
    }

    /// <summary>Refuses more replicas.</summary>
    /// <param name="state">The namespace.</param>
    /// <param name="reservations">What is set aside.</param>
    /// <param name="inodes">Files, and directories, which take nothing.</param>
    /// <param name="goal">The files' new goal.</param>
    /// <param name="path">What it was set of.</param>
    public static void RequireGoal(NamespaceState state, LengthReservations reservations, IEnumerable<long> inodes, int goal, GofsPath path)
    {
        if (state.Config.MaxStoredBytes == 0) return;
        var more = inodes.Where(inode => state.Tree[inode].Type == EntryType.File)
            .Sum(inode => reservations.LengthOf(state, inode) * (goal - state.Tree[inode].Goal));
        if (more > 0) Require(state, reservations.OfOthers(state, 0), new(0, more), path);
    }

    private static void Require(NamespaceState state, ByteCount reserved, ByteCount more, GofsPath path)
    {
        var used = new ByteCount(state.Tree.LengthBytes, state.Tree.StoredBytes) + reserved;
        var (most, mostStored) = (state.Config.MaxBytes, state.Config.MaxStoredBytes);
        if (most > 0 && more.Length > 0 && used.Length + more.Length > most)
            throw new GofsException(GofsError.QuotaExceeded, $"the namespace has {used.Length} of {most} bytes (the trash counts)", path.ToString());
        if (mostStored > 0 && more.Stored > 0 && (used.Stored < 0 || more.Stored > mostStored - used.Stored))
            throw new GofsException(GofsError.QuotaExceeded,
                $"the namespace has {used.Stored} of {mostStored} stored bytes, and this takes {more.Stored} (each replica counts, the trash too)", path.ToString());
    }
}
