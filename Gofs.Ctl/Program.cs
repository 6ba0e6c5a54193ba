using System.CommandLine;
using Gofs;
using Gofs.Ctl.Commands;
using Gofs.Ctl.Local;
using Gofs.Ctl.Targets;

var root = new RootCommand("Operates a Gofs file system. Targets are gofs://NAMESPACE/PATH or NAMESPACE:/PATH. Exit codes: docs/gofsctl.md.")
{
    GlobalOptions.Gateway, GlobalOptions.Timeout, GlobalOptions.Json,
};
foreach (var command in AllCommands.Make()) root.Add(command);
try
{
    return await root.Parse(RawArguments.Restore(args)).InvokeAsync(new InvocationConfiguration { EnableDefaultExceptionHandler = false });
}
catch (OperationCanceledException)
{
    return ExitCodes.Interrupted;
}
catch (Exception failed) when (failed is GofsException or UsageException or LocalFileException)
{
    await Console.Error.WriteLineAsync($"gofsctl: {Invocation.Line(failed)}");
    return failed is GofsException known ? ExitCodes.Of(known.Error) : ExitCodes.Usage;
}
catch (IOException broken) when (broken.HResult == LibC.BrokenPipe)
{
    return ExitCodes.Done;
}
