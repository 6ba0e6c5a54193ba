using Gofs.Namespaces;
using Gofs.Tests.Sdk.Fakes;
using Xunit;

namespace Gofs.Tests.Sdk;

/// <summary>Moving a master on purpose, as the client sees it.</summary>
public sealed class FailoverRequestTests
{
    private readonly TimerWatch time = new();
    private readonly FakeMetaServers cluster = new();
    private readonly List<(long Epoch, string? To)> moves = [];
    private (string Silo, long Epoch) master = ("silo-1", 3);
    private (string Silo, long Epoch) after = ("silo-2", 5);
    private int looksUntilMoved = 3;

    public FailoverRequestTests() => cluster.Master = (method, arguments) =>
    {
        if (method == nameof(INamespaceGrain.GetStatusAsync)) return Task.FromResult(Status());
        moves.Add(((long)arguments[0]!, (string?)arguments[1]));
        return Task.CompletedTask;
    };

    [Fact]
    public async Task Master_Moves_AndTheNewOneIsWaitedFor()
    {
        var moving = FailoverAsync(null);
        var waits = await time.PassUntilEndAsync(moving);
        Assert.Equal(new MasterMove("demo", "silo-1", "silo-2", 5, waits.Aggregate((one, other) => one + other)), await moving);
        Assert.Equal([(3, null)], moves);
    }

    [Fact]
    public async Task MasterThatIsThere_Stays()
    {
        Assert.Equal(new MasterMove("demo", "silo-1", "silo-1", 3, TimeSpan.Zero), await FailoverAsync("silo-1"));
        Assert.Empty(moves);
    }

    [Fact]
    public async Task MasterThatStartedElsewhere_IsNoSuccess()
    {
        after = ("silo-3", 5);
        var moving = FailoverAsync("silo-2");
        await time.PassUntilEndAsync(moving);
        var refused = await Assert.ThrowsAsync<GofsException>(() => moving);
        Assert.Equal(GofsError.NoStandby, refused.Error);
        Assert.Contains("silo-3", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task MasterThatStays_IsGivenUp_AfterTheOperationsTime()
    {
        looksUntilMoved = int.MaxValue;
        var moving = FailoverAsync(null);
        var waits = await time.PassUntilEndAsync(moving);
        Assert.Equal(GofsError.Timeout, (await Assert.ThrowsAsync<GofsException>(() => moving)).Error);
        Assert.InRange(waits.Sum(wait => wait.TotalSeconds), 30, 31);
    }

    private Task<MasterMove> FailoverAsync(string? to) =>
        cluster.Client(time).Namespace("demo").FailoverAsync(to, TestContext.Current.CancellationToken);

    private NamespaceStatus Status()
    {
        if (moves.Count > 0 && looksUntilMoved-- == 0) master = after;
        return new("demo", 1, NamespaceConfig.Default, 1, 0, 0, 0, master.Silo, master.Epoch, 9, 0, null, TimeSpan.Zero);
    }
}
