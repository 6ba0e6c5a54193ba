namespace Gofs.Internal;

/// <summary>
/// The writes an open file has on the way: at most so many, begun in order; two that touch the same bytes are never on the way
/// together, so the later one wins. The first failure stays: whoever comes next gets it. Used by one at a time.
/// </summary>
internal sealed class TransferWindow(int limit)
{
    private readonly List<Transfer> onTheWay = [];

    private readonly record struct Transfer(long Start, long End, Task<GofsException?> Ended);

    /// <summary>Why a transfer failed, or null.</summary>
    public GofsException? Fault { get; private set; }

    /// <summary>Waits until a write of [start, end) may begin.</summary>
    public async ValueTask MakeRoomAsync(long start, long end, CancellationToken cancellation)
    {
        while (true)
        {
            Sweep();
            if (Fault is not null) throw Fault;
            var overlap = onTheWay.FindIndex(transfer => transfer.Start < end && start < transfer.End);
            if (overlap >= 0) await onTheWay[overlap].Ended.WaitAsync(cancellation);
            else if (onTheWay.Count < limit) return;
            else await Task.WhenAny(onTheWay.Select(transfer => transfer.Ended)).WaitAsync(cancellation);
        }
    }

    /// <summary>Adds a write that has begun; its task answers why it failed, or null, and never throws.</summary>
    public void Add(long start, long end, Task<GofsException?> ended) => onTheWay.Add(new(start, end, ended));

    /// <summary>Ends when the writes that touch [start, end) and are on the way now have ended; answers whether all did well.</summary>
    public async Task<bool> WhenEndedAsync(long start, long end)
    {
        var touching = onTheWay.Where(transfer => transfer.Start < end && start < transfer.End).Select(transfer => transfer.Ended).ToArray();
        return Array.TrueForAll(await Task.WhenAll(touching), failure => failure is null);
    }

    /// <summary>Waits until nothing is on the way, and tells the first failure.</summary>
    public async ValueTask DrainAsync(CancellationToken cancellation)
    {
        while (onTheWay.Count > 0)
        {
            await onTheWay[0].Ended.WaitAsync(cancellation);
            Sweep();
        }

        if (Fault is not null) throw Fault;
    }

    private void Sweep()
    {
        for (var i = 0; i < onTheWay.Count;)
        {
            var ended = onTheWay[i].Ended;
            if (!ended.IsCompleted)
            {
                i++;
                continue;
            }

            Fault ??= ended.Result;
            onTheWay.RemoveAt(i);
        }
    }
}
