using System.Globalization;
using Gofs.ChunkServers;
using Gofs.Chunks;
using Gofs.Ctl.CommandLine;

namespace Gofs.Ctl.Bench;

/// <summary>
/// How the file system looks after itself, second by second: after a chunk server has ended, and after an empty one has come. Who makes that happen is
/// somebody else (eng/prove): these say when it is time to, and see it by the list of servers.
/// </summary>
internal sealed class UpkeepBench(Invocation run, GofsClient client, string name, string disk, bool hasLoad)
{
    private const long DiskBytes = 1L << 30;
    private const int MostSpreadPercent = 2;
    private static readonly TimeSpan Before = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan Every = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(30);
    private readonly List<(TimeSpan At, long Bytes)> curve = [];
    private long copied;
    private long bytes;

    /// <summary>A server ends: what had one replica left is there again first, then everything; how fast, and what clients notice.</summary>
    /// <param name="size">How much is stored, a quarter of it with two replicas, the rest with three.</param>
    public async Task HealAsync(long size)
    {
        var stored = new StoredFiles(run, client, name, chunkBytes: 16L << 20);
        await stored.MakeAsync(goal: 3);
        await stored.StoreAsync(size * 3 / 4, goal: 3);
        await stored.StoreAsync(size / 4, goal: 2);
        var (first, _) = DiskCeiling.Stream(disk, DiskBytes);
        await using var load = hasLoad ? new SteadyLoad(stored.Files, stored.Small, stored.All) : null;
        var before = await BeforeAsync(load);
        var live = await LiveAsync();
        Say("end one of the chunk servers now");
        while (await LiveAsync() >= live) await Task.Delay(Every / 4, run.Cancellation);
        var (toSafe, toAll) = await WatchHealingAsync(load);
        ShowLoad(load, before);
        var rate = RateOfMost();
        var (last, _) = DiskCeiling.Stream(disk, DiskBytes);
        run.ShowMebibytes("the disk: write + fdatasync, before and after", (first + last) / 2);
        run.ShowMebibytes("replicas copied", rate);
        run.ShowRatio("copied to the disk", rate / ((first + last) / 2));
        Say(string.Create(CultureInfo.InvariantCulture,
            $"none endangered after {toSafe.TotalSeconds:0} s of copying, all at their goals after {toAll.TotalSeconds:0} s: {copied} replicas"));
    }

    /// <summary>An empty server comes: how it is filled, and what clients notice.</summary>
    /// <param name="size">How much is stored, with two replicas.</param>
    public async Task BalanceAsync(long size)
    {
        var stored = new StoredFiles(run, client, name, chunkBytes: 8L << 20);
        await stored.MakeAsync(goal: 2);
        await stored.StoreAsync(size, goal: 2);
        await using var load = hasLoad ? new SteadyLoad(stored.Files, stored.Small, stored.All) : null;
        var before = await BeforeAsync(load);
        var live = await LiveAsync();
        Say("start an empty chunk server now");
        while (await LiveAsync() <= live) await Task.Delay(Every / 4, run.Cancellation);
        var took = await WatchBalanceAsync(load);
        ShowLoad(load, before);
        Say(string.Create(CultureInfo.InvariantCulture, $"within {MostSpreadPercent} % after {took.TotalSeconds:0} s: {copied} replicas moved"));
    }

