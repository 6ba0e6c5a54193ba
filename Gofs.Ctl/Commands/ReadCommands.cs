using System.CommandLine;
using System.Globalization;
using System.Security.Cryptography;
using Gofs.Ctl.Targets;

namespace Gofs.Ctl.Commands;

/// <summary>cat, head, tail, checksum.</summary>
internal static class ReadCommands
{
    private const int PieceBytes = 64 << 10;
    private static readonly Argument<string[]> Targets = new("TARGET") { Arity = ArgumentArity.OneOrMore };
    private static readonly Option<bool> Records = new("--records") { Description = "The records that were appended, each with a newline behind it" };
    private static readonly Option<string?> Bytes = new("-c", "--bytes") { Description = "How many bytes (K, M, G)" };
    private static readonly Option<string> Lines = new("-n", "--lines") { Description = "How many lines", DefaultValueFactory = _ => "10" };

    /// <summary>The commands.</summary>
    public static IEnumerable<Command> Make() =>
    [
        new Command("cat", "Writes files to standard output") { Targets, Records }
            .Example("gofsctl cat demo:/share/file | less", "gofsctl cat --records demo:/events").Does(run =>
                run.EachAsync([.. run.Get(Targets).Select(run.Remote)], target => CatAsync(run, target))),
        new Command("head", "Writes the first lines or bytes of files") { Targets, Lines, Bytes }
            .Example("gofsctl head demo:/log", "gofsctl head -c 1K demo:/file").Does(run => PiecesAsync(run, fromEnd: false)),
        new Command("tail", "Writes the last lines or bytes of files") { Targets, Lines, Bytes }
            .Example("gofsctl tail -n 100 demo:/log", "gofsctl tail -c 1K demo:/file").Does(run => PiecesAsync(run, fromEnd: true)),
        new Command("checksum", "Prints the SHA-256 of files, as sha256sum does") { Targets }.Example("gofsctl checksum demo:/file").Does(run =>
            run.EachAsync([.. run.Get(Targets).Select(run.Remote)], target => ChecksumAsync(run, target))),
    ];

    private static async Task CatAsync(Invocation run, Target target)
    {
        var files = await run.FilesAsync(target);
        if (!run.Get(Records))
        {
            await files.GetAsync(target.Path, run.Out.Bytes, cancellation: run.Cancellation);
            return;
        }

        using var records = await files.OpenRecordReaderAsync(target.Path, run.Cancellation);
        while (await records.ReadAsync(run.Cancellation) is { } record)
        {
            await run.Out.Bytes.WriteAsync(record.Data, run.Cancellation);
            run.Out.Bytes.WriteByte((byte)'\n');
        }
    }

    private static async Task PiecesAsync(Invocation run, bool fromEnd)
    {
        var targets = run.Get(Targets).Select(run.Remote).ToArray();
        long? bytes = run.Get(Bytes) is { } text ? Texts.ParseSize(text) : null;
        if (!long.TryParse(run.Get(Lines), NumberStyles.None, CultureInfo.InvariantCulture, out var lines))
            throw new UsageException($"-n is a number of lines, not '{run.Get(Lines)}'");
        var isFirst = true;
        await run.EachAsync(targets, async target =>
        {
            await using var file = await (await run.FilesAsync(target)).OpenAsync(target.Path, FileMode.Open, FileAccess.Read, cancellation: run.Cancellation);
            if (targets.Length > 1) run.Out.Line($"{(isFirst ? "" : "\n")}==> {run.Out.Name(target.Text)} <==");
            isFirst = false;
            if (fromEnd) file.Position = bytes is { } count ? Math.Max(0, file.Length - count) : await StartOfLastLinesAsync(file, lines, run.Cancellation);
            await CopyAsync(run, file, fromEnd ? long.MaxValue : bytes ?? long.MaxValue, fromEnd || bytes is not null ? long.MaxValue : lines);
        });
    }

    /// <summary>Copies up to so many bytes and so many lines.</summary>
    private static async Task CopyAsync(Invocation run, Stream file, long bytes, long lines)
    {
        var buffer = new byte[PieceBytes];
        while (bytes > 0 && lines > 0 && await file.ReadAsync(buffer.AsMemory(0, (int)Math.Min(bytes, PieceBytes)), run.Cancellation) is var read && read > 0)
        {
            var take = lines == long.MaxValue ? read : TakeLines(buffer.AsSpan(0, read), ref lines);
            await run.Out.Bytes.WriteAsync(buffer.AsMemory(0, take), run.Cancellation);
            bytes -= read;
        }
    }

    private static int TakeLines(ReadOnlySpan<byte> bytes, ref long lines)
    {
        var taken = 0;
        while (lines > 0 && taken < bytes.Length)
        {
            var end = bytes[taken..].IndexOf((byte)'\n');
            if (end < 0) return bytes.Length;
            taken += end + 1;
            lines--;
        }

        return taken;
    }

    /// <summary>Where the last lines begin, looked for from the end; a newline at the very end ends the last line.</summary>
    internal static async Task<long> StartOfLastLinesAsync(Stream file, long lines, CancellationToken cancellation)
    {
        var buffer = new byte[PieceBytes];
        var length = file.Length;
        if (lines == 0) return length;
        for (var end = length; end > 0;)
        {
            var from = Math.Max(0, end - PieceBytes);
            file.Position = from;
            await file.ReadExactlyAsync(buffer.AsMemory(0, (int)(end - from)), cancellation);
            for (var i = (int)(end - from) - 1; i >= 0; i--)
                if (buffer[i] == (byte)'\n' && from + i != length - 1 && --lines == 0) return from + i + 1;
            end = from;
        }

        return 0;
    }

    private static async Task ChecksumAsync(Invocation run, Target target)
    {
        await using var file = await (await run.FilesAsync(target)).OpenAsync(target.Path, FileMode.Open, FileAccess.Read, cancellation: run.Cancellation);
        var hash = Convert.ToHexStringLower(await SHA256.HashDataAsync(file, run.Cancellation));
        run.Out.Show($"{hash}  {run.Out.Name(target.ToString())}", json => { EntryJson.WritePlace(json, target); json.WriteString("sha256", hash); });
    }
}
