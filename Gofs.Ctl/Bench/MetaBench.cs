using Gofs.Cluster;
using Gofs.Ctl.CommandLine;

namespace Gofs.Ctl.Bench;

/// <summary>Metadata only: directories made, looked up, files made without bytes; beside it an empty call, a synced disk and the EditLog's store.</summary>
internal static class MetaBench
{
    /// <summary>Measures and says it.</summary>
    public static async Task RunAsync(Invocation run, GofsClient client, GofsNamespace files, BenchFolder folder, int atOnce, string disk)
    {
        await folder.MakeAsync(run.Cancellation);
        var cluster = client.Grains.GetGrain<IClusterGrain>(0);
        Task Call(int i) => cluster.FindNamespaceByNumberAsync(0, run.Cancellation);
        Task MakeDirectory(int i) => files.CreateDirectoryAsync(folder.Path("m", i), cancellation: run.Cancellation);
        Task Stat(int i) => files.StatAsync(folder.Path("m", i), cancellation: run.Cancellation);
        Task Create(int i) => files.PutAsync(folder.Path("e", i), Stream.Null, cancellation: run.Cancellation);
        await folder.WarmUpAsync(run.Cancellation, Call, MakeDirectory, Stat, Create);

        var call = await folder.MeasureAsync(run, "ceiling: a grain call that does nothing", Call);
        var sync = DiskCeiling.Commits(disk, atOnce);
        run.ShowPerSecond($"ceiling: {atOnce} records a sync, on {disk}", sync);
        await using var lag = new LagWatch(files);
        var made = await folder.MeasureAsync(run, "mkdir", MakeDirectory);
        var seen = await folder.MeasureAsync(run, "stat", Stat);
        var empty = await folder.MeasureAsync(run, "create, no bytes", Create);
        run.ShowLag("largest lag of a standby meanwhile", lag);

        // Last: what it wrote is removed again, and the others would meet that.
        var master = client.Grains.GetGrain<IMetaServerGrain>((await files.GetStatusAsync(run.Cancellation)).Silo);
        var commit = await master.MeasureStoreAsync(atOnce, run.Cancellation);
        run.ShowPerSecond($"ceiling: {atOnce} records a commit of the EditLog's store", commit);
        run.ShowRatio("mkdir to min(call, commit)", made.PerSecond / Math.Min(call.PerSecond, commit));
        run.ShowRatio("stat to call", seen.PerSecond / call.PerSecond);
        run.ShowRatio("create, no bytes, to min(call, commit)", empty.PerSecond / Math.Min(call.PerSecond, commit));
    }
}
