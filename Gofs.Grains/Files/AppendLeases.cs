using Gofs.Cluster;
using Gofs.Files;

namespace Gofs.Grains.Files;

/// <summary>
/// Who may append records to one file, and until when. Not logged: after a restart of the file grain each of them joins again. Pure.
/// </summary>
public sealed class AppendLeases
{
    /// <summary>The most at once; more are refused as <see cref="GofsError.Busy"/>.</summary>
    public const int Most = 10_000;

    private readonly Dictionary<LeaseId, (DateTimeOffset End, Caller Holder)> until = [];

    /// <summary>Whether anybody has one.</summary>
    public bool IsAlive(DateTimeOffset now)
    {
        foreach (var ended in until.Where(one => one.Value.End <= now).Select(one => one.Key).ToArray()) until.Remove(ended);
        return until.Count > 0;
    }

    /// <summary>Some that live, and how many there are.</summary>
    public (FileLease[] Some, int Count) Living(int most, DateTimeOffset now)
    {
        FileLease[] living = [.. until.Where(one => one.Value.End > now).Select(one => new FileLease(one.Key, one.Value.Holder, one.Value.End - now))];
        return ([.. living.Take(most)], living.Length);
    }

    /// <summary>Gives one, or renews it.</summary>
    /// <exception cref="GofsException"><see cref="GofsError.Busy"/>.</exception>
    public void Join(LeaseId lease, DateTimeOffset now, TimeSpan leaseTime, Caller? holder = null)
    {
        if (until.Count >= Most && !until.ContainsKey(lease) && IsAlive(now) && until.Count >= Most)
            throw new GofsException(GofsError.Busy, $"{Most} clients append to the file already");
        until[lease] = (now + leaseTime, holder ?? Caller.Unknown);
    }

    /// <summary>Renews one; false when it is not known or has ended.</summary>
    public bool TryRenew(LeaseId lease, DateTimeOffset now, TimeSpan leaseTime)
    {
        if (!until.TryGetValue(lease, out var one) || one.End <= now) return false;
        until[lease] = one with { End = now + leaseTime };
        return true;
    }

    /// <summary>Renews one.</summary>
    /// <exception cref="GofsException"><see cref="GofsError.LeaseExpired"/>: join again.</exception>
    public void Renew(LeaseId lease, DateTimeOffset now, TimeSpan leaseTime)
    {
        if (!TryRenew(lease, now, leaseTime)) throw new GofsException(GofsError.LeaseExpired, "the append lease has ended: open the file again");
    }

    /// <summary>Ends one; false when it is not known.</summary>
    public bool Leave(LeaseId lease) => until.Remove(lease);

    /// <summary>Ends all.</summary>
    public void Clear() => until.Clear();
}
