using System.Text;
using Gofs.Ctl.CommandLine;
using Xunit;

namespace Gofs.Tests.Ctl;

public sealed class GatewaysTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("gofs-test-").FullName;
    private readonly Dictionary<string, string> environment = [];

    public GatewaysTests()
    {
        environment["XDG_CONFIG_HOME"] = folder;
        Directory.CreateDirectory(Path.Combine(folder, "gofs"));
    }

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public void Nearest_Wins()
    {
        Assert.Empty(Find());
        File.WriteAllText(Path.Combine(folder, "gofs", "profile.json"), """{ "gateways": ["p:1", "p:2"] }""");
        Assert.Equal(["p:1", "p:2"], Find());
        environment["GOFS_GATEWAY"] = "e:1";
        Assert.Equal(["e:1"], Find());
        environment["GOFS_GATEWAYS"] = "s:1, s:2";
        Assert.Equal(["s:1", "s:2"], Find());
        Assert.Equal(["o:1"], Find("o:1"));
    }

    [Theory]
    [InlineData("""{ "gateway": [] }""", "no setting 'gateway'")]
    [InlineData("""{ "gateways": "a:1" }""", "array")]
    [InlineData("""{ "gateways": [1] }""", "array")]
    [InlineData("""[]""", "object")]
    [InlineData("""{ "gateways": [] } x""", "profile.json")]
    [InlineData("{ \n", "profile.json")]
    public void WrongProfile_IsToldInOneLine(string text, string says)
    {
        var wrong = Assert.Throws<UsageException>(() => Gateways.ParseProfile(Encoding.UTF8.GetBytes(text), "profile.json"));
        Assert.Contains(says, wrong.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', wrong.Message);
    }

    private IReadOnlyList<string> Find(params string[] given) => Gateways.Find(given, name => environment.GetValueOrDefault(name)).Gateways;
}
