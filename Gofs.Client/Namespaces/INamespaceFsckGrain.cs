using Orleans;

namespace Gofs.Namespaces;

/// <summary>
/// One check of one namespace (the key is "namespace/anything": one key, one check), beside whoever uses it. Forgotten some minutes after the last
/// call: the check ends there.
/// </summary>
[Alias("gofs.INamespaceFsckGrain")]
public interface INamespaceFsckGrain : IGrainWithStringKey
{
    /// <summary>
    /// Goes on with the check for a second or two and answers what it found: page 0 begins it, then one more each; the last page may be asked for
    /// again. Refuses any other with <see cref="GofsError.InvalidArgument"/>: the check is not under way any more, begin another.
    /// </summary>
    [Alias("Read"), ResponseTimeout("00:10:00")]
    Task<FsckPage> ReadAsync(FsckRequest request, long page, CancellationToken cancellation = default);
}
