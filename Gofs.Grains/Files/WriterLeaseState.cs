using Gofs.Chunks;
using Gofs.Cluster;
using Gofs.Files;

namespace Gofs.Grains.Files;

/// <summary>
/// The writer lease of one file: who, until when, and which chunks it may write. It is not logged: when the silo dies the lease
/// is forgotten, and its holder brings it back (<see cref="Resume"/>) with what it was given.
/// </summary>
public sealed class WriterLeaseState
{
    private readonly Dictionary<int, ChunkPlacement> placed = [];
    private readonly HashSet<int> fresh = [];
    private readonly HashSet<int> suspended = [];
    private readonly HashSet<int> cut = [];

    private WriterLeaseState(LeaseId id, DateTimeOffset expiresAt)
    {
        Id = id;
        ExpiresAt = expiresAt;
    }

    /// <summary>Its name, which its holder changes when he takes it up (<see cref="Resume"/>).</summary>
    public LeaseId Id { get; private set; }

    /// <summary>When it ends unless it is renewed.</summary>
    public DateTimeOffset ExpiresAt { get; private set; }

    /// <summary>The file's EditLog number when it was given, as its holder was told.</summary>
    public long GrantedAt { get; set; }

    /// <summary>Who has it, as he said.</summary>
    public Caller Holder { get; set; } = Caller.Unknown;

    /// <summary>Where its holder writes, by index.</summary>
    public IEnumerable<ChunkPlacement> Placed => placed.Values.OrderBy(one => one.Index);

    /// <summary>Whether the grain did not give it but took it up: then chunks may be written under it that it does not name.</summary>
    public bool IsResumed { get; private set; }

    /// <summary>Indexes of chunks of the file's that may be written under it.</summary>
    public IEnumerable<int> Written => placed.Keys.Where(index => !fresh.Contains(index)).Concat(suspended);

    /// <summary>Chunks placed under it that no commit has named yet: the chunk table must keep them.</summary>
    public IEnumerable<ChunkHandle> Uncommitted => fresh.Select(index => placed[index].Handle);

    /// <summary>When the chunk table was last told to keep them.</summary>
    public DateTimeOffset KeptAt { get; set; }

    /// <summary>
    /// The lease of <paramref name="asked"/>'s holder: <paramref name="current"/> when it is his, else a new one.
    /// </summary>
    /// <exception cref="GofsException"><see cref="GofsError.LeaseHeld"/>: another lives.</exception>
    public static WriterLeaseState Acquire(WriterLeaseState? current, LeaseId asked, DateTimeOffset now, TimeSpan leaseTime)
    {
        if (current is not null && current.Id.IsOfSameHolder(asked) && now < current.ExpiresAt)
        {
            current.ExpiresAt = now + leaseTime;
            return current;
        }

        if (current is not null && now < current.ExpiresAt)
            throw new GofsException(GofsError.LeaseHeld,
                $"another client is writing the file; its lease ends in {Math.Ceiling((current.ExpiresAt - now).TotalSeconds):0} s unless renewed");
        return new(asked, now + leaseTime) { KeptAt = now };
    }

    /// <summary>Renews <paramref name="current"/> for the caller who holds <paramref name="asked"/>.</summary>
    /// <exception cref="GofsException"><see cref="GofsError.LeaseExpired"/>: it is another's, or over.</exception>
    public static WriterLeaseState Renew(WriterLeaseState? current, LeaseId asked, DateTimeOffset now, TimeSpan leaseTime)
    {
        if (current is null || current.Id != asked || now >= current.ExpiresAt)
            throw new GofsException(GofsError.LeaseExpired, "the writer lease has ended; what was not flushed is lost: open the file again");
        current.ExpiresAt = now + leaseTime;
        return current;
    }

