using Orleans;
using Orleans.Concurrency;

namespace Gofs.Namespaces;

/// <summary>
/// A way to a namespace's master (the key: a number, and its name): each activation is on the silo whose gateway the call came through and asks the
/// master from there. Why: a client sends all calls to one grain through one gateway, whichever came up, and one on another silo than the master's
/// reads and writes each message once more. Calls to routes of other numbers come through other gateways: a client that makes many calls
/// tries some and keeps one that is where the master is.
/// </summary>
[Alias("gofs.INamespaceRouteGrain")]
public interface INamespaceRouteGrain : IGrainWithIntegerCompoundKey
{
    /// <summary>As <see cref="INamespaceGrain.AskAsync"/>.</summary>
    [AlwaysInterleave, Alias("Ask")]
    Task<RoutedAnswers> AskAsync(INamespaceRequest[] requests, CancellationToken cancellation = default);

    /// <summary>Whether the master is on the silo of this activation.</summary>
    [AlwaysInterleave, Alias("IsAtMaster")]
    Task<bool> IsAtMasterAsync();
}

/// <summary>What came back by a route.</summary>
/// <param name="Answers">The master's answers.</param>
/// <param name="AtMaster">Whether the master is on the route's silo still.</param>
[GenerateSerializer, Immutable, Alias("gofs.ns.routed-answers")]
public readonly record struct RoutedAnswers([property: Id(0)] NamespaceAnswer[] Answers, [property: Id(1)] bool AtMaster);
