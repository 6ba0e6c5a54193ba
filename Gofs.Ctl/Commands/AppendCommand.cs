using System.CommandLine;

namespace Gofs.Ctl.Commands;

/// <summary>append: standard input at the end of a file, as its only writer or as a record beside others who append.</summary>
internal static class AppendCommand
{
    private const int PieceBytes = 1 << 20;
    private const int MostAtOnce = 64;
    private const int MostBytesAtOnce = 64 << 20;
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
        var input = run.OpenInput();
        var (bytes, have) = (new byte[Math.Min(PieceBytes, most) + 1], 0);
        while (await input.ReadAsync(bytes.AsMemory(have), run.Cancellation) is var read && read > 0)
        {
            have += read;
            if (have > most) throw new UsageException($"a record has at most {most} bytes; standard input has more");
            if (have == bytes.Length) bytes = Grown(bytes, most);
        }

        return bytes.AsMemory(0, have);
    }

    private static byte[] Grown(byte[] bytes, int most)
    {
        Array.Resize(ref bytes, (int)Math.Min(bytes.Length * 2L, most + 1L));
        return bytes;
    }

    private static async Task AppendLinesAsync(Invocation run, GofsAppender appender)
    {
        var most = appender.MaxRecordBytes;
        var (bytes, have) = (new byte[Math.Min(PieceBytes, most) + 1], 0);
        var input = run.OpenInput();
        var underWay = new Queue<(Task<long> Append, int Bytes)>();
        var underWayBytes = 0L;
        async Task AddAsync(byte[] line)
        {
            while (underWay.Count == MostAtOnce || (underWay.Count > 0 && underWayBytes + line.Length > MostBytesAtOnce))
            {
                var (first, length) = underWay.Dequeue();
                await first;
                underWayBytes -= length;
            }

            underWay.Enqueue((appender.AppendAsync(line, run.Cancellation), line.Length));
            underWayBytes += line.Length;
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
            if (have > most) throw new UsageException($"a record has at most {most} bytes; a line has more");
            if (have == bytes.Length) bytes = Grown(bytes, most);
        }

        if (have > 0) await AddAsync(bytes[..have]);
        await Task.WhenAll(underWay.Select(static one => one.Append));
    }
}
