using Orleans;
using Orleans.Concurrency;

namespace Gofs.Namespaces;

/// <summary>The key of a standby: "namespace@silo". Neither has an '@'.</summary>
public static class StandbyKey
{
    /// <summary>Makes the key.</summary>
    public static string Of(string namespaceName, string silo) => $"{namespaceName}@{silo}";

    /// <summary>Takes the key apart.</summary>
    /// <exception cref="GofsException"><see cref="GofsError.InvalidArgument"/>: it is not a key.</exception>
    public static (string NamespaceName, string Silo) Parse(string key) =>
        key.Split('@') is [{ Length: > 0 } name, { Length: > 0 } silo]
            ? (name, silo)
            : throw new GofsException(GofsError.InvalidArgument, $"'{key}' is not a key of a standby");
}

/// <summary>An answer of a standby: true at an EditLog number, perhaps not the last.</summary>
/// <typeparam name="T">What was asked for.</typeparam>
/// <param name="Value">The answer.</param>
/// <param name="EditLogNumber">The record up to which it counts.</param>
[GenerateSerializer, Immutable, Alias("gofs.stale`1")]
public sealed record StaleAnswer<T>([property: Id(0)] T Value, [property: Id(1)] long EditLogNumber);

/// <summary>
/// A standby of a namespace's master, on one silo (key: <see cref="StandbyKey"/>): the same tree, a moment behind. Reads only, and nothing that
/// must be the last word. All throw <see cref="GofsException"/> with <see cref="GofsError.Unavailable"/> while it has no state.
/// </summary>
[Alias("gofs.INamespaceStandbyGrain")]
public interface INamespaceStandbyGrain : IGrainWithStringKey
{
    /// <summary>As <see cref="INamespaceGrain.LookupAsync"/>.</summary>
    [AlwaysInterleave, Alias("Lookup")]
    Task<StaleAnswer<Entry?>> LookupAsync(GofsPath path, bool followLast, CancellationToken cancellation = default);

    /// <summary>As <see cref="INamespaceGrain.ListAsync"/>.</summary>
    [AlwaysInterleave, Alias("List")]
    Task<StaleAnswer<ListPage>> ListAsync(GofsPath directory, byte[]? afterName, int limit, CancellationToken cancellation = default);

    /// <summary>As <see cref="INamespaceGrain.CountAsync"/>.</summary>
    [AlwaysInterleave, Alias("Count")]
    Task<StaleAnswer<TreeCount>> CountAsync(GofsPath path, CancellationToken cancellation = default);
}
