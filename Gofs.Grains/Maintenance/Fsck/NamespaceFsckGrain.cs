using System.Diagnostics.CodeAnalysis;
using Gofs.Cluster;
using Gofs.Grains.Control;
using Gofs.Grains.EditLogs;
using Gofs.Namespaces;
using Orleans;

namespace Gofs.Grains.Maintenance.Fsck;

/// <summary>One check, for one client that asks for page after page. It lives in memory: when its silo dies the client begins another.</summary>
[SuppressMessage("Design", "CA1001", Justification = "Grains are not disposed of; it is given back when the check ends or the grain does")]
[CollectionAgeLimit(Minutes = 3)]
internal sealed class NamespaceFsckGrain(EditLogServices services, TimeProvider time) : Grain, INamespaceFsckGrain
{
    private const int MostFindings = 256;
    private static readonly TimeSpan PageTime = TimeSpan.FromSeconds(1);
    private CancellationTokenSource? ended;
    private NamespaceFsck? check;
    private IAsyncEnumerator<FsckFinding?>? findings;
    private FsckPage? last;
    private long next;

    /// <inheritdoc/>
    public async Task<FsckPage> ReadAsync(FsckRequest request, long page, CancellationToken cancellation)
    {
        if (last is not null && page == next - 1) return last;
        if (page != next || last is { IsLast: true } || (page > 0 && findings is null))
            throw new GofsException(GofsError.InvalidArgument, "this check is not under way (any more): begin another");
        if (request.ChunksPerSecond is < 1 or > 1_000_000)
            throw new GofsException(GofsError.InvalidArgument, $"1 to 1,000,000 chunks are checked in a second, not {request.ChunksPerSecond}");
        if (findings is null) await BeginAsync(request, cancellation);
        try
        {
            last = await NextAsync();
        }
        catch
        {
            // The rest of a check that has failed is not to be had.
            await EndAsync();
            throw;
        }

        next++;
        if (last.IsLast) await EndAsync();
        return last;
    }

    /// <inheritdoc/>
    public override async Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        await EndAsync();
        await base.OnDeactivateAsync(reason, cancellationToken);
    }

    private async Task BeginAsync(FsckRequest request, CancellationToken cancellation)
    {
        var name = this.GetPrimaryKeyString().Split('/')[0];
        var info = await GrainFactory.GetGrain<IClusterGrain>(0).FindNamespaceAsync(name, cancellation)
            ?? throw new GofsException(GofsError.NamespaceNotFound, "there is no such namespace", name);
        // A namespace nobody has used yet has no record: its master makes the first.
        await GrainFactory.GetGrain<INamespaceGrain>(name).GetStatusAsync(cancellation);
        if (request.Repair || request.Delete)
        {
            var act = request.Delete ? "fsck --repair --yes" : "fsck --repair";
            await GrainFactory.GetGrain<INamespaceControlGrain>(name).NoteActAsync(act, request.Path.ToString(), cancellation);
        }

        check = new(services, GrainFactory, time, info, request);
        ended = new();
        findings = check.RunAsync(ended.Token).GetAsyncEnumerator(ended.Token);
    }

    // Not ended by the token of a call: the client may ask for the same page again.
    private async Task<FsckPage> NextAsync()
    {
        List<FsckFinding> found = [];
        var started = time.GetTimestamp();
        while (found.Count < MostFindings && time.GetElapsedTime(started) < PageTime)
        {
            if (!await findings!.MoveNextAsync()) return new([.. found], IsLast: true, check!.Counts);
            if (findings.Current is { } finding) found.Add(finding);
        }

        return new([.. found], IsLast: false, check!.Counts);
    }

    private async Task EndAsync()
    {
        if (findings is null || ended is null) return;
        await ended.CancelAsync();
        await findings.DisposeAsync();
        ended.Dispose();
        (findings, check, ended) = (null, null, null);
    }
}
