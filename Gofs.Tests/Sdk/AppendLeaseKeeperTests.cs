using Gofs.Chunks;
using Gofs.Files;
using Gofs.Internal;
using Gofs.Tests.Sdk.Fakes;
using Xunit;

namespace Gofs.Tests.Sdk;

/// <summary>How an append lease is kept, taken anew, given up, and let go.</summary>
public sealed class AppendLeaseKeeperTests
{
    private const long OpenedAt = 77;
    private static readonly TimeSpan LeaseTime = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    private readonly TimerWatch time = new();
    private readonly ClientContext context;
    private readonly List<string> calls = [];
    private bool isKnown = true;

    public AppendLeaseKeeperTests() => context = FakeFile.Context(time, new FakeTransport());

    [Fact]
    public async Task Lease_IsRenewed_EachThirdOfItsTime()
    {
        var keeper = Keep();
        for (var i = 1; i <= 3; i++)
        {
            Assert.Equal(LeaseTime / 3, await NextAsync(keeper));
            Assert.Equal(i - 1, calls.Count);
            time.Advance(LeaseTime / 3);
        }

        await NextAsync(keeper);
        Assert.Equal(["renew", "renew", "renew"], calls);
        await keeper.DisposeAsync();
        Assert.Equal("leave", calls[^1]);
        Assert.True(keeper.Renewing.IsCompletedSuccessfully);
    }

    [Fact]
    public async Task GrainThatForgotTheLease_IsJoinedAnew_WithTheFlagThatWasRaised_ToLeaveToo()
    {
        var keeper = Keep();
        await NextAsync(keeper);
        isKnown = false;
        await keeper.DisposeAsync();
        Assert.Equal(["leave", "join 77", "leave"], calls);
    }

    [Fact]
    public async Task ClientThatEnds_EndsTheRenewing_OfAnAppenderNobodyDisposedOf()
    {
        var keeper = Keep();
        await NextAsync(keeper);
        context.Dispose();
        await keeper.Renewing.WaitAsync(Patience, TestContext.Current.CancellationToken);
        time.Advance(10 * LeaseTime);
        await keeper.DisposeAsync();
        Assert.Empty(calls);
    }

    private async Task<TimeSpan?> NextAsync(AppendLeaseKeeper keeper)
    {
        // The retry policy's limits are timers too.
        TimeSpan? due;
        do due = await time.NextTimerAsync(keeper.Renewing);
        while (due is { } other && other != LeaseTime / 3);
        return due;
    }

    private AppendLeaseKeeper Keep()
    {
        var file = Fake.Of<IFileGrain>((method, arguments) =>
        {
            switch (method)
            {
                case nameof(IFileGrain.RenewLeaseAsync): calls.Add("renew"); break;
                case nameof(IFileGrain.LeaveAppendAsync):
                    calls.Add("leave");
                    if (!isKnown) return Task.FromException(new GofsException(GofsError.LeaseExpired, "not known"));
                    break;
                case nameof(IFileGrain.JoinAppendAsync):
                    calls.Add($"join {((JoinAppend)arguments[0]!).OpenedAt}");
                    isKnown = true;
                    return Task.FromResult(Lease);
                default: return Fake.Unexpected(method);
            }

            return Task.CompletedTask;
        });
        return new(context, GofsPath.Parse("/f"), file, Lease, OpenedAt);
    }

    private static AppendLease Lease { get; } =
        new(new(new Guid(1, 0, 0, new byte[8])), LeaseTime, FakeFile.ChunkBytes, new(0, ChunkHandle.Create(1, 0, 1), ChunkVersion.First, []));
}