    private async Task<(TimeSpan ToSafe, TimeSpan ToAll)> WatchHealingAsync(SteadyLoad? load)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(run.Cancellation);
        patience.CancelAfter(Patience);
        var time = TimeProvider.System;
        var (start, now) = (time.GetTimestamp(), await LookAsync(patience.Token));
        var (firstCopied, firstBytes, had) = (now.Copied, now.CopiedBytes, 0L);
        TimeSpan? begun = null, safe = null;
        for (; ; await Task.Delay(Every, patience.Token))
        {
            now = await LookAsync(patience.Token);
            var at = time.GetElapsedTime(start);
            // A table that starts anew on another silo counts from nought again.
            (firstCopied, firstBytes) = (Math.Min(firstCopied, now.Copied), Math.Min(firstBytes, now.CopiedBytes));
            (copied, bytes, had) = (now.Copied - firstCopied, now.CopiedBytes - firstBytes, Math.Max(had, now.Endangered + now.UnderGoal));
            if (begun is null && now.CopiesUnderWay > 0)
            {
                begun = at;
                load?.Take();
            }

            Step(at, $"endangered {now.Endangered,5}  below goal {now.UnderGoal,5}  copied {copied,5}", bytes);
            if (begun is { } began && had > 0 && now is { Endangered: 0, TablesNotReady: 0 }) safe ??= at - began;
            if (safe is { } toSafe && now.IsHealthy) return (toSafe, at - begun!.Value);
        }
    }

    private async Task<TimeSpan> WatchBalanceAsync(SteadyLoad? load)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(run.Cancellation);
        patience.CancelAfter(Patience);
        var time = TimeProvider.System;
        var start = time.GetTimestamp();
        load?.Take();
        for (; ; await Task.Delay(Every, patience.Token))
        {
            var now = await LookAsync(patience.Token);
            var at = time.GetElapsedTime(start);
            (copied, bytes) = (now.Moved, now.MovedBytes);
            var servers = (await client.ListChunkServersAsync(patience.Token)).Where(server => server is { Live: true, Disks.Length: > 0 });
            var shares = servers.Select(ShareOf).ToArray();
            var used = string.Join("  ", shares.Select(share => string.Create(CultureInfo.InvariantCulture, $"{100 * share,5:0.0} %")));
            Step(at, $"used {used}  moved {copied,5}", bytes);
            if (copied > 0 && 100 * (shares.Max() - shares.Min()) <= MostSpreadPercent) return at;
        }
    }

    private static double ShareOf(ChunkServerInfo server) =>
        1 - ((double)server.Disks.Sum(disk => disk.FreeBytes) / server.Disks.Sum(disk => disk.TotalBytes));

    private Task<HealingStatus> LookAsync(CancellationToken cancellation) => client.GetHealingAsync(name, cancellation);

    private async Task<int> LiveAsync() => (await client.ListChunkServersAsync(run.Cancellation)).Count(server => server.Live);

    private async Task<(Latencies Reads, Latencies Creates)> BeforeAsync(SteadyLoad? load)
    {
        if (load is null) return (new([]), new([]));
        await Task.Delay(Before, run.Cancellation); // what is compiled at first is not counted
        load.Take();
        await Task.Delay(Before, run.Cancellation);
        return load.Take();
    }

    // The rate of what was copied while more than the last few copies were under way.
    private double RateOfMost()
    {
        var begun = curve.FindLast(one => one.Bytes == 0);
        var end = curve.Find(one => one.Bytes >= bytes * 95 / 100);
        return end.At > begun.At ? (end.Bytes - begun.Bytes) / (double)(1 << 20) / (end.At - begun.At).TotalSeconds : 0;
    }

    private void Step(TimeSpan at, string what, long sum)
    {
        var last = curve.Count > 0 ? curve[^1] : default;
        curve.Add((at, sum));
        var rate = Math.Max(0, sum - last.Bytes) / (double)(1 << 20) / Math.Max(0.001, (at - last.At).TotalSeconds);
        Say(string.Create(CultureInfo.InvariantCulture, $"{at.TotalSeconds,6:0.0} s  {what}  {rate,6:0} MiB/s"));
    }

    private void ShowLoad(SteadyLoad? load, (Latencies Reads, Latencies Creates) before)
    {
        if (load is null) return;
        var (reads, creates) = load.Take();
        Show("reads of 64 KiB", before.Reads, reads);
        Show("create + 4 KiB + close", before.Creates, creates);
    }

    private void Show(string what, Latencies before, Latencies meanwhile)
    {
        Say($"{what}: before {Text(before)}; meanwhile {Text(meanwhile)}");
        if (before.Count > 0) run.ShowRatio($"p99 of {what}", meanwhile.Worst1Percent / before.Worst1Percent);
    }

    private static string Text(Latencies took) => string.Create(
        CultureInfo.InvariantCulture, $"p50 {took.Median.TotalMilliseconds:0.0} ms, p99 {took.Worst1Percent.TotalMilliseconds:0.0} ms ({took.Count})");

    // At once: somebody waits for it.
    private void Say(string line)
    {
        run.Out.Show(line, json => json.WriteString("line", line));
        run.Out.Bytes.Flush();
    }
}
