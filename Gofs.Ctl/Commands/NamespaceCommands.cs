using System.CommandLine;
using System.Globalization;
using Gofs.Namespaces;

namespace Gofs.Ctl.Commands;

/// <summary>ns create, ls, show, config, rm.</summary>
internal static class NamespaceCommands
{
    private static readonly Argument<string> Name = new("NAMESPACE") { Description = "1 to 63 of a-z, 0-9, '-' and '_'" };
    private static readonly Argument<string[]> Settings = new("KEY=VALUE")
    {
        Description = "chunk-size, goal, min-replicas, durability (flush, write, none), trash (seconds), max-names, max-bytes, max-stored, lease (seconds), shards (at creation)",
        Arity = ArgumentArity.ZeroOrMore,
    };

    private static readonly Option<bool> Yes = new("--yes") { Description = "Do it; without it only what would be done is shown" };

    /// <summary>The commands.</summary>
    public static Command Make() => new("ns", "Namespaces: isolated file systems, each with its own settings")
    {
        new Command("create", "Makes a namespace") { Name, Settings }.Example("gofsctl ns create demo", "gofsctl ns create small chunk-size=1M trash=0")
            .Does(async run =>
            {
                Change(NamespaceConfig.Default, run.Get(Settings)); // what is wrong is said before anybody is asked
                var client = await run.ConnectAsync();
                var config = Change(await client.GetDefaultConfigAsync(run.Cancellation), run.Get(Settings));
                Show(run, await client.CreateNamespaceAsync(run.Get(Name), config, run.Cancellation), config);
            }),
        new Command("ls", "Lists the namespaces").Example("gofsctl ns ls").Does(async run =>
        {
            foreach (var one in await (await run.ConnectAsync()).ListNamespacesAsync(run.Cancellation))
                run.Out.Show(one.Name, json => { json.WriteString("name", one.Name); json.WriteNumber("number", one.Number); });
        }),
        new Command("show", "Shows a namespace's settings") { Name }.Example("gofsctl ns show demo").Does(async run =>
        {
            var files = (await run.ConnectAsync()).Namespace(run.Get(Name));
            Show(run, null, await files.GetConfigAsync(run.Cancellation));
        }),
        new Command("config", "Changes a namespace's settings") { Name, Settings }.Example("gofsctl ns config demo max-bytes=100G durability=write")
            .Does(async run =>
            {
                var files = (await run.ConnectAsync()).Namespace(run.Get(Name));
                var config = Change(await files.GetConfigAsync(run.Cancellation), run.Get(Settings));
                await files.SetConfigAsync(config, run.Cancellation);
                Show(run, null, config);
            }),
        new Command("rm", "Removes a namespace with all that is in it, for ever") { Name, Yes }.Example("gofsctl ns rm demo --yes").Does(RemoveAsync),
    };

    private static async Task RemoveAsync(Invocation run)
    {
        var client = await run.ConnectAsync();
        var name = run.Get(Name);
        if (!run.Get(Yes))
        {
            var status = await client.Namespace(name).GetStatusAsync(run.Cancellation);
            run.Out.Show(
                $"would remove namespace {name} with {status.Names - 1} names and {Texts.Size(status.LengthBytes, human: true)} bytes for ever; add --yes to do it",
                json =>
                {
                    json.WriteString("wouldRemove", name);
                    json.WriteNumber("names", status.Names - 1);
                    json.WriteNumber("lengthBytes", status.LengthBytes);
                });
            return;
        }

        await client.RemoveNamespaceAsync(name, force: true, run.Cancellation);
    }

    private static NamespaceConfig Change(NamespaceConfig config, string[] settings)
    {
        foreach (var setting in settings)
        {
            var equals = setting.IndexOf('=', StringComparison.Ordinal);
            if (equals < 0) throw new UsageException($"a setting is KEY=VALUE, not '{setting}'");
            var (key, value) = (setting[..equals], setting[(equals + 1)..]);
            config = key switch
            {
                "chunk-size" => config with { ChunkSizeBytes = Texts.ParseSize(value) },
                "goal" => config with { Goal = Number(value) },
                "min-replicas" => config with { MinReplicas = Number(value) },
                "durability" => config with { Durability = Parse(value) },
                "trash" => config with { TrashRetention = TimeSpan.FromSeconds(Number(value)) },
                "max-names" => config with { MaxNames = Texts.ParseSize(value) },
                "max-bytes" => config with { MaxBytes = Texts.ParseSize(value) },
                "max-stored" => config with { MaxStoredBytes = Texts.ParseSize(value) },
                "lease" => config with { LeaseTime = TimeSpan.FromSeconds(Number(value)) },
                "shards" => config with { ChunkTableShards = Number(value) },
                _ => throw new UsageException($"there is no setting '{key}'"),
            };
        }

        config.Validate();
        return config;
    }

    private static int Number(string text) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var value) ? value : throw new UsageException($"'{text}' is not a number");

    private static Durability Parse(string text) => text switch
    {
        "flush" => Durability.Flush,
        "write" => Durability.Write,
        "none" => Durability.None,
        _ => throw new UsageException($"durability is flush, write or none, not '{text}'"),
    };

    private static void Show(Invocation run, Cluster.NamespaceInfo? info, NamespaceConfig config)
    {
        if (info is not null && !run.Out.IsJson)
        {
            run.Out.Line($"namespace {info.Name} is there, number {info.Number}");
            return;
        }

        run.Out.Show(string.Create(CultureInfo.InvariantCulture, $"""
            chunk-size    {config.ChunkSizeBytes}
            goal          {config.Goal}
            min-replicas  {Math.Max(1, config.MinReplicas)}
            durability    {config.Durability.ToString().ToLowerInvariant()}
            trash         {config.TrashRetention.TotalSeconds:0} s
            max-names     {config.MaxNames}
            max-bytes     {config.MaxBytes}
            max-stored    {config.MaxStoredBytes}
            lease         {config.LeaseTime.TotalSeconds:0} s
            shards        {config.ChunkTableShards}
            """), json =>
        {
            if (info is not null) json.WriteString("name", info.Name);
            json.WriteNumber("chunkSizeBytes", config.ChunkSizeBytes);
            json.WriteNumber("goal", config.Goal);
            json.WriteNumber("minReplicas", Math.Max(1, config.MinReplicas));
            json.WriteString("durability", config.Durability.ToString().ToLowerInvariant());
            json.WriteNumber("trashSeconds", config.TrashRetention.TotalSeconds);
            json.WriteNumber("maxNames", config.MaxNames);
            json.WriteNumber("maxBytes", config.MaxBytes);
            json.WriteNumber("maxStoredBytes", config.MaxStoredBytes);
            json.WriteNumber("leaseSeconds", config.LeaseTime.TotalSeconds);
            json.WriteNumber("shards", config.ChunkTableShards);
        });
    }
}
