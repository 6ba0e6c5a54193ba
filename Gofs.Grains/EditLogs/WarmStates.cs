using System.Collections.Concurrent;

namespace Gofs.Grains.EditLogs;

/// <summary>A state as a standby hands it over.</summary>
/// <param name="State">The state.</param>
/// <param name="Number">The last record in it.</param>
/// <param name="ReleasedEpoch">An epoch whose owner is known to have ended in order; 0 for none.</param>
internal readonly record struct WarmState(object State, long Number, long ReleasedEpoch);

/// <summary>A state that follows a stream without owning it.</summary>
internal interface IWarmState
{
    /// <summary>
    /// Hands the state over for good: whoever followed the stream with it stops. Null when there is none (yet, or any more).
    /// </summary>
    WarmState? HandOver();
}

/// <summary>
/// The states of this process that standbys keep warm, by stream: an activation that becomes a stream's owner here takes its standby's
/// state instead of reading Snapshot and log.
/// </summary>
internal sealed class WarmStates
{
    private readonly ConcurrentDictionary<StreamId, IWarmState> states = new();

    /// <summary>A standby begins to follow a stream.</summary>
    public void Add(StreamId stream, IWarmState state) => states[stream] = state;

    /// <summary>A standby ends.</summary>
    public void Remove(StreamId stream, IWarmState state) => states.TryRemove(new(stream, state));

    /// <summary>Takes a state over; null when there is none.</summary>
    public WarmState? Take(StreamId stream) => states.TryRemove(stream, out var warm) ? warm.HandOver() : null;
}
