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
    private static readonly Option<bool> Replace = new("--replace") { Description = "A file or symlink that is there goes to the trash for it" };
    private static readonly Option<bool> Yes = new("--yes") { Description = "Do it; without it only what would be done is shown" };

    /// <summary>The commands.</summary>
    public static Command Make() => new("trash", "What was removed and can be restored")
    {
        new Command("ls", "Lists the trash, oldest first") { Name }.Example("gofsctl trash ls demo").Does(async run =>
        {
            var files = (await run.ConnectAsync()).Namespace(run.Get(Name));
            var retention = (await files.GetConfigAsync(run.Cancellation)).TrashRetention;
            await foreach (var item in files.ListTrashAsync(run.Cancellation))
            {
                run.Out.Show(
                    string.Create(CultureInfo.InvariantCulture,
                        $"{item.Id,6} {item.RemovedAt.UtcDateTime:yyyy-MM-dd HH:mm:ss} {item.Names,8} names {Texts.Size(item.LengthBytes, true),8} ")
                        + string.Create(CultureInfo.InvariantCulture, $"until {KeptUntil(item, retention).UtcDateTime:yyyy-MM-dd HH:mm:ss} ")
                        + run.Out.Name(PathText.Decode(item.OriginalPath.Bytes)),
                    json =>
                    {
                        json.WriteNumber("id", item.Id);
                        EntryJson.WriteBytes(json, "path", item.OriginalPath.Bytes);
                        json.WriteString("removedAt", item.RemovedAt);
                        json.WriteString("keptUntil", KeptUntil(item, retention));
                        json.WriteNumber("names", item.Names);
                        json.WriteNumber("lengthBytes", item.LengthBytes);
                    });
            }
        }),
        new Command("restore", "Puts an item back") { Name, Id, To, Replace }.Example("gofsctl trash restore demo 7", "gofsctl trash restore demo 7 --to /found --replace").Does(async run =>
            await (await run.ConnectAsync()).Namespace(run.Get(Name)).RestoreAsync(
                run.Get(Id), run.Get(To) is { } to ? GofsPath.FromBytes(PathText.Encode(to)) : null, run.Get(Replace), run.Cancellation)),
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

    private static DateTimeOffset KeptUntil(Namespaces.TrashItem item, TimeSpan retention) =>
        retention < DateTimeOffset.MaxValue - item.RemovedAt ? item.RemovedAt + retention : DateTimeOffset.MaxValue;
}
