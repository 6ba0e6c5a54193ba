using Gofs.Ctl.CommandLine;

namespace Gofs.Ctl.Bench;

/// <summary>Record append: so many appenders at once to one file.</summary>
internal static class AppendBench
{
    /// <summary>Measures and says it.</summary>
    public static async Task RunAsync(
        Invocation run, GofsNamespace files, BenchFolder folder, int atOnce, int recordBytes, string disk)
    {
        await folder.MakeAsync(run.Cancellation);
        var record = new byte[recordBytes];
        new Random(1).NextBytes(record);
        var path = folder.Path("records", 0);
        var appenders = new GofsAppender[atOnce];
        for (var i = 0; i < appenders.Length; i++) appenders[i] = await files.OpenAppenderAsync(path, cancellation: run.Cancellation);
        try
        {
            Task Append(int i) => appenders[(i & int.MaxValue) % appenders.Length].AppendAsync(record, run.Cancellation);
            await folder.WarmUpAsync(run.Cancellation, Append);
            var sync = DiskCeiling.Commits(disk, atOnce);
            run.ShowPerSecond($"ceiling: {atOnce} records a sync, on {disk}", sync);
            var appended = await folder.MeasureAsync(run, $"record append, {recordBytes} bytes", Append);
            run.ShowMebibytes("record append", appended.PerSecond * recordBytes / (1 << 20));
            run.ShowRatio("record append to sync", appended.PerSecond / sync);
        }
        finally
        {
            foreach (var appender in appenders) await appender.DisposeAsync();
        }

        await CountAsync(run, files, path);
    }

    private static async Task CountAsync(Invocation run, GofsNamespace files, GofsPath path)
    {
        var time = TimeProvider.System;
        var (started, count) = (time.GetTimestamp(), 0);
        using var records = await files.OpenRecordReaderAsync(path, run.Cancellation);
        while (await records.ReadAsync(run.Cancellation) is not null) count++;
        run.ShowPerSecond("records read", count / time.GetElapsedTime(started).TotalSeconds);
    }
}
