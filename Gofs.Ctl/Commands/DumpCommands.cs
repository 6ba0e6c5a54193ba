using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Gofs.Ctl.Local;
using Gofs.Namespaces;

namespace Gofs.Ctl.Commands;

/// <summary>meta dump, load.</summary>
internal static class DumpCommands
{
    private static readonly Argument<string> Name = new("NAMESPACE");
    private static readonly Argument<string> File = new("FILE") { Description = "A local file, or - for standard output or input" };
    private static readonly Option<string?> As = new("--as") { Description = "The namespace's name here (default: the one it had)" };
    private static readonly Option<bool> NamesOnly = new("--names-only")
    {
        Description = "Names, attributes and symlinks under a new namespace number; files come without their bytes",
    };

    /// <summary>meta dump.</summary>
    public static Command Dump() => new Command("dump", "Writes all metadata of a namespace, as it is now, to a text file (docs/formats.md)") { Name, File }
        .Example("gofsctl meta dump demo demo.dump", "gofsctl meta dump demo - | zstd >demo.dump.zst").Does(async run =>
        {
            var files = (await run.ConnectAsync()).Namespace(run.Get(Name));
            var progress = ShowsProgress ? new Said<DumpCounts>(counts => $"{counts.Inodes} names") : null;
            var path = run.Get(File);
            if (path == "-")
            {
                await files.DumpAsync(run.Out.Bytes, progress, run.Cancellation);
                progress?.End();
                return;
            }

            await using var file = Local(path, () => new FileStream(path, FileMode.Create, FileAccess.Write));
            var counts = await files.DumpAsync(file, progress, run.Cancellation);
            file.Flush(flushToDisk: true);
            progress?.End();
            run.Out.Show(Text(counts), json => Write(json, counts));
        });

    /// <summary>meta load.</summary>
    public static Command Load() => new Command("load", "Makes a namespace from a dump; its files refer to their chunks again") { File, As, NamesOnly }
        .Example("gofsctl meta load demo.dump", "gofsctl meta load demo.dump --as names --names-only", "zstdcat demo.dump.zst | gofsctl meta load -")
        .Does(async run =>
        {
            var client = await run.ConnectAsync();
            var path = run.Get(File);
            await using var dump = path == "-" ? Console.OpenStandardInput() : Local(path, () => new FileStream(path, FileMode.Open, FileAccess.Read));
            var progress = ShowsProgress ? new Said<long>(bytes => $"{Texts.Size(bytes, human: true)} loaded") : null;
            var loaded = await client.LoadNamespaceAsync(dump, run.Get(As), run.Get(NamesOnly), progress, run.Cancellation);
            progress?.End();
            run.Out.Show($"namespace {loaded.Namespace.Name} is there, number {loaded.Namespace.Number}: {Text(loaded.Counts)}", json =>
            {
                json.WriteString("name", loaded.Namespace.Name);
                json.WriteNumber("number", loaded.Namespace.Number);
                Write(json, loaded.Counts);
                json.WriteNumber("filesWithoutBytes", loaded.FilesWithoutBytes);
            });
            if (loaded.FilesWithoutBytes > 0)
                Console.Error.WriteLine($"gofsctl: {loaded.FilesWithoutBytes} files had bytes in the dumped namespace and are empty here");
        });

    private static bool ShowsProgress => LibC.IsTerminal(2) == 1;

    private static FileStream Local(string path, Func<FileStream> open)
    {
        try
        {
            return open();
        }
        catch (Exception refused) when (refused is IOException or UnauthorizedAccessException)
        {
            throw new UsageException($"{path}: {refused.Message}");
        }
    }

    private static string Text(DumpCounts counts) => string.Create(CultureInfo.InvariantCulture,
        $"{counts.Files} files, {counts.Directories} directories, {counts.Symlinks} symlinks, {counts.TrashItems} trash items, {counts.LengthBytes} bytes in files");

    private static void Write(Utf8JsonWriter json, DumpCounts counts)
    {
        json.WriteNumber("files", counts.Files);
        json.WriteNumber("directories", counts.Directories);
        json.WriteNumber("symlinks", counts.Symlinks);
        json.WriteNumber("trashItems", counts.TrashItems);
        json.WriteNumber("lengthBytes", counts.LengthBytes);
    }

    /// <summary>One line on standard error that is written over.</summary>
    private sealed class Said<T>(Func<T, string> text) : IProgress<T>
    {
        private bool said;

        public void Report(T value)
        {
            said = true;
            Console.Error.Write($"\r{text(value)} ");
        }

        public void End()
        {
            if (said) Console.Error.WriteLine();
        }
    }
}
