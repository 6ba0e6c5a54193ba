using Gofs.Cluster;
using Orleans;

namespace Gofs.Grains.Namespaces;

/// <summary>
/// An administrator did something to the namespace: who, when and what, in one record with what happened because of it, so that neither is ever without
/// the other.
/// </summary>
/// <param name="By">Who, as he said of himself.</param>
/// <param name="Act">What, as gofsctl calls it.</param>
/// <param name="Details">To what, and how.</param>
/// <param name="At">When.</param>
/// <param name="What">What happened in the namespace; null: nothing that its state shows.</param>
[GenerateSerializer, Immutable, Alias("gofs.ev.ns.administered")]
public sealed record Administered(
    [property: Id(0)] Caller By, [property: Id(1)] string Act, [property: Id(2)] string Details, [property: Id(3)] long At,
    [property: Id(4)] NamespaceEvent? What) : NamespaceEvent
{
    /// <inheritdoc/>
    public override long? HappenedAt => At;

    /// <inheritdoc/>
    public override string Kind => What?.Kind ?? base.Kind;

    /// <inheritdoc/>
    public override Caller? AskedBy => By;

    /// <inheritdoc/>
    public override string Describe() => What?.Describe() ?? (Details.Length == 0 ? Act : $"{Act}: {Details}");
}
