using Gofs.Grains.EditLogs;
using Microsoft.Extensions.Logging;
using Orleans.Serialization;

namespace Gofs.Grains.Namespaces.Standbys;

/// <summary>
/// A namespace's state that follows its master's records. Records that follow the last one are applied as they come; when some are
/// missing, a background task reads them from the store, up to the newest number heard of, and what comes meanwhile only moves that number.
/// Only durable records come here, so the state is always the truth as of its number.
/// <para>
/// Who dies. The master: this state is handed over in process to the master that is started here; the store then has what is missing. This
/// one: the master finds another silo. The store: the catching up fails and the next feed begins it again.
/// </para>
/// </summary>
internal sealed partial class StandbyReplica(StreamId stream, EditLogServices services, ILogger logger) : IWarmState
{
    private const int RecordsAtOnce = 4096;
    private readonly Lock gate = new();
    private readonly Serializer<NamespaceEvent> serializer = services.SerializerOf<NamespaceEvent>();
    private NamespaceState? state;
    private Task? catchingUp;
    private long number = -1;
    private long target;
    private long epoch;
    private long releasedEpoch;
    private bool ended;

    /// <summary>The last record in the state; -1 while there is none.</summary>
    public long Number => Volatile.Read(ref number);

    /// <summary>The epoch of the master it heard last.</summary>
    public long Epoch => Volatile.Read(ref epoch);

    /// <summary>Takes records in and answers the last number it has.</summary>
    /// <exception cref="GofsException"><see cref="GofsError.Unavailable"/>: there is a newer master, or the state was handed over.</exception>
    public long Feed(StandbyBatch batch)
    {
        lock (gate)
        {
            if (ended) throw new GofsException(GofsError.Unavailable, "the standby's state was handed over", stream.ToString());
            if (batch.Epoch < epoch) throw new GofsException(GofsError.Unavailable, $"there is a master of epoch {epoch}", stream.ToString());
            epoch = batch.Epoch;
            target = Math.Max(target, batch.LastNumber);
            if (catchingUp is not null) return number;
            if (state is null || batch.FirstNumber > number + 1)
            {
                catchingUp = services.Threads.RunAsync(CatchUpAsync, CancellationToken.None);
                return number;
            }

            try
            {
                Apply(state, batch);
            }
            catch (Exception impossible)
            {
                LogBehind(logger, stream, impossible);
                (state, number) = (null, -1);
            }

            return number;
        }
    }

    /// <summary>Looks at the state and answers with its number.</summary>
    /// <exception cref="GofsException"><see cref="GofsError.Unavailable"/>: there is none.</exception>
    public (T Value, long Number) Read<T>(Func<NamespaceState, T> look)
    {
        lock (gate)
        {
            return state is null || ended
                ? throw new GofsException(GofsError.Unavailable, "the standby has no state (yet)", stream.ToString())
                : (look(state), number);
        }
    }

    /// <summary>The master of this epoch is known to have ended.</summary>
    public void Released(long epochReleased)
    {
        lock (gate) releasedEpoch = epochReleased;
    }

    /// <inheritdoc/>
    public WarmState? HandOver()
    {
        lock (gate)
        {
            if (ended || state is null) return null;
            ended = true;
            var handed = new WarmState(state, number, releasedEpoch);
            (state, number) = (null, -1); // whoever asks what is warm here must not be told of it any more
            return handed;
        }
    }

    /// <summary>Ends it.</summary>
    public void End()
    {
        lock (gate) (ended, state, number) = (true, null, -1);
    }

    private void Apply(NamespaceState into, StandbyBatch batch)
    {
        var payloads = batch.Payloads.Span;
        for (var (i, at, next) = (0, 0, batch.FirstNumber); i < batch.Lengths.Length; i++, next++)
        {
            var payload = payloads.Slice(at, batch.Lengths[i]);
            at += payload.Length;
            if (next <= number) continue;
            into.Apply(serializer.Deserialize(payload)!);
            number = next;
        }
    }

    private Task CatchUpAsync()
    {
        try
        {
            while (CatchUpOnce())
            {
            }
        }
        catch (Exception failed)
        {
            // What is there may be half changed; the next feed begins anew from the Snapshot.
            LogBehind(logger, stream, failed);
            lock (gate) (state, number, catchingUp) = (null, -1, null);
        }

        return Task.CompletedTask;
    }

    // False when nothing is missing any more.
    private bool CatchUpOnce()
    {
        long from, to;
        lock (gate)
        {
            (from, to) = (number, target);
            if (ended || (state is not null && from >= to))
            {
                catchingUp = null;
                return false;
            }
        }

        var head = services.Store.Find(stream) is { Deleted: false } found
            ? found
            : throw new GofsException(GofsError.NotFound, "the stream is no more", stream.ToString());
        if (from < 0 || from < head.TrimmedTo)
        {
            var loaded = EditLogLoader.Load<NamespaceState, NamespaceEvent>(services.Store, stream, head, head.Number, serializer, static () => { });
            lock (gate)
            {
                if (!ended) (state, number) = (loaded, head.Number);
            }

            return true;
        }

        List<NamespaceEvent> events = new(RecordsAtOnce);
        EditLogLoader.Read(
            services.Store, stream, from, Math.Min(to, from + RecordsAtOnce), serializer, (_, happened) => events.Add(happened), static () => { });
        lock (gate)
        {
            if (ended) return false;
            foreach (var happened in events) state!.Apply(happened);
            number = from + events.Count;
        }

        return true;
    }

    [LoggerMessage(2501, LogLevel.Warning, "The standby of {Stream} could not catch up; it begins anew")]
    private static partial void LogBehind(ILogger logger, StreamId stream, Exception failed);
}
