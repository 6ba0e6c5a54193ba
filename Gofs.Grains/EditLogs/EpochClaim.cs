namespace Gofs.Grains.EditLogs;

/// <summary>An activation's claim of the next epoch of its stream, committed together with whatever else waits.</summary>
internal sealed class EpochClaim(StreamId stream, TimeProvider time) : ICommitSource
{
    private readonly StreamCommit commit = new(stream) { Claim = StreamClaim.Take };
    private readonly TaskCompletionSource<StreamHead> taken = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>The stream's row as it was when the epoch became this activation's.</summary>
    public Task<StreamHead> Taken => taken.Task;

    /// <summary>When the commit began that took it, by the time provider's timestamps: from then on the owner's reads count for a while.</summary>
    public long BegunAt { get; private set; }

    /// <inheritdoc/>
    public StreamCommit? Take()
    {
        if (taken.Task.IsCompleted) return null;
        BegunAt = time.GetTimestamp();
        return commit;
    }

    /// <inheritdoc/>
    public void Committed()
    {
        if (commit.Refused is { } why) Fault(new(GofsError.Unavailable, why, commit.Stream.ToString()));
        else taken.TrySetResult(commit.Head);
    }

    /// <inheritdoc/>
    public void Dropped()
    {
    }

    /// <inheritdoc/>
    public void Fault(GofsException why) => taken.TrySetException(why);
}
