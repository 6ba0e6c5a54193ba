using Gofs.Chunks;

namespace Gofs.Grains.Chunks.Healing;

/// <summary>A chunk whose turn it is.</summary>
/// <param name="Handle">The chunk.</param>
/// <param name="Danger">How it is.</param>
/// <param name="Tries">How many turns it had before.</param>
public readonly record struct HealingTurn(ChunkHandle Handle, ChunkDanger Danger, int Tries);

/// <summary>
/// The chunks of a table that are not as they should be, in the order in which they are seen to: endangered ones first, then those farthest below their
/// goal; of equal ones first those somebody waits for, then those that have waited longest. Every eighth is the one that has waited longest of all, so that
/// no stream of new dangers keeps the others waiting for ever. What failed comes again by time, each time later. Those nothing can be done
/// for are kept to be counted, and a replica too many is left alone for a while: its server may have come back for a moment only
/// (<see cref="Trim"/> where it did not). Pure; used by one at a time.
/// </summary>
/// <param name="capacity">The most it holds: what is found beyond that is found again by a later sweep.</param>
public sealed class HealingQueue(int capacity)
{
    /// <summary>How long a chunk has a replica too many before it has a turn.</summary>
    public static readonly TimeSpan SurplusTime = TimeSpan.FromMinutes(2);

    private const int OldestEvery = 8;
    private static readonly TimeSpan LongestDelay = TimeSpan.FromSeconds(60);
    private readonly Dictionary<ChunkHandle, Item> items = [];
    private readonly SortedSet<Item> ready = new(Comparer<Item>.Create(ByDanger));
    private readonly SortedSet<Item> ages = new(Comparer<Item>.Create((one, other) => one.Number.CompareTo(other.Number)));
    private readonly PriorityQueue<(ChunkHandle Handle, long Number), TimeSpan> later = new();
    private readonly int[] counts = new int[(int)ChunkDanger.None];
    private long number;
    private long taken;

    /// <summary>Whether it holds all it can.</summary>
    public bool IsFull => items.Count >= capacity;

    /// <summary>How many chunks are in a danger.</summary>
    public int CountOf(ChunkDanger danger) => counts[(int)danger];

    /// <summary>A chunk is not as it should be. Known already, its danger is amended and its turn stays.</summary>
    /// <param name="handle">The chunk.</param>
    /// <param name="danger">How it is; <see cref="ChunkDanger.None"/> takes it out.</param>
    /// <param name="lacking">How many replicas are missing from its goal.</param>
    /// <param name="canAct">Whether anything can be done for it now.</param>
    /// <param name="now">The time.</param>
    public void Put(ChunkHandle handle, ChunkDanger danger, int lacking, bool canAct, TimeSpan now)
    {
        if (danger == ChunkDanger.None)
        {
            Remove(handle);
            return;
        }

        if (!items.TryGetValue(handle, out var item))
        {
            if (IsFull) return;
            items.Add(handle, item = new(handle, ++number) { Danger = danger });
            counts[(int)danger]++;
        }

        Leave(item);
        counts[(int)item.Danger]--;
        counts[(int)danger]++;
        if (danger != ChunkDanger.Surplus) item.SurplusUntil = null;
        else item.SurplusUntil ??= now + SurplusTime;
        if (danger < item.Danger) item.IsLater = false; // what was to be tried later is urgent now
        (item.Danger, item.Lacking, item.CanAct) = (danger, lacking, canAct);
        if (item.IsUnderWay || item.IsLater) return;
        if (now < item.SurplusUntil) Later(item, item.SurplusUntil.Value);
        else Enter(item);
    }

    /// <summary>A chunk that has a replica too many has it because fewer are wanted than before: that one has its turn at once.</summary>
    public void Trim(ChunkHandle handle, TimeSpan now)
    {
        if (!items.TryGetValue(handle, out var item) || item.SurplusUntil is null) return;
        item.SurplusUntil = now;
        if (item.IsUnderWay || !item.IsLater) return;
        item.IsLater = false;
        Enter(item);
    }

