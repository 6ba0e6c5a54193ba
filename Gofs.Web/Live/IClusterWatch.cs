namespace Gofs.Web.Live;

/// <summary>The cluster, looked at once a second while somebody watches.</summary>
internal interface IClusterWatch
{
    /// <summary>The latest news.</summary>
    ClusterNews News { get; }

    /// <summary>Calls when there are news, on any thread, until it is disposed.</summary>
    IDisposable Watch(Action changed);
}
