using System.CommandLine;
using System.Security.Cryptography;
using Gofs.Ctl.Targets;

namespace Gofs.Ctl.Commands;

/// <summary>cat, head, tail, checksum.</summary>
internal static class ReadCommands
{
    private static readonly Argument<string[]> Targets = new("TARGET") { Arity = ArgumentArity.OneOrMore };
    private static readonly Argument<string> One = new("TARGET");
    private static readonly Option<string> Count = new("-c") { Description = "How many bytes (K, M, G)", DefaultValueFactory = _ => "4K" };

    /// <summary>The commands.</summary>
    public static IEnumerable<Command> Make() =>
    [
        new Command("cat", "Writes files to standard output") { Targets }.Example("gofsctl cat demo:/share/file | less").Does(async run =>
        {
            foreach (var target in run.Get(Targets).Select(text => Target.ParseRemoteOnly(text)))
                await (await run.FilesAsync(target)).GetAsync(target.Path, run.Out.Bytes, cancellation: run.Cancellation);
        }),
        new Command("head", "Writes the first bytes of a file") { One, Count }
            .Example("gofsctl head -c 1K demo:/file").Does(run => PieceAsync(run, fromEnd: false)),
        new Command("tail", "Writes the last bytes of a file") { One, Count }
            .Example("gofsctl tail -c 1K demo:/file").Does(run => PieceAsync(run, fromEnd: true)),
        new Command("checksum", "Prints the SHA-256 of files, as sha256sum does") { Targets }.Example("gofsctl checksum demo:/file").Does(ChecksumAsync),
    ];

    private static async Task PieceAsync(Invocation run, bool fromEnd)
    {
        var target = Target.ParseRemoteOnly(run.Get(One));
        var left = Texts.ParseSize(run.Get(Count)!);
        await using var file = await (await run.FilesAsync(target)).OpenAsync(target.Path, FileMode.Open, FileAccess.Read, cancellation: run.Cancellation);
        if (fromEnd) file.Position = Math.Max(0, file.Length - left);
        var buffer = new byte[64 << 10];
        while (left > 0 && await file.ReadAsync(buffer.AsMemory(0, (int)Math.Min(left, buffer.Length)), run.Cancellation) is var read && read > 0)
        {
            await run.Out.Bytes.WriteAsync(buffer.AsMemory(0, read), run.Cancellation);
            left -= read;
        }
    }

    private static async Task ChecksumAsync(Invocation run)
    {
        foreach (var target in run.Get(Targets).Select(text => Target.ParseRemoteOnly(text)))
        {
            await using var file = await (await run.FilesAsync(target)).OpenAsync(target.Path, FileMode.Open, FileAccess.Read, cancellation: run.Cancellation);
            var hash = Convert.ToHexStringLower(await SHA256.HashDataAsync(file, run.Cancellation));
            run.Out.Show($"{hash}  {target}", json => { json.WriteString("path", target.ToString()); json.WriteString("sha256", hash); });
        }
    }
}
