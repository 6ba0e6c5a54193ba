using Orleans;

namespace Gofs.Namespaces;

/// <summary>
/// One dump of one namespace (the key is "namespace/anything": one key, one dump). It reads the EditLog's store, not the master, so that the
/// master goes on meanwhile. Forgotten some minutes after the last call.
/// </summary>
[Alias("gofs.INamespaceDumpGrain")]
public interface INamespaceDumpGrain : IGrainWithStringKey
{
    /// <summary>
    /// The next page: 0 begins the dump, then one more each; the last page may be asked for again. Refuses any other with
    /// <see cref="GofsError.InvalidArgument"/>: the dump is not under way any more, begin another.
    /// </summary>
    [Alias("Read"), ResponseTimeout("00:10:00")]
    Task<DumpPage> ReadAsync(long page, CancellationToken cancellation = default);
}
