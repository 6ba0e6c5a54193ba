using System.CommandLine;
using System.Globalization;
using Gofs.Ctl.Targets;

namespace Gofs.Ctl.Commands;

/// <summary>trash ls, restore, purge.</summary>
internal static class TrashCommands
{
    private static readonly Argument<string> Name = new("NAMESPACE");
    private static readonly Argument<long> Id = new("ID");
    private static readonly Argument<long?> OptionalId = new("ID") { Arity = ArgumentArity.ZeroOrOne };
    private static readonly Option<string?> To = new("--to") { Description = "Path to restore it to instead of where it was" };
    private static readonly Option<bool> Yes = new("--yes") { Description = "Do it; without it only what would be done is shown" };

    /// <summary>The commands.</summary>
    public static Command Make() => new("trash", "What was removed and can be restored")
    {
        new Command("ls", "Lists the trash, oldest first") { Name }.Example("gofsctl trash ls demo").Does(async run =>
        {
            await foreach (var item in (await run.ConnectAsync()).Namespace(run.Get(Name)).ListTrashAsync(run.Cancellation))
            {
                run.Out.Show(
                    string.Create(CultureInfo.InvariantCulture,
                        $"{item.Id,6} {item.RemovedAt.UtcDateTime:yyyy-MM-dd HH:mm:ss} {item.Names,8} names {Texts.Size(item.LengthBytes, true),8} ")
                        + run.Out.Name(PathText.Decode(item.OriginalPath.Bytes)),
                    json =>
                    {
                        json.WriteNumber("id", item.Id);
                        EntryJson.WriteBytes(json, "path", item.OriginalPath.Bytes);
                        json.WriteString("removedAt", item.RemovedAt);
                        json.WriteNumber("names", item.Names);
                        json.WriteNumber("lengthBytes", item.LengthBytes);
                    });
            }
        }),
        new Command("restore", "Puts an item back") { Name, Id, To }.Example("gofsctl trash restore demo 7").Does(async run =>
            await (await run.ConnectAsync()).Namespace(run.Get(Name)).RestoreAsync(
                run.Get(Id), run.Get(To) is { } to ? GofsPath.FromBytes(PathText.Encode(to)) : null, run.Cancellation)),
        new Command("purge", "Removes an item, or all, for ever") { Name, OptionalId, Yes }.Example("gofsctl trash purge demo --yes").Does(async run =>
        {
            var files = (await run.ConnectAsync()).Namespace(run.Get(Name));
            if (run.Get(OptionalId) is null && !run.Get(Yes))
            {
                var items = (await files.GetStatusAsync(run.Cancellation)).TrashItems;
                run.Out.Show(
                    $"would remove all {items} trash items of {run.Get(Name)} for ever; add --yes to do it", json => json.WriteNumber("wouldRemove", items));
                return;
            }

            var count = await files.PurgeTrashAsync(run.Get(OptionalId), run.Cancellation);
            run.Out.Show($"{count} removed", json => json.WriteNumber("removed", count));
        }),
    };
}
