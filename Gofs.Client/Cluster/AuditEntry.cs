using Orleans;

namespace Gofs.Cluster;

/// <summary>Something an administrator did.</summary>
/// <param name="Number">Its place in the list of the cluster or of the namespace; the first is 1.</param>
/// <param name="At">When.</param>
/// <param name="By">Who, as he said of himself: nobody checks it.</param>
/// <param name="Act">What, as gofsctl calls it: <c>config set</c>, <c>cs drain</c>.</param>
/// <param name="Text">To what, and how, on one line.</param>
[GenerateSerializer, Immutable, Alias("gofs.audit")]
public sealed record AuditEntry(
    [property: Id(0)] long Number, [property: Id(1)] DateTimeOffset At, [property: Id(2)] Caller By, [property: Id(3)] string Act,
    [property: Id(4)] string Text)
{
    /// <summary>The most that the cluster, and each namespace, remembers.</summary>
    public const int Most = 1000;

    /// <summary>The namespace it was done to; empty: the cluster.</summary>
    [Id(5)] public string Namespace { get; init; } = "";
}
