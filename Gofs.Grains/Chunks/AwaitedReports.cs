using Gofs.ChunkServers;

namespace Gofs.Grains.Chunks;

/// <summary>
/// Which chunk servers a chunk table that has started anew has yet to hear. Each is asked on its own, until it has reported: one that hangs keeps nobody
/// from asking the others, and whoever looks for a chunk goes on when that chunk's server has spoken. Pure; used by one at a time.
/// </summary>
public sealed class AwaitedReports
{
    private readonly HashSet<ServerId> reported = [];
    private readonly HashSet<ServerId> asked = [];
    private readonly HashSet<ServerId> everReported = [];
    private readonly HashSet<ServerId> telling = [];
    private readonly HashSet<ServerId> lacking = [];
    private TaskCompletionSource next = NextWord();
    private bool hasLooked;

    /// <summary>Whether nobody's report is on the way any more.</summary>
    public bool IsComplete => hasLooked && asked.Count == 0;

    /// <summary>Ends when anything of a report has arrived, or will not arrive.</summary>
    public Task Next => next.Task;

    /// <summary>Whether a server has told everything at any time: it may be away since.</summary>
    public bool HasReported(ServerId server) => everReported.Contains(server);

    /// <summary>Whether a server has told everything at any time, and had all its disks when it last told anything.</summary>
    public bool HasToldAll(ServerId server) => HasReported(server) && !lacking.Contains(server);

    /// <summary>
    /// Whether a server may hold what it has not told: it has told nothing yet, or is in the middle of telling. What it held is forgotten with the first part,
    /// and one that falls silent then has never told the rest.
    /// </summary>
    public bool MayHoldMore(ServerId server) => !HasReported(server) || telling.Contains(server);

    /// <summary>The servers to be asked now. One that was away and is back is asked again.</summary>
    public ServerId[] TakeToAsk(IReadOnlyList<ChunkServerInfo> known)
    {
        reported.RemoveWhere(server => !known.Any(one => one.Live && one.Server == server));
        ServerId[] now = [.. known.Where(one => one.Live && !reported.Contains(one.Server) && asked.Add(one.Server)).Select(one => one.Server)];
        hasLooked = true;
        if (IsComplete) Tell();
        return now;
    }

    /// <summary>A part of a report arrived.</summary>
    /// <param name="server">Whose.</param>
    /// <param name="hasMore">Whether it has more to tell.</param>
    /// <param name="lacksADisk">Whether a disk of it is out of service.</param>
    public void Heard(ServerId server, bool hasMore, bool lacksADisk = false)
    {
        if (hasMore) telling.Add(server);
        else telling.Remove(server);
        if (lacksADisk) lacking.Add(server);
        else lacking.Remove(server);
        Tell();
    }

    /// <summary>A server that was asked has told everything.</summary>
    public void Reported(ServerId server)
    {
        asked.Remove(server);
        reported.Add(server);
        everReported.Add(server);
        Tell();
    }

    /// <summary>A server that was asked does not answer, and is to be asked again.</summary>
    public void Failed(ServerId server)
    {
        asked.Remove(server);
        Tell();
    }

    /// <summary>Something a server reported could not be kept: it is to be asked again for everything.</summary>
    public void Lost(ServerId server)
    {
        reported.Remove(server);
        everReported.Remove(server);
    }

    private static TaskCompletionSource NextWord() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private void Tell()
    {
        var told = next;
        next = NextWord();
        told.SetResult();
    }
}
