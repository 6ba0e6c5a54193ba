namespace Gofs.Grains.EditLogs;

/// <summary>An activation's claim of the next epoch of its stream, committed together with whatever else waits.</summary>
internal sealed class EpochClaim(StreamId stream) : ICommitSource
{
    private readonly StreamCommit commit = new(stream) { Claim = StreamClaim.Take };
    private readonly TaskCompletionSource<StreamHead> taken = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>The stream's row as it was when the epoch became this activation's.</summary>
    public Task<StreamHead> Taken => taken.Task;

    /// <inheritdoc/>
    public StreamCommit? Take() => taken.Task.IsCompleted ? null : commit;

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
