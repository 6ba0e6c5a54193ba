using Gofs.Namespaces;

namespace Gofs.Tests.EndToEnd;

/// <summary>Workers that load a system which is then struck, and look afterwards whether all that was acknowledged is there.</summary>
internal sealed class CrashLoad(GofsClientOptions options, int count, Random random, bool disksFail = false)
{
    private const string Name = "crash";
    private static readonly TimeSpan ConnectLimit = TimeSpan.FromMinutes(1); // several silos that start at once take their time
    private static readonly TimeSpan SettleLimit = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan GivesUpAfter = TimeSpan.FromSeconds(2);
    private readonly CrashWorker[] workers = [.. Enumerable.Range(0, count).Select(number => new CrashWorker(number, random.Next()) { DisksFail = disksFail })];

    /// <summary>Operations that were acknowledged.</summary>
    public int Done => workers.Sum(worker => worker.Done);

    /// <summary>Operations of the worker that got the least done.</summary>
    public int LeastDone => workers.Min(worker => worker.Done);

    /// <summary>Makes the namespace they work in.</summary>
    public async Task MakeAsync(NamespaceConfig config, CancellationToken cancellation)
    {
        await using var client = await ConnectAsync(cancellation);
        await client.CreateNamespaceAsync(Name, config, cancellation);
    }

    /// <summary>
    /// Works for a while after everybody has got something done, then strikes, and ends the client: what it has not sent yet would be sent to the silo that is
    /// started next, and could be carried out after somebody has looked what is there.
    /// </summary>
    public async Task WorkAndStrikeAsync(TimeSpan after, Func<Task> strike, CancellationToken cancellation)
    {
        await using var client = await GofsClient.ConnectAsync(options with { OperationTimeout = GivesUpAfter, ConnectTimeout = ConnectLimit }, cancellation);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        int[] before = [.. workers.Select(worker => worker.Done)];
        var work = workers.Select(worker => worker.WorkAsync(client.Namespace(Name), stop.Token)).ToArray();
        while (workers.Where((worker, number) => worker.Done == before[number] && !work[number].IsCompleted).Any()) await Task.Delay(10, cancellation);
        await Task.Delay(after, cancellation);
        foreach (var worker in workers) worker.IsStruck = true;
        await strike();
        await stop.CancelAsync();
        await Task.WhenAll(work);
    }

    /// <summary>Waits until what was open is settled, and looks for everything.</summary>
    public async Task CheckAsync(CancellationToken cancellation)
    {
        await using var client = await ConnectAsync(cancellation);
        await CrashWorker.SettledAsync(client.Namespace(Name), SettleLimit, cancellation);
        await Task.WhenAll(workers.Select(worker => worker.CheckAsync(client.Namespace(Name), cancellation)));
    }

    private Task<GofsClient> ConnectAsync(CancellationToken cancellation) =>
        GofsClient.ConnectAsync(options with { ConnectTimeout = ConnectLimit }, cancellation);
}