    /// <summary>The lease that <paramref name="asked"/> names, taken up by a grain that does not know it.</summary>
    /// <exception cref="GofsException">
    /// <see cref="GofsError.LeaseExpired"/>: another holds the file, or somebody else has written to it since that lease was given.
    /// </exception>
    public static WriterLeaseState Resume(
        WriterLeaseState? current, FileState file, ResumeLease asked, long editLogNumber, DateTimeOffset now, TimeSpan leaseTime)
    {
        var id = asked.As == default ? asked.LeaseId : asked.As;
        var holds = current is not null && now < current.ExpiresAt ? current : null;
        var isHis = holds is not null && holds.Id.IsOfSameHolder(id);
        if (isHis && holds!.Id == asked.LeaseId && id == asked.LeaseId) return Renew(holds, id, now, leaseTime);
        if ((isHis && !id.IsLaterThan(holds!.Id)) || (asked.As != default && file.LastWriter.IsOfSameHolder(id) && !id.IsLaterThan(file.LastWriter)))
            throw new GofsException(GofsError.LeaseExpired, "the lease was taken up again since this was asked");
        var isLast = file.LastWriter.IsOfSameHolder(id) ? !file.LastWriterClosed : editLogNumber == asked.GrantedAt;
        if (isHis ? !isLast && holds!.GrantedAt != asked.GrantedAt : holds is not null || !isLast)
            throw new GofsException(GofsError.LeaseExpired, "the writer lease has ended and somebody else has had the file since; what was not flushed is lost");
        var resumed = isHis ? holds! : new WriterLeaseState(id, now + leaseTime);
        resumed.TakeUp(asked.Placed, file);
        (resumed.Id, resumed.ExpiresAt, resumed.GrantedAt, resumed.IsResumed) = (id, now + leaseTime, asked.GrantedAt, resumed.IsResumed || !isHis);
        return resumed;
    }

    /// <summary>Where the chunk at <paramref name="index"/> was placed under this lease, or null.</summary>
    public ChunkPlacement? Find(int index) => placed.GetValueOrDefault(index);

    /// <summary>What lies past the file's length in the chunk at <paramref name="index"/> is being cut, for this lease to write there.</summary>
    public void Cut(int index) => cut.Add(index);

    /// <summary>Remembers a placement; a <paramref name="isNew"/> chunk waits for a commit to name it.</summary>
    public void Place(ChunkPlacement placement, bool isNew)
    {
        placed[placement.Index] = placement;
        suspended.Remove(placement.Index);
        if (isNew) fresh.Add(placement.Index);
    }

    /// <summary>
    /// A chunk of the file's that the writer has written to is to be placed again before more is written: its version has moved, or a clone
    /// shares it. What was written is kept, past the flushed length too.
    /// </summary>
    public void Suspend(int index)
    {
        placed.Remove(index);
        suspended.Add(index);
    }

    /// <summary>The file was cut: nothing that was written past its end is kept.</summary>
    public void ForgetSuspended() => suspended.Clear();

    /// <summary>Whether the chunk at <paramref name="index"/> was placed and is to be placed again.</summary>
    public bool IsSuspended(int index) => suspended.Contains(index);

    /// <summary>Whether the chunk at <paramref name="index"/> was made under this lease and no commit has named it.</summary>
    public bool IsNew(int index) => fresh.Contains(index);

    /// <summary>A chunk has other replicas, under another version.</summary>
    public void Replace(ChunkPlacement placement)
    {
        placed[placement.Index] = placement;
        cut.Remove(placement.Index);
    }

    /// <summary>A chunk that was made under this lease is given up.</summary>
    public void Forget(int index)
    {
        placed.Remove(index);
        fresh.Remove(index);
        suspended.Remove(index);
    }

    /// <summary>A commit named these.</summary>
    public void Committed(IEnumerable<FileChunk> chunks)
    {
        foreach (var chunk in chunks) fresh.Remove(chunk.Index);
    }

    /// <summary>Forgets placements from <paramref name="firstIndex"/> on.</summary>
    public void ForgetFrom(int firstIndex)
    {
        foreach (var index in placed.Keys.Concat(suspended).Where(index => index >= firstIndex).ToArray()) Forget(index);
    }

    private void TakeUp(ChunkPlacement[] told, FileState file)
    {
        foreach (var placement in told)
        {
            FileDecisions.CheckIndex(placement.Index);
            if (cut.Contains(placement.Index) && Find(placement.Index) is var own && (own?.Handle != placement.Handle || own.Version != placement.Version))
                throw new GofsException(GofsError.LeaseExpired, "the lease was asked for again meanwhile; what was not flushed is lost");
        }

        foreach (var placement in told)
        {
            var (own, isFiles) = (Find(placement.Index), file.ChunkAt(placement.Index) != ChunkHandle.None);
            if (suspended.Contains(placement.Index) || (own is not null && (isFiles || own.Handle == placement.Handle))) continue;
            // One that is the file's a clone may share since, or the file has a copy in its place: the next placement finds out.
            if (isFiles) Suspend(placement.Index);
            else Place(placement, isNew: true);
        }
    }
}
