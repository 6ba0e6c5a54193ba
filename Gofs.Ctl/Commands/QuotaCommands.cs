using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Gofs.Namespaces;

namespace Gofs.Ctl.Commands;

/// <summary>quota show, set.</summary>
internal static class QuotaCommands
{
    private static readonly Argument<string> Name = new("NAMESPACE");
    private static readonly Argument<string?> OptionalName = new("NAMESPACE") { Arity = ArgumentArity.ZeroOrOne };
    private static readonly Option<string?> Names = new("--names") { Description = "The most names; 0: no quota", HelpName = "N" };
    private static readonly Option<string?> Bytes = new("--bytes") { Description = "The most bytes, as the files' lengths say; 0: no quota", HelpName = "SIZE" };
    private static readonly Option<string?> Stored = new("--stored")
    {
        Description = "The most stored bytes: each file's length times its goal; 0: no quota", HelpName = "SIZE",
    };

    /// <summary>The commands.</summary>
    public static Command Make() => new("quota", "How much a namespace may have, and has")
    {
        new Command("show", "Shows what namespaces have, and their quotas") { OptionalName }.Example("gofsctl quota show", "gofsctl quota show demo").Does(ShowAsync),
        new Command("set", "Sets a namespace's quotas; what is not said stays") { Name, Names, Bytes, Stored }
            .Example("gofsctl quota set demo --stored 3T --names 1000000").Does(SetAsync),
    };

    /// <summary>What is used of a quota, for a person.</summary>
    internal static string Line(string name, NamespaceStatus status) => string.Create(CultureInfo.InvariantCulture,
        $"{name,-16} {Part(status.Names - 1, status.Config.MaxNames, isSize: false),22} {Part(status.LengthBytes, status.Config.MaxBytes, isSize: true),18} "
        + $"{Part(status.StoredBytes, status.Config.MaxStoredBytes, isSize: true),18}");

    /// <summary>What stands over the lines.</summary>
    internal static string Head => $"{"namespace",-16} {"names",22} {"bytes",18} {"stored",18}";

    /// <summary>The same as JSON.</summary>
    internal static void Write(Utf8JsonWriter json, string name, NamespaceStatus status)
    {
        json.WriteString("namespace", name);
        json.WriteNumber("names", status.Names - 1);
        json.WriteNumber("maxNames", status.Config.MaxNames);
        json.WriteNumber("lengthBytes", status.LengthBytes);
        json.WriteNumber("maxBytes", status.Config.MaxBytes);
        json.WriteNumber("storedBytes", status.StoredBytes);
        json.WriteNumber("maxStoredBytes", status.Config.MaxStoredBytes);
        json.WriteNumber("trashItems", status.TrashItems);
    }

    private static async Task ShowAsync(Invocation run)
    {
        var client = await run.ConnectAsync();
        string[] names = run.Get(OptionalName) is { } one ? [one] : [.. (await client.ListNamespacesAsync(run.Cancellation)).Select(info => info.Name)];
        if (!run.Out.IsJson) run.Out.Line(Head);
        foreach (var name in names) Show(run, name, await client.Namespace(name).GetStatusAsync(run.Cancellation));
    }

    private static async Task SetAsync(Invocation run)
    {
        if (run.Get(Names) is null && run.Get(Bytes) is null && run.Get(Stored) is null)
            throw new UsageException("--names, --bytes or --stored say what is set");
        var files = (await run.ConnectAsync()).Namespace(run.Get(Name));
        var config = await files.GetConfigAsync(run.Cancellation);
        await files.SetConfigAsync(config with
        {
            MaxNames = run.Get(Names) is { } names ? Texts.ParseSize(names) : config.MaxNames,
            MaxBytes = run.Get(Bytes) is { } bytes ? Texts.ParseSize(bytes) : config.MaxBytes,
            MaxStoredBytes = run.Get(Stored) is { } stored ? Texts.ParseSize(stored) : config.MaxStoredBytes,
        }, run.Cancellation);
        if (!run.Out.IsJson) run.Out.Line(Head);
        Show(run, run.Get(Name), await files.GetStatusAsync(run.Cancellation));
    }

    private static void Show(Invocation run, string name, NamespaceStatus status) => run.Out.Show(Line(name, status), json => Write(json, name, status));

    private static string Part(long used, long most, bool isSize) => most == 0 ? Text(used, isSize) : $"{Text(used, isSize)} of {Text(most, isSize)}";

    private static string Text(long number, bool isSize) => isSize ? Texts.Size(number, human: true) : number.ToString(CultureInfo.InvariantCulture);
}
