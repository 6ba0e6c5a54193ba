using System.CommandLine;
using System.Text.RegularExpressions;
using Gofs.Cluster;
using Gofs.Ctl.Commands;
using Gofs.Silo.Hosting;
using Microsoft.Extensions.Configuration;
using Xunit;

namespace Gofs.Tests.House;

/// <summary>What deploy/ and docs/deploy.md name is there.</summary>
public sealed partial class DeployTests
{
    private const string Page = "docs/deploy.md";
    private static readonly string[] Files = ["deploy/gofs-silo.service", "deploy/silo.env", Page];

    [Fact]
    public void EverySettingNamed_Exists()
    {
        var known = typeof(SiloSettings).GetProperties().Where(one => one.GetSetMethod() is not null).Select(one => one.Name).ToHashSet();
        var named = Files.SelectMany(file => Setting().Matches(Repository.Read(file)).Select(match => (file, Name: match.Groups[1].Value))).ToList();
        Assert.True(named.Count > 10, "the settings are found");
        Rule.Holds("a setting that deploy/ or docs/deploy.md names exists", named.Where(one => !known.Contains(one.Name)).Select(one => $"{one.file}: {one.Name}"));
        var sample = Repository.Read("deploy/silo.env");
        Rule.Holds("deploy/silo.env names every setting", known.Where(name => !sample.Contains($"GOFS__Silo__{name}", StringComparison.Ordinal)));
    }

    [Fact]
    public void Sample_IsTakenByASilo()
    {
        var folder = Directory.CreateTempSubdirectory("gofs-test-");
        var key = Path.Combine(folder.FullName, "key");
        File.WriteAllBytes(key, new byte[32]);
        // The comments that are settings too: what they say is the default or as good.
        var lines = Repository.Read("deploy/silo.env").Split('\n').Select(line => line.TrimStart('#')).Where(line => line.StartsWith("GOFS__", StringComparison.Ordinal))
            .Select(line => line.Split('=', 2)).ToDictionary(pair => pair[0]["GOFS__".Length..].Replace("__", ":", StringComparison.Ordinal), pair => (string?)pair[1].Trim('"'));
        lines["Silo:ClusterKeyFile"] = key;
        var settings = SiloSettings.Read(new ConfigurationBuilder().AddInMemoryCollection(lines).Build());
        folder.Delete(recursive: true);
        Assert.Equal(("silo-1", "10.0.0.11", 2), (settings.Name, settings.Address, settings.Disks.Count));
        Assert.Contains("Password=", settings.Postgres, StringComparison.Ordinal);
        var normal = new SiloSettings();
        Assert.Equal(SiloRoles.Meta | SiloRoles.Chunks, settings.RolesInForce);
        Assert.Equal(
            (normal.SiloPort, normal.GatewayPort, normal.DataPort, normal.ConsolePort, normal.ReserveBytes, normal.LogLevel),
            (settings.SiloPort, settings.GatewayPort, settings.DataPort, settings.ConsolePort, settings.ReserveBytes, settings.LogLevel));
    }

    [Fact]
    public void EveryCommandNamed_IsTakenByGofsctl()
    {
        var commands = Command().Matches(Repository.Read(Page)).Select(match => match.Groups[1].Value).ToList();
        Assert.True(commands.Count > 8, "the commands are found");
        var root = AllCommands.MakeRoot();
        Rule.Holds("gofsctl understands every command of docs/deploy.md", commands
            .Where(command => root.Parse(command.Split(' ')).Errors.Count > 0));
    }

    [Fact]
    public void Unit_StartsTheSiloWithTheSampleOnly()
    {
        var unit = Repository.Read("deploy/gofs-silo.service");
        Assert.Contains("\nExecStart=/opt/gofs/bin/gofs-silo\n", unit, StringComparison.Ordinal);
        Assert.Contains("\nEnvironmentFile=/etc/gofs/silo.env\n", unit, StringComparison.Ordinal);
        Assert.DoesNotContain("\nMemoryDenyWriteExecute", unit, StringComparison.Ordinal);
        Rule.Holds("the unit lets the silo write to the folders of deploy/silo.env", Repository.Read("deploy/silo.env").Split('\n')
            .Where(line => line.StartsWith("GOFS__Silo__Data=", StringComparison.Ordinal) || line.StartsWith("GOFS__Silo__Disks", StringComparison.Ordinal))
            .Select(line => line.Split('=')[1])
            .Where(folder => folder != "/var/lib/gofs" && !folder.StartsWith("/srv/gofs/", StringComparison.Ordinal)));
    }

    [GeneratedRegex(@"(?:GOFS__Silo__|Silo:)([A-Z]\w*?)(?=__|\b)")]
    private static partial Regex Setting();

    [GeneratedRegex(@"(?<=^    |`)gofsctl ([^`\n]+)", RegexOptions.Multiline)]
    private static partial Regex Command();
}
