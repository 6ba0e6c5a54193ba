using System.CommandLine;

namespace Gofs.Ctl.Commands;

/// <summary>append: standard input at the end of a file, as its only writer or as a record beside others who append.</summary>
internal static class AppendCommand
{
    private const int PieceBytes = 1 << 20;
    private const int MostAtOnce = 64;
    private static readonly Argument<string> One = new("TARGET");
    private static readonly Option<bool> Record = new("--record")
    {
        Description = "As one record, beside others who append records (cat --records reads them)",
    };
    private static readonly Option<bool> Lines = new("--lines") { Description = "With --record: each line is a record" };

    /// <summary>The command.</summary>
    public static Command Make() => new Command("append", "Appends standard input to a file; makes it when it is not there") { One, Record, Lines }
        .Example("echo line | gofsctl append demo:/log", "journalctl -f | gofsctl append --record --lines demo:/events").Does(AppendAsync);

    private static async Task AppendAsync(Invocation run)
    {
        var target = run.Remote(run.Get(One));
        if (run.Get(Lines) && !run.Get(Record)) throw new UsageException("--lines is for --record");
        var files = await run.FilesAsync(target);
        if (!run.Get(Record))
        {
            await using var file = await files.OpenAsync(target.Path, FileMode.Append, FileAccess.Write, cancellation: run.Cancellation);
            await run.OpenInput().CopyToAsync(file, PieceBytes, run.Cancellation);
            return;
        }

        await using var appender = await files.OpenAppenderAsync(target.Path, cancellation: run.Cancellation);
        if (run.Get(Lines)) await AppendLinesAsync(run, appender);
        else await appender.AppendAsync(await ReadAllAsync(run, appender.MaxRecordBytes), run.Cancellation);
    }

    private static async Task<ReadOnlyMemory<byte>> ReadAllAsync(Invocation run, int most)
    {
        var bytes = new byte[most + 1];
        var count = await run.OpenInput().ReadAtLeastAsync(bytes, bytes.Length, throwOnEndOfStream: false, run.Cancellation);
        return count <= most ? bytes.AsMemory(0, count) : throw new UsageException($"a record has at most {most} bytes; standard input has more");
    }

    private static async Task AppendLinesAsync(Invocation run, GofsAppender appender)
    {
        var (bytes, have) = (new byte[appender.MaxRecordBytes], 0);
        var input = run.OpenInput();
        var underWay = new Queue<Task<long>>();
        async Task AddAsync(byte[] line)
        {
            if (underWay.Count == MostAtOnce) await underWay.Dequeue();
            underWay.Enqueue(appender.AppendAsync(line, run.Cancellation));
        }

        while (await input.ReadAsync(bytes.AsMemory(have), run.Cancellation) is var read && read > 0)
        {
            have += read;
            var from = 0;
            while (Array.IndexOf(bytes, (byte)'\n', from, have - from) is var end && end >= 0)
            {
                await AddAsync(bytes[from..end]);
                from = end + 1;
            }

            bytes.AsSpan(from, have - from).CopyTo(bytes);
            have -= from;
            if (have == bytes.Length) throw new UsageException($"a record has at most {appender.MaxRecordBytes} bytes; a line has more");
        }

        if (have > 0) await AddAsync(bytes[..have]);
        await Task.WhenAll(underWay);
    }
}
