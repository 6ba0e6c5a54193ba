using Orleans;

namespace Gofs.Namespaces;

/// <summary>
/// Makes a namespace (the key is its name) from a dump. It is on the cluster's list only when all of the dump has been read, checked and
/// logged; a load that is cut off leaves nothing that anybody sees, and loading again, or removing the namespace, clears it away.
/// </summary>
[Alias("gofs.INamespaceLoadGrain")]
public interface INamespaceLoadGrain : IGrainWithStringKey
{
    /// <summary>
    /// Takes the next part of the dump; the last one's answer is the namespace, the others' null. Any failure ends the load:
    /// <see cref="GofsError.EditLogCorrupt"/> (cut off, altered, or no dump), <see cref="GofsError.NamespaceExists"/>,
    /// <see cref="GofsError.NotPermitted"/> (the dump's namespace number is or was in use here),
    /// <see cref="GofsError.InvalidArgument"/> (this load is not under way any more: begin again).
    /// </summary>
    [Alias("Load"), ResponseTimeout("00:10:00")]
    Task<LoadedNamespace?> LoadAsync(LoadPart part, CancellationToken cancellation = default);
}
