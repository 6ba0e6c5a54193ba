using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Gofs.Cluster;

namespace Gofs.Ctl.Commands;

/// <summary>config show, set, unset: what is the same for all silos, and for looking at it what a namespace has.</summary>
internal static class ConfigCommands
{
    private static readonly Argument<string?> Name = new("NAMESPACE")
    {
        Description = "Its settings instead of the cluster's", Arity = ArgumentArity.ZeroOrOne,
    };

    private static readonly Argument<string[]> Changes = new("KEY=VALUE")
    {
        Description = "One KEY and its VALUE, or any number of KEY=VALUE; all of them are set, or none", Arity = ArgumentArity.OneOrMore,
    };

    private static readonly Argument<string[]> Keys = new("KEY") { Arity = ArgumentArity.OneOrMore };
    private static readonly Option<bool> Origin = new("--origin") { Description = "Where each value comes from, who set it, and when" };

    /// <summary>The commands.</summary>
    public static Command Make() => new("config", "Settings that are the same for all silos and change while they run")
    {
        new Command("show", "Shows the settings in force") { Name, Origin }.Example("gofsctl config show --origin", "gofsctl config show demo --origin")
            .Does(run => run.Get(Name) is { } name ? NamespaceSettingsTable.ShowAsync(run, name, run.Get(Origin)) : ShowAsync(run)),
        new Command("set", "Sets settings of the cluster; every silo has them within seconds") { Changes }
            .Example("gofsctl config set DeadSeconds 120", "gofsctl config set CopyBytesPerSecond=200M RebalanceBytesPerSecond=100M").Does(SetAsync),
        new Command("unset", "Takes settings of the cluster back: silos have what they were started with, else the defaults") { Keys }
            .Example("gofsctl config unset DeadSeconds").Does(run => ChangeAsync(run, [.. run.Get(Keys).Select(key => new SettingChange(key, null))])),
    };

    /// <summary>What was asked to be set.</summary>
    /// <exception cref="UsageException">It is neither a key and a value nor pairs of them.</exception>
    internal static SettingChange[] Read(string[] words)
    {
        if (words is [var key, var value] && !key.Contains('=', StringComparison.Ordinal)) return [new(key, value)];
        return [.. words.Select(word => word.IndexOf('=', StringComparison.Ordinal) is var at && at > 0
            ? new SettingChange(word[..at], word[(at + 1)..])
            : throw new UsageException($"a setting is KEY VALUE or KEY=VALUE, not '{word}'"))];
    }

    /// <summary>A setting for people.</summary>
    internal static string Line(SettingInForce one, bool withOrigin)
    {
        var line = $"{one.Setting.Key,-25} {one.Value,-12} {one.Setting.Unit,-8} ";
        return (line + (withOrigin ? OriginText(one) : one.Setting.Meaning)).TrimEnd();
    }

    private static Task SetAsync(Invocation run) => ChangeAsync(run, Read(run.Get(Changes)));

    private static async Task ChangeAsync(Invocation run, SettingChange[] changes)
    {
        var client = await run.ConnectAsync();
        await client.ChangeSettingsAsync(changes, run.Cancellation);
        var keys = changes.Select(change => ClusterSetting.Find(change.Key)?.Key).ToHashSet(StringComparer.Ordinal);
        foreach (var one in await client.ListSettingsAsync(run.Cancellation))
        {
            if (keys.Contains(one.Setting.Key)) Show(run, one, withOrigin: true);
        }
    }

    private static async Task ShowAsync(Invocation run)
    {
        foreach (var one in await (await run.ConnectAsync()).ListSettingsAsync(run.Cancellation)) Show(run, one, run.Get(Origin));
    }

    private static void Show(Invocation run, SettingInForce one, bool withOrigin) => run.Out.Show(Line(one, withOrigin), json => Write(json, one));

    private static void Write(Utf8JsonWriter json, SettingInForce one)
    {
        json.WriteString("key", one.Setting.Key);
        json.WriteString("value", one.Value);
        json.WriteString("unit", one.Setting.Unit);
        json.WriteString("origin", one.Origin.ToString().ToLowerInvariant());
        if (one.Set is { } set)
        {
            json.WriteString("user", set.By.User);
            json.WriteString("host", set.By.Host);
            json.WriteString("at", set.At);
        }

        json.WriteStartObject("silos");
        foreach (var (silo, value) in one.OfSilos) json.WriteString(silo, value);
        json.WriteEndObject();
    }

    private static string OriginText(SettingInForce one)
    {
        var silos = string.Join(", ", one.OfSilos.Select(own => $"{own.Key}: {own.Value}"));
        return one switch
        {
            { Set: { } set } => string.Create(CultureInfo.InvariantCulture, $"set for the cluster by {set.By} at {set.At.UtcDateTime:yyyy-MM-dd HH:mm:ss} UTC")
                + (silos.Length > 0 ? $" (started with something else: {silos})" : ""),
            { Origin: SettingOrigin.Silo } => $"default; silos were started with their own: {silos}",
            _ => "default",
        };
    }
}
