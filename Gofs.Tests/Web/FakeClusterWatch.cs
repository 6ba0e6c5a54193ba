using Gofs.Web.Live;

namespace Gofs.Tests.Web;

/// <summary>News as a test tells them.</summary>
internal sealed class FakeClusterWatch : IClusterWatch
{
    private readonly List<Action> watchers = [];

    public ClusterNews News { get; private set; } = ClusterNews.None;

    public int Watchers => watchers.Count;

    public IDisposable Watch(Action changed)
    {
        watchers.Add(changed);
        return new Watcher(this, changed);
    }

    public void Tell(ClusterNews news)
    {
        News = news;
        foreach (var watcher in watchers.ToArray()) watcher();
    }

    /// <summary>A fresh look.</summary>
    public void Tell(ClusterView view) => Tell(new ClusterNews(view.At, view, null, [], []));

    private sealed class Watcher(FakeClusterWatch watch, Action changed) : IDisposable
    {
        public void Dispose() => watch.watchers.Remove(changed);
    }
}
