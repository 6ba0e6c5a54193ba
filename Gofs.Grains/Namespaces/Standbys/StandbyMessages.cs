using Orleans;
using Orleans.Concurrency;

namespace Gofs.Grains.Namespaces.Standbys;

/// <summary>Records that have become durable, from the master to a standby. Without records: only how far the master is.</summary>
/// <param name="NamespaceNumber">The namespace's number.</param>
/// <param name="Epoch">The master's epoch.</param>
/// <param name="FirstNumber">EditLog number of the first record.</param>
/// <param name="Lengths">The records' lengths in <paramref name="Payloads"/>.</param>
/// <param name="Payloads">The records back to back.</param>
[GenerateSerializer, Immutable, Alias("gofs.standby.feed")]
internal sealed record StandbyBatch(
    [property: Id(0)] int NamespaceNumber,
    [property: Id(1)] long Epoch,
    [property: Id(2)] long FirstNumber,
    [property: Id(3)] int[] Lengths,
    [property: Id(4)] ReadOnlyMemory<byte> Payloads)
{
    /// <summary>EditLog number of the last record (or, without records, of the master's last).</summary>
    public long LastNumber => FirstNumber + Lengths.Length - 1;
}

/// <summary>How far a standby is.</summary>
/// <param name="Number">The last record it has; -1 while it has no state.</param>
/// <param name="SnapshotNumber">The last Snapshot it has made; 0 for none.</param>
/// <param name="SnapshotAt">When.</param>
[GenerateSerializer, Immutable, Alias("gofs.standby.standing")]
internal readonly record struct StandbyStanding(
    [property: Id(0)] long Number, [property: Id(1)] long SnapshotNumber, [property: Id(2)] DateTimeOffset? SnapshotAt);

/// <summary>What a master tells a standby (same key as its public interface).</summary>
[Alias("gofs.IStandbyFeedGrain")]
internal interface IStandbyFeedGrain : IGrainWithStringKey
{
    /// <summary>Takes records in; what does not follow what it has, it reads from the store.</summary>
    [AlwaysInterleave, Alias("Feed")]
    Task<StandbyStanding> FeedAsync(StandbyBatch batch, CancellationToken cancellation = default);

    /// <summary>The master of an epoch has ended, and answers nobody any more: whoever follows need not wait it out.</summary>
    [AlwaysInterleave, Alias("Release")]
    Task ReleaseAsync(long epoch);

    /// <summary>Nothing but that it is there.</summary>
    [AlwaysInterleave, Alias("Stay")]
    Task StayAsync();

    /// <summary>It is not needed any more.</summary>
    [AlwaysInterleave, Alias("End")]
    Task EndAsync();
}
