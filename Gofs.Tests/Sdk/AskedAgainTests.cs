using Gofs.Internal;
using Gofs.Namespaces;
using Gofs.Tests.Sdk.Fakes;
using Xunit;

namespace Gofs.Tests.Sdk;

/// <summary>What a namespace is told of commands that are made again.</summary>
public sealed class AskedAgainTests
{
    private readonly TimerWatch time = new();
    private readonly FakeMetaServers cluster = new();
    private readonly List<(GofsPath Path, bool Again)> asked = [];

    public AskedAgainTests() => cluster.Master = (_, arguments) =>
    {
        var removes = ((INamespaceRequest[])arguments[0]!).Cast<Remove>().ToArray();
        var isFirst = asked.Count == 0;
        asked.AddRange(removes.Select(one => (one.Path, AskedAgain.Current)));
        return isFirst ? Task.FromException<NamespaceAnswer[]>(new TimeoutException()) : Task.FromResult(new NamespaceAnswer[removes.Length]);
    };

    [Fact]
    public async Task CommandWithoutAnAnswer_SaysSoWhenItIsAskedAgain_AndThoseBesideItDoNot()
    {
        var files = cluster.Client(time).Namespace("demo");
        var failed = files.RemoveAsync(GofsPath.Parse("/failed"), cancellation: TestContext.Current.CancellationToken);
        await time.PassUntilEndAsync(failed);
        await failed;
        await files.RemoveAsync(GofsPath.Parse("/next"), cancellation: TestContext.Current.CancellationToken);
        Assert.Equal([("/failed", false), ("/failed", true), ("/next", false)], asked.Select(one => (one.Path.ToString(), one.Again)));
    }
}