    /// <summary>A chunk is as it should be, or no more.</summary>
    public void Remove(ChunkHandle handle)
    {
        if (!items.Remove(handle, out var item)) return;
        Leave(item);
        counts[(int)item.Danger]--;
    }

    /// <summary>Somebody waits for a chunk.</summary>
    public void Wait(ChunkHandle handle)
    {
        if (!items.TryGetValue(handle, out var item) || item.IsWaitedFor) return;
        var wasReady = ready.Contains(item);
        Leave(item);
        item.IsWaitedFor = true;
        if (wasReady) Enter(item);
    }

    /// <summary>Takes the chunk whose turn it is; it is under way until <see cref="Remove"/> or <see cref="Retry"/>.</summary>
    public bool TryTake(TimeSpan now, out HealingTurn turn)
    {
        while (later.TryPeek(out var due, out var at) && at <= now)
        {
            later.Dequeue();
            if (!items.TryGetValue(due.Handle, out var back) || back.Number != due.Number || !back.IsLater) continue;
            back.IsLater = false;
            if (now < back.SurplusUntil) Later(back, back.SurplusUntil.Value);
            else Enter(back);
        }

        turn = default;
        if (ready.Count == 0) return false;
        var item = ++taken % OldestEvery == 0 ? ages.Min! : ready.Min!;
        Leave(item);
        item.IsUnderWay = true;
        turn = new(item.Handle, item.Danger, item.Tries);
        return true;
    }

    /// <summary>A chunk that was taken needs another turn.</summary>
    /// <param name="handle">The chunk.</param>
    /// <param name="now">The time.</param>
    /// <param name="hasFailed">Whether it counts as a failure: the next turn is later each time. Else it has one in a second.</param>
    public void Retry(ChunkHandle handle, TimeSpan now, bool hasFailed)
    {
        if (!items.TryGetValue(handle, out var item) || !item.IsUnderWay) return;
        item.IsUnderWay = false;
        var delay = TimeSpan.FromSeconds(hasFailed ? 2 << Math.Min(item.Failures++, 5) : 1);
        item.Tries++;
        Later(item, now + (delay < LongestDelay ? delay : LongestDelay));
    }

    /// <summary>What failed may go well now: servers have come or gone.</summary>
    public void RetryAll()
    {
        foreach (var item in items.Values)
        {
            item.Failures = 0;
            if (!item.IsLater || item.SurplusUntil is not null) continue;
            item.IsLater = false;
            Enter(item);
        }
    }

    private static int ByDanger(Item one, Item other)
    {
        var order = one.Danger.CompareTo(other.Danger);
        if (order == 0) order = other.Lacking.CompareTo(one.Lacking);
        if (order == 0) order = other.IsWaitedFor.CompareTo(one.IsWaitedFor);
        return order == 0 ? one.Number.CompareTo(other.Number) : order;
    }

    private void Enter(Item item)
    {
        if (!item.CanAct) return;
        ready.Add(item);
        ages.Add(item);
    }

    private void Later(Item item, TimeSpan at)
    {
        item.IsLater = true;
        later.Enqueue((item.Handle, item.Number), at);
    }

    // Before anything changes that the order goes by.
    private void Leave(Item item)
    {
        ready.Remove(item);
        ages.Remove(item);
    }

    private sealed class Item(ChunkHandle handle, long number)
    {
        public ChunkHandle Handle => handle;

        public long Number => number;

        public ChunkDanger Danger { get; set; }

        public int Lacking { get; set; }

        public int Tries { get; set; }

        public int Failures { get; set; }

        public TimeSpan? SurplusUntil { get; set; }

        public bool CanAct { get; set; }

        public bool IsWaitedFor { get; set; }

        public bool IsUnderWay { get; set; }

        public bool IsLater { get; set; }
    }
}
