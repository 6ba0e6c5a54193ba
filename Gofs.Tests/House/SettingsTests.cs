using System.Text;
using Gofs.Silo.Hosting;
using Microsoft.Extensions.Configuration;
using Xunit;

namespace Gofs.Tests.House;

/// <summary>Every setting of a silo can be set by a file, and nothing else can.</summary>
public sealed class SettingsTests
{
    private const string Sample = """
        {
          "Silo": {
            "Data": "/srv/gofs",
            "Name": "silo-7",
            "Roles": "meta,chunks",
            "Postgres": "Host=db",
            "ClusterKeyFile": "KEY-FILE",
            "Standbys": 2,
            "Disks": ["/disk1", "/disk2"],
            "Address": "127.0.0.2",
            "SiloPort": 12000,
            "GatewayPort": 31000,
            "DataPort": 31001,
            "ConsolePort": 8081,
            "ConsoleAddress": "127.0.0.4",
            "ConsoleSignIn": true,
            "ConsoleProxies": ["127.0.0.1", "10.0.0.0/24"],
            "OrleansDashboard": true,
            "MetricsPort": 9464,
            "MetricsAddress": "127.0.0.3",
            "Labels": { "rack": "r1" },
            "LogLevel": "Debug",
            "ReserveBytes": 1048576,
            "DeadSeconds": 90,
            "CopyBytesPerSecond": 2097152,
            "ScrubDays": 7,
            "ScrubMegabytesPerSecond": 5,
            "Rebalance": false,
            "RebalanceBytesPerSecond": 8388608
          }
        }
        """;

    [Fact]
    public void Sample_SetsEveryKey()
    {
        var folder = Directory.CreateTempSubdirectory("gofs-test-");
        var keyFile = Path.Combine(folder.FullName, "key");
        File.WriteAllBytes(keyFile, new byte[32]);
        var (read, normal) = (SiloSettings.Read(Configuration(Sample.Replace("KEY-FILE", keyFile, StringComparison.Ordinal))), new SiloSettings());
        folder.Delete(recursive: true);
        var settable = typeof(SiloSettings).GetProperties().Where(one => one.GetSetMethod() is not null).ToList();
        Rule.Holds("the sample of SettingsTests sets every setting to something else than its default; add what is new", settable
            .Where(one => Equals(Text(one.GetValue(read)), Text(one.GetValue(normal)))).Select(one => one.Name));
        var manual = Repository.Read("docs/operations.md");
        Rule.Holds("docs/operations.md tells every setting", settable
            .Where(one => !manual.Contains($"`Silo:{one.Name}", StringComparison.Ordinal)).Select(one => one.Name));
    }

    [Fact]
    public void UnknownKeys_AreRefused_WithAllOtherFaults()
    {
        var faulty = Configuration("""{ "Silo": { "Gatewayport": 0, "Dsiks": ["/a"], "Colour": "red", "RolesInForce": "Meta", "ConsoleProxies": ["lb", "0.0.0.0/0"] } }""");
        var refused = Assert.Throws<GofsException>(() => SiloSettings.Read(faulty));
        Assert.Equal(GofsError.InvalidArgument, refused.Error);
        Assert.Contains("there is no setting Silo:Dsiks", refused.Message, StringComparison.Ordinal);
        Assert.Contains("there is no setting Silo:RolesInForce", refused.Message, StringComparison.Ordinal);
        Assert.Contains("there is no setting Silo:Colour", refused.Message, StringComparison.Ordinal);
        Assert.Contains("Silo:GatewayPort is 1 to 65535", refused.Message, StringComparison.Ordinal);
        Assert.Contains("Silo:ConsoleProxies has IP addresses, and networks such as 10.0.0.0/24, not 'lb'", refused.Message, StringComparison.Ordinal);
        Assert.Contains("not '0.0.0.0/0'", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Switches_LeadToSettings() => Rule.Holds("a switch of gofs-silo sets a setting there is", SiloSettings.Switches
        .Where(one => typeof(SiloSettings).GetProperty(one.Value.Split(':')[1]) is null).Select(one => one.Key));

    private static IConfiguration Configuration(string json) =>
        new ConfigurationBuilder().AddJsonStream(new MemoryStream(Encoding.UTF8.GetBytes(json))).Build();

    private static string Text(object? value) => value switch
    {
        IDictionary<string, string> labels => string.Join(',', labels),
        IEnumerable<string> many => string.Join(',', many),
        _ => value?.ToString() ?? "",
    };
}
