using Orleans.Serialization;

namespace Gofs.Grains.EditLogs;

/// <summary>
/// Reads a stream's state: its Snapshot, then the records after it. Every CRC, every number and every part is checked: what does not
/// match stops the reading with <see cref="GofsError.EditLogCorrupt"/>. Blocks: for the thread pool only. Who does not want it any more throws when it
/// is asked whether to go on, a few times a second.
/// </summary>
internal static class EditLogLoader
{
    private const int RecordsAtOnce = 16_384;

    /// <summary>The state at record <paramref name="upTo"/>, which is at or after the Snapshot.</summary>
    public static TState Load<TState, TEvent>(
        IEditLogStore store, StreamId stream, StreamHead head, long upTo, Serializer<TEvent> serializer, Action goOn)
        where TState : class, IEditLogState<TEvent>, new()
        where TEvent : class
    {
        var state = new TState();
        if (head.Snapshot > 0)
        {
            using var reader = new SnapshotReader(Parts(store, stream, head, goOn));
            ReadSnapshot<TState, TEvent>(state, reader, stream, head.Snapshot);
        }

        Replay(store, stream, state, head.Snapshot, upTo, serializer, goOn);
        return state;
    }

    /// <summary>
    /// Applies the records after <paramref name="after"/> up to <paramref name="upTo"/>, all of which must be there, to a state that has those
    /// before.
    /// </summary>
    public static void Replay<TState, TEvent>(
        IEditLogStore store, StreamId stream, TState state, long after, long upTo, Serializer<TEvent> serializer, Action goOn)
        where TState : class, IEditLogState<TEvent>
        where TEvent : class =>
        Read(store, stream, after, upTo, serializer, (number, happened) => Apply(state, stream, number, happened), goOn);

    /// <summary>Shows the records after <paramref name="after"/> up to <paramref name="upTo"/>, all of which must be there.</summary>
    public static void Read<TEvent>(
        IEditLogStore store, StreamId stream, long after, long upTo, Serializer<TEvent> serializer, Action<long, TEvent> visit, Action goOn)
        where TEvent : class
    {
        while (after < upTo)
        {
            goOn();
            var expected = after + 1;
            var count = store.ReadRecords(stream, after, (int)Math.Min(RecordsAtOnce, upTo - after), (number, crc, payload) =>
            {
                if (number != expected) throw Corrupt(stream, $"record {expected} is missing");
                if (EditLogCrc.OfRecord(stream, number, payload) != crc) throw Corrupt(stream, $"record {number} does not match its CRC");
                visit(number, Deserialize(stream, number, serializer, payload));
                expected++;
            });
            if (count == 0) throw Corrupt(stream, $"record {expected} is missing");
            after += count;
        }
    }

    private static void ReadSnapshot<TState, TEvent>(TState state, SnapshotReader reader, StreamId stream, long number)
        where TState : class, IEditLogState<TEvent>
    {
        try
        {
            state.ReadSnapshot(reader);
        }
        catch (Exception unreadable) when (unreadable is not GofsException or GofsException { Error: GofsError.EditLogCorrupt, Path: "" })
        {
            throw Corrupt(stream, $"the Snapshot at {number} can't be read: {unreadable.Message}", unreadable);
        }

        if (!reader.AtEnd) throw Corrupt(stream, $"the Snapshot at {number} is longer than its state");
    }

    private static void Apply<TState, TEvent>(TState state, StreamId stream, long number, TEvent happened)
        where TState : class, IEditLogState<TEvent>
    {
        try
        {
            state.Apply(happened);
        }
        catch (Exception impossible)
        {
            throw Corrupt(stream, $"record {number} can't follow what is before it: {impossible.Message}", impossible);
        }
    }

    private static TEvent Deserialize<TEvent>(StreamId stream, long number, Serializer<TEvent> serializer, ReadOnlySpan<byte> payload)
        where TEvent : class
    {
        try
        {
            return serializer.Deserialize(payload) ?? throw Corrupt(stream, $"record {number} is empty");
        }
        catch (Exception unreadable) when (unreadable is not GofsException)
        {
            throw new GofsException(GofsError.EditLogCorrupt, $"record {number} is not one this release can read", stream.ToString(), unreadable);
        }
    }

    private static IEnumerable<ReadOnlyMemory<byte>> Parts(IEditLogStore store, StreamId stream, StreamHead head, Action goOn)
    {
        for (var part = 0; part < head.SnapshotParts; part++)
        {
            goOn();
            var (payload, crc) = store.ReadPart(stream, head.Snapshot, part)
                ?? throw Corrupt(stream, $"part {part} of the Snapshot at {head.Snapshot} is missing");
            if (EditLogCrc.OfPart(stream, head.Snapshot, part, payload) != crc)
                throw Corrupt(stream, $"part {part} of the Snapshot at {head.Snapshot} does not match its CRC");
            yield return payload;
        }
    }

    private static GofsException Corrupt(StreamId stream, string what, Exception? inner = null) =>
        new(GofsError.EditLogCorrupt, what, stream.ToString(), inner);
}
