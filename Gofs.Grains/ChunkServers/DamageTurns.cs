namespace Gofs.Grains.ChunkServers;

/// <summary>
/// What of a server's damages is seen to now: <see cref="AtOnce"/> at a time, one after the other, what was never
/// tried first, and what could not be mended again after <see cref="AgainAfter"/>, as long as it is there. Used by one at a time.
/// </summary>
/// <typeparam name="TDamage">Names one damage.</typeparam>
/// <param name="time">The clock.</param>
internal sealed class DamageTurns<TDamage>(TimeProvider time)
    where TDamage : notnull
{
    /// <summary>How many one turn sees to at most.</summary>
    public const int AtOnce = 64;

    /// <summary>When one that is still there has its turn again.</summary>
    public static readonly TimeSpan AgainAfter = TimeSpan.FromSeconds(30);

    private readonly Dictionary<TDamage, DateTimeOffset> tried = [];
    private bool running;

    /// <summary>How many of those were tried and are there yet.</summary>
    public int CountTried(IReadOnlyList<TDamage> known) => known.Count(tried.ContainsKey);

    /// <summary>Whether it was tried before, and could not be mended.</summary>
    public bool WasTried(TDamage damage) => tried.ContainsKey(damage);

    /// <summary>One turn; nothing when the last one has not ended.</summary>
    /// <param name="known">All damages there are.</param>
    /// <param name="mend">Tries to mend one; what fails it says itself.</param>
    public async Task RunAsync(IReadOnlyList<TDamage> known, Func<TDamage, Task> mend)
    {
        if (running) return;
        running = true;
        try
        {
            foreach (var gone in tried.Keys.Except(known).ToArray()) tried.Remove(gone);
            var now = time.GetUtcNow();
            var due = known.Where(one => !tried.TryGetValue(one, out var at) || now - at >= AgainAfter).OrderBy(one => tried.GetValueOrDefault(one));
            foreach (var one in due.Take(AtOnce).ToArray())
            {
                try
                {
                    await mend(one);
                }
                finally
                {
                    tried[one] = time.GetUtcNow();
                }
            }
        }
        finally
        {
            running = false;
        }
    }
}
