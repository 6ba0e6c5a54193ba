using Orleans;

namespace Gofs.Cluster;

/// <summary>What somebody may do who signs in to the console; each may do what those before may.</summary>
public enum ConsoleRole
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>Look at everything, and fetch files.</summary>
    Viewer = 1,

    /// <summary>Change files, and act on what can be put right: restore, fail over, break leases, write Snapshots.</summary>
    Operator = 2,

    /// <summary>Change settings, make namespaces, and delete for ever.</summary>
    Admin = 3,
}

/// <summary>Somebody who may sign in to the console.</summary>
/// <param name="Name">1 to 32 of a-z, 0-9, '.', '-' and '_', beginning with a letter.</param>
/// <param name="Role">What he may do.</param>
/// <param name="Secret">What his password is checked with.</param>
/// <param name="ChangedAt">When he was last set.</param>
/// <param name="ChangedBy">By whom.</param>
[GenerateSerializer, Immutable, Alias("gofs.cluster.console-user")]
public sealed record ConsoleUser(
    [property: Id(0)] string Name, [property: Id(1)] ConsoleRole Role, [property: Id(2)] ConsoleSecret Secret, [property: Id(3)] DateTimeOffset ChangedAt,
    [property: Id(4)] Caller ChangedBy);
