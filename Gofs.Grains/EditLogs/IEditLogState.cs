namespace Gofs.Grains.EditLogs;

/// <summary>
/// The state of one stream: what its events, applied in order to an empty state, make. Pure: no clock, no randomness, no
/// I/O; whatever of these an event needs is in the event. So replay(Snapshot + events) equals the live state.
/// </summary>
/// <typeparam name="TEvent">The stream's events.</typeparam>
public interface IEditLogState<in TEvent>
{
    /// <summary>Applies an event that was accepted. Must not throw: what can be refused is refused before the event is made.</summary>
    void Apply(TEvent happened);

    /// <summary>Writes the whole state, op-id results included.</summary>
    void WriteSnapshot(SnapshotWriter writer);

    /// <summary>Fills an empty state from what <see cref="WriteSnapshot"/> wrote, this version or any earlier.</summary>
    /// <exception cref="GofsException"><see cref="GofsError.EditLogCorrupt"/>: the bytes are not a Snapshot of this kind of state.</exception>
    void ReadSnapshot(SnapshotReader reader);
}
