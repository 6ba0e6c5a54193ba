using Gofs.Grains.EditLogs;

namespace Gofs.Grains.Maintenance;

/// <summary>
/// States of streams as the EditLog's store has them, for whoever only looks: no grain is asked or activated. Blocks: for the thread pool only.
/// </summary>
internal static class StreamStates
{
    private const int MostTries = 4;

    /// <summary>A stream's state as of its last record, and that record's number; null when there is no such stream (any more).</summary>
    /// <exception cref="GofsException"><see cref="GofsError.EditLogCorrupt"/>, <see cref="GofsError.Unavailable"/>.</exception>
    public static (TState State, long Number)? Load<TState, TEvent>(EditLogServices services, StreamId stream)
        where TState : class, IEditLogState<TEvent>, new()
        where TEvent : class
    {
        for (var tries = 1; ; tries++)
        {
            if (services.Store.Find(stream) is not { Deleted: false } head) return null;
            try
            {
                return (EditLogLoader.Load<TState, TEvent>(
                    services.Store, stream, head, head.Number, services.SerializerOf<TEvent>(), static () => { }), head.Number);
            }
            catch (GofsException moved) when (moved.Error == GofsError.EditLogCorrupt && tries < MostTries && HasMoved(services, stream, head))
            {
                // A newer Snapshot was made while this one was read, and the records before it are gone: that is where to begin.
            }
        }
    }

    private static bool HasMoved(EditLogServices services, StreamId stream, StreamHead head) =>
        services.Store.Find(stream) is not { Deleted: false } now || now.Snapshot != head.Snapshot || now.TrimmedTo != head.TrimmedTo;
}
