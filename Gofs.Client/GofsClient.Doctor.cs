using Gofs.Chunks;
using Gofs.Cluster;
using Gofs.Namespaces;

namespace Gofs;

/// <summary>Health.</summary>
public sealed partial class GofsClient
{
    private const int NamespacesAtOnce = 16;

    /// <summary>
    /// The whole cluster as it is now, from figures that are there anyway; <see cref="Doctor.Examine"/> says what of it is unhealthy. A namespace that
    /// does not answer is in it with the reason.
    /// </summary>
    public async Task<ClusterPicture> TakePictureAsync(CancellationToken cancellation = default)
    {
        var silos = await ListSilosAsync(cancellation);
        var servers = await ListChunkServersAsync(cancellation);
        List<NamespacePicture> namespaces = [];
        var healing = new HealingStatus();
        foreach (var some in (await ListNamespacesAsync(cancellation)).Chunk(NamespacesAtOnce))
        {
            foreach (var (picture, chunks) in await Task.WhenAll(some.Select(one => PictureAsync(one, cancellation))))
            {
                if (picture is not null) namespaces.Add(picture);
                healing = healing.With(chunks);
            }
        }

        return new(context.Time.GetUtcNow(), silos, servers, namespaces) { Healing = healing };
    }

    private async Task<(NamespacePicture? Picture, HealingStatus Chunks)> PictureAsync(NamespaceInfo info, CancellationToken cancellation)
    {
        try
        {
            return (new(info.Name, await Namespace(info.Name).GetStatusAsync(cancellation), ""), await GetHealingAsync(info, cancellation));
        }
        catch (GofsException gone) when (gone.Error == GofsError.NamespaceNotFound)
        {
            // It was removed since the list was made.
            return (null, new());
        }
        catch (GofsException silent)
        {
            return (new(info.Name, null, silent.Detail), new());
        }
    }
}
