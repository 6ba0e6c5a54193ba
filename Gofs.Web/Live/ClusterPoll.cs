namespace Gofs.Web.Live;

/// <summary>
/// One poll for all open pages: a look each second while there is a watcher, and none when there is not. A look that fails or hangs leaves the last one
/// standing, and the watchers are called all the same, so that they say how old it is.
/// </summary>
internal sealed class ClusterPoll(IClusterSource source, TimeProvider time) : IClusterWatch
{
    /// <summary>Between two looks.</summary>
    public static readonly TimeSpan Period = TimeSpan.FromSeconds(1);

    /// <summary>A look that takes longer has failed.</summary>
    public static readonly TimeSpan Limit = TimeSpan.FromSeconds(5);

    private const int MaxEvents = 50;
    private const int MaxRates = 300;

    private readonly Lock gate = new();
    private readonly List<Action> watchers = [];
    private ITimer? timer;
    private bool looking;
    private ClusterNews news = ClusterNews.None;

    /// <inheritdoc/>
    public ClusterNews News
    {
        get
        {
            lock (gate) return news with { Now = time.GetUtcNow() };
        }
    }

    /// <inheritdoc/>
    public IDisposable Watch(Action changed)
    {
        lock (gate)
        {
            watchers.Add(changed);
            timer ??= time.CreateTimer(_ => Tick(), null, TimeSpan.Zero, Period);
        }

        return new Watcher(this, changed);
    }

    private void Tick()
    {
        bool look;
        lock (gate)
        {
            look = !looking && watchers.Count > 0;
            looking |= look;
        }

        if (look) _ = LookAsync();
        else Tell();
    }

    private async Task LookAsync()
    {
        using var patience = new CancellationTokenSource(Limit, time);
        try
        {
            // Waited for here too: a look that does not hear the token would be the last.
            var view = await source.LookAsync(patience.Token).WaitAsync(patience.Token);
            lock (gate) news = Next(news, view);
        }
        catch (GofsException failed)
        {
            lock (gate) news = news with { Failure = failed.Message };
        }
        catch (OperationCanceledException)
        {
            lock (gate) news = news with { Failure = $"the MetaServer has not answered for {Limit.TotalSeconds:0} s" };
        }
        catch (Exception failed)
        {
            // Whatever it is, the pages say it: nobody awaits this.
            lock (gate) news = news with { Failure = failed.Message };
        }

        lock (gate) looking = false;
        Tell();
    }

    private static ClusterNews Next(ClusterNews before, ClusterView view)
    {
        var next = before with { View = view, Failure = null, Healing = HealingRun.Next(before.Healing, view.Healing, view.At) };
        if (before.View is not { } last) return next with { Face = new() };
        var events = ClusterEvent.Between(last, view).ToArray();
        var seconds = (view.At - last.At).TotalSeconds;
        var rate = seconds <= 0 ? 0 : Math.Max(0, Records(view) - Records(last)) / seconds;
        var isSame = events.Length == 0 && rate == (before.Rates is [.., var lastRate] ? lastRate : 0) && ViewFace.IsSame(last, view);
        return next with
        {
            Events = events.Length == 0 ? before.Events : [.. events.Concat(before.Events).Take(MaxEvents)],
            Rates = [.. before.Rates.TakeLast(MaxRates - 1), rate],
            Face = isSame ? before.Face : new(),
        };
    }

    private static long Records(ClusterView view) => view.Namespaces.Sum(space => space.Status?.EditLogNumber ?? 0);

    private void Tell()
    {
        Action[] all;
        lock (gate) all = [.. watchers];
        foreach (var watcher in all) watcher();
    }

    private void Leave(Action watcher)
    {
        lock (gate)
        {
            watchers.Remove(watcher);
            if (watchers.Count > 0) return;
            timer?.Dispose();
            timer = null;
        }
    }

    private sealed class Watcher(ClusterPoll poll, Action changed) : IDisposable
    {
        private Action? left = changed;

        public void Dispose()
        {
            if (Interlocked.Exchange(ref left, null) is { } mine) poll.Leave(mine);
        }
    }
}
