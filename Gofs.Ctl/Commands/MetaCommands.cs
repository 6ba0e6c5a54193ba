using System.CommandLine;
using System.Globalization;

namespace Gofs.Ctl.Commands;

/// <summary>meta status, snapshot, dump, load.</summary>
internal static class MetaCommands
{
    private static readonly Argument<string> Name = new("NAMESPACE");

    /// <summary>The commands.</summary>
    public static Command Make() => new("meta", "The metadata of a namespace")
    {
        new Command("status", "Says how the master is") { Name }.Example("gofsctl meta status demo").Does(async run =>
        {
            var status = await (await run.ConnectAsync()).Namespace(run.Get(Name)).GetStatusAsync(run.Cancellation);
            run.Out.Show(string.Create(CultureInfo.InvariantCulture, $"""
                namespace  {status.Name}, number {status.Number}
                master     {status.Silo}, epoch {status.Epoch}, loaded in {status.LoadTime.TotalMilliseconds:0} ms
                editlog    {status.EditLogNumber} records
                snapshot   {(status.SnapshotNumber == 0 ? "none" : $"at {status.SnapshotNumber}, {status.SnapshotAt:yyyy-MM-dd HH:mm:ss} UTC")}
                names      {status.Names - 1} ({status.TrashItems} trash items, {status.OpenFiles} open files)
                bytes      {status.LengthBytes}
                """), json =>
            {
                json.WriteString("name", status.Name);
                json.WriteNumber("number", status.Number);
                json.WriteString("silo", status.Silo);
                json.WriteNumber("epoch", status.Epoch);
                json.WriteNumber("editLogNumber", status.EditLogNumber);
                json.WriteNumber("snapshotNumber", status.SnapshotNumber);
                json.WriteNumber("names", status.Names - 1);
                json.WriteNumber("trashItems", status.TrashItems);
                json.WriteNumber("openFiles", status.OpenFiles);
                json.WriteNumber("lengthBytes", status.LengthBytes);
                if (status.SnapshotAt is { } at) json.WriteString("snapshotAt", at);
                json.WriteNumber("loadMilliseconds", status.LoadTime.TotalMilliseconds);
            });
        }),
        new Command("snapshot", "Writes a Snapshot now") { Name }.Example("gofsctl meta snapshot demo").Does(async run =>
        {
            var number = await (await run.ConnectAsync()).Namespace(run.Get(Name)).SnapshotAsync(run.Cancellation);
            run.Out.Show($"Snapshot at {number}", json => json.WriteNumber("snapshotNumber", number));
        }),
        DumpCommands.Dump(),
        DumpCommands.Load(),
    };
}
