using System.Threading.Tasks.Sources;

namespace Gofs.Transport;

/// <summary>
/// One request that waits for its answer: a place in its connection's table, used again and again. All but the waiting itself is guarded by the
/// connection's gate.
/// </summary>
internal sealed class PendingCall(int index) : IValueTaskSource<FrameAnswer>
{
    private ManualResetValueTaskSourceCore<FrameAnswer> source = new() { RunContinuationsAsynchronously = true };
    private CancellationTokenRegistration cancelled;

    /// <summary>What it is doing.</summary>
    public enum Phase
    {
        /// <summary>It is nobody's.</summary>
        Free,

        /// <summary>The request is on its way.</summary>
        Waiting,

        /// <summary>The answer's data are being received into its memory.</summary>
        Filling,

        /// <summary>Its outcome is known and has not been fetched.</summary>
        Done,
    }

    /// <summary>Its place.</summary>
    public int Index => index;

    /// <summary>See there.</summary>
    public Phase State { get; private set; }

    /// <summary>The id of its request: what its place was used for before has others.</summary>
    public ulong RequestId { get; private set; }

    /// <summary>Where the answer's data go.</summary>
    public Memory<byte> Destination { get; private set; }

    /// <summary>When it has waited long enough, as a timestamp.</summary>
    public long Deadline { get; private set; }

    /// <summary>Bytes the connection had received when it began.</summary>
    public long ReceivedBefore { get; private set; }

    /// <summary>Whom to ask when it takes long, or null.</summary>
    public ISlowCall? Slow { get; private set; }

    /// <summary>When to ask, as a timestamp; <see cref="long.MaxValue"/> while it is being asked.</summary>
    public long AskAt { get; set; }

    /// <summary>The answer.</summary>
    public ValueTask<FrameAnswer> Answer => new(this, source.Version);

    /// <summary>A new request.</summary>
    public void Begin(ulong requestId, Memory<byte> destination, long deadline, long receivedBefore, ISlowCall? slow, long askAt)
    {
        source.Reset();
        (State, RequestId, Destination, Deadline, ReceivedBefore) = (Phase.Waiting, requestId, destination, deadline, receivedBefore);
        (Slow, AskAt) = (slow, slow is null ? long.MaxValue : askAt);
    }

    /// <summary>Remembers how its cancellation is listened to, to stop that.</summary>
    public void Listen(CancellationTokenRegistration registration) => cancelled = registration;

    /// <summary>Its answer arrives.</summary>
    public void Fill() => State = Phase.Filling;

    /// <summary>It went well.</summary>
    public void Succeed(FrameAnswer answer)
    {
        State = Phase.Done;
        Destination = default;
        source.SetResult(answer);
    }

    /// <summary>It did not.</summary>
    public void Fail(Exception why)
    {
        State = Phase.Done;
        Destination = default;
        source.SetException(why);
    }

    /// <summary>Nobody waits for it any more.</summary>
    public void End()
    {
        cancelled.Unregister();
        cancelled = default;
        Slow = null;
        State = Phase.Free;
    }

    /// <inheritdoc/>
    public FrameAnswer GetResult(short token) => source.GetResult(token);

    /// <inheritdoc/>
    public ValueTaskSourceStatus GetStatus(short token) => source.GetStatus(token);

    /// <inheritdoc/>
    public void OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        source.OnCompleted(continuation, state, token, flags);
}
