using System.CommandLine;
using Gofs.Ctl.Targets;

namespace Gofs.Ctl.Commands;

/// <summary>xattr ls, get, set, rm.</summary>
internal static class AttributeCommands
{
    private const int MostValueBytes = 64 << 10;
    private static readonly Argument<string> One = new("TARGET");
    private static readonly Argument<string> Name = new("NAME") { Description = "1 to 255 bytes" };
    private static readonly Argument<string> Value = new("VALUE") { Description = "Text of at most 64 KiB, or - for standard input" };

    /// <summary>The commands.</summary>
    public static Command Make() => new("xattr", "Extended attributes")
    {
        new Command("ls", "Lists their names") { One }.Example("gofsctl xattr ls demo:/file").Does(async run =>
        {
            var target = run.Remote(run.Get(One));
            foreach (var name in await (await run.FilesAsync(target)).ListExtendedAttributesAsync(target.Path, run.Cancellation))
                run.Out.Show(run.Out.Name(name), json => { EntryJson.WritePlace(json, target); json.WriteString("name", name); });
        }),
        new Command("get", "Prints one") { One, Name }.Example("gofsctl xattr get demo:/file user.origin").Does(async run =>
        {
            var target = run.Remote(run.Get(One));
            var value = await (await run.FilesAsync(target)).GetExtendedAttributeAsync(target.Path, run.Get(Name), run.Cancellation)
                ?? throw new GofsException(GofsError.NotFound, $"there is no extended attribute '{run.Get(Name)}'", target.Path.ToString());
            run.Out.Show(run.Out.Name(PathText.Decode(value)), json =>
            {
                EntryJson.WritePlace(json, target);
                json.WriteString("name", run.Get(Name));
                EntryJson.WriteBytes(json, "value", value);
            });
        }),
        new Command("set", "Sets one") { One, Name, Value }.Example("gofsctl xattr set demo:/file user.origin https://example.org").Does(async run =>
        {
            var target = run.Remote(run.Get(One));
            var value = run.Get(Value) == "-" ? await ReadAsync(run) : PathText.Encode(run.Get(Value));
            await (await run.FilesAsync(target)).SetExtendedAttributeAsync(target.Path, run.Get(Name), value, run.Cancellation);
        }),
        new Command("rm", "Removes one") { One, Name }.Example("gofsctl xattr rm demo:/file user.origin").Does(async run =>
        {
            var target = run.Remote(run.Get(One));
            var files = await run.FilesAsync(target);
            if (await files.GetExtendedAttributeAsync(target.Path, run.Get(Name), run.Cancellation) is null)
                throw new GofsException(GofsError.NotFound, $"there is no extended attribute '{run.Get(Name)}'", target.Path.ToString());
            await files.SetExtendedAttributeAsync(target.Path, run.Get(Name), null, run.Cancellation);
        }),
    };

    private static async Task<byte[]> ReadAsync(Invocation run)
    {
        var bytes = new byte[MostValueBytes + 1];
        var length = await run.OpenInput().ReadAtLeastAsync(bytes, bytes.Length, throwOnEndOfStream: false, run.Cancellation);
        return length <= MostValueBytes ? bytes[..length] : throw new UsageException("a value has at most 64 KiB");
    }
}
