using Gofs.Cluster;
using Gofs.Grains.EditLogs;
using Gofs.Namespaces;
using Orleans;

namespace Gofs.Grains.Maintenance;

/// <summary>One dump, for one client that asks for page after page. It lives in memory: when its silo dies the client begins another.</summary>
[CollectionAgeLimit(Minutes = 3)]
internal sealed class NamespaceDumpGrain(EditLogServices services, TimeProvider time) : Grain, INamespaceDumpGrain
{
    private NamespaceDump? dump;
    private DumpPage? last;
    private long next;

    /// <inheritdoc/>
    public async Task<DumpPage> ReadAsync(long page, CancellationToken cancellation)
    {
        if (last is not null && page == next - 1) return last;
        if (page != next || last is { IsLast: true })
            throw new GofsException(GofsError.InvalidArgument, "this dump is not under way (any more): begin another");
        if (dump is null) dump = await BeginAsync(cancellation);
        last = await Task.Run(dump.Next, cancellation);
        next++;
        if (last.IsLast) dump = null;
        return last;
    }

    private async Task<NamespaceDump> BeginAsync(CancellationToken cancellation)
    {
        var name = this.GetPrimaryKeyString().Split('/')[0];
        var info = await GrainFactory.GetGrain<IClusterGrain>(0).FindNamespaceAsync(name, cancellation)
            ?? throw new GofsException(GofsError.NamespaceNotFound, "there is no such namespace", name);
        // A namespace nobody has used yet has no record: its master makes the first.
        await GrainFactory.GetGrain<INamespaceGrain>(name).GetStatusAsync(cancellation);
        await services.Loads.WaitAsync(cancellation);
        try
        {
            var now = time.GetUtcNow();
            return await Task.Run(() => new NamespaceDump(services, info.Number, now), cancellation);
        }
        finally
        {
            services.Loads.Release();
        }
    }
}
