using Gofs.Namespaces;

namespace Gofs.Web.Trash;

/// <summary>The trash of a namespace as its page uses it.</summary>
internal interface ITrash
{
    /// <summary>The newest items whose path has a text in it, up to so many.</summary>
    Task<FoundItems> SearchAsync(string space, string text, int limit, CancellationToken cancellation);

    /// <summary>Puts an item back where it was, or elsewhere.</summary>
    Task RestoreAsync(string space, long item, GofsPath? to, CancellationToken cancellation);

    /// <summary>Removes an item for ever, or (null) all; answers how many.</summary>
    Task<long> PurgeAsync(string space, long? item, CancellationToken cancellation);
}

/// <summary>Items that were found.</summary>
/// <param name="Items">The newest, newest first.</param>
/// <param name="Found">How many there are in all.</param>
internal sealed record FoundItems(IReadOnlyList<TrashItem> Items, long Found);
