using System.CommandLine;
using System.Text.Json;
using Gofs.Namespaces;

namespace Gofs.Ctl.Commands;

/// <summary>meta status, failover, snapshot, dump, load.</summary>
internal static class MetaCommands
{
    private static readonly Argument<string> Name = new("NAMESPACE");

    /// <summary>The commands.</summary>
    public static Command Make() => new("meta", "The metadata of a namespace")
    {
        new Command("status", "Says how the master and its standbys are") { Name }.Example("gofsctl meta status demo").Does(StatusAsync),
        FailoverCommand.Make(),
        new Command("snapshot", "Writes a Snapshot now") { Name }.Example("gofsctl meta snapshot demo").Does(async run =>
        {
            var number = await (await run.ConnectAsync()).Namespace(run.Get(Name)).SnapshotAsync(run.Cancellation);
            run.Out.Show($"Snapshot at {number}", json => json.WriteNumber("snapshotNumber", number));
        }),
        DumpCommands.Dump(),
        DumpCommands.Load(),
    };

    private static async Task StatusAsync(Invocation run)
    {
        var status = await (await run.ConnectAsync()).Namespace(run.Get(Name)).GetStatusAsync(run.Cancellation);
        run.Out.Show(string.Join('\n', Lines(status)), json => Write(json, status));
    }

    /// <summary>The status for people; what is behind is the time for which a record has been durable that the standby does not have.</summary>
    internal static IEnumerable<string> Lines(NamespaceStatus status)
    {
        var snapshot = status.SnapshotNumber == 0 ? "none" : Text($"at {status.SnapshotNumber}, {status.SnapshotAt:yyyy-MM-dd HH:mm:ss} UTC");
        yield return Text($"namespace  {status.Name}, number {status.Number}");
        yield return Text($"master     {status.Silo}, epoch {status.Epoch}, loaded in {status.LoadTime.TotalMilliseconds:0} ms");
        yield return Text($"editlog    {status.EditLogNumber} records");
        foreach (var standby in status.Standbys)
        {
            yield return standby.EditLogNumber < 0
                ? Text($"standby    {standby.Silo}, no state yet")
                : Text($"standby    {standby.Silo}, at {standby.EditLogNumber}, {Math.Ceiling(standby.Lag.TotalMilliseconds):0} ms behind");
        }

        if (status.Standbys.Length == 0) yield return "standby    none";
        yield return $"snapshot   {snapshot}";
        yield return Text($"names      {status.Names - 1} ({status.TrashItems} trash items, {status.OpenFiles} open files)");
        yield return Text($"bytes      {status.LengthBytes}");
    }

    private static string Text(FormattableString text) => FormattableString.Invariant(text);

    private static void Write(Utf8JsonWriter json, NamespaceStatus status)
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
        json.WriteStartArray("standbys");
        foreach (var standby in status.Standbys)
        {
            json.WriteStartObject();
            json.WriteString("silo", standby.Silo);
            json.WriteNumber("editLogNumber", standby.EditLogNumber);
            json.WriteNumber("lagMilliseconds", standby.Lag.TotalMilliseconds);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }
}
