using Gofs.Internal;
using Gofs.Tests.Sdk.Fakes;
using Xunit;

namespace Gofs.Tests.Sdk;

public sealed class RetryPolicyTests
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);
    private readonly TimerWatch time = new();
    private readonly RetryPolicy policy;
    private int tries;

    public RetryPolicyTests() => policy = new RetryPolicy(time, Limit, new Jitter(7));

    [Theory]
    [InlineData(GofsError.Busy)]
    [InlineData(GofsError.Unavailable)]
    [InlineData(GofsError.Timeout)]
    [InlineData(GofsError.SiloUnreachable)]
    public async Task UnknownOutcome_IsAskedAgain_AfterDoublingDelays_UntilTheTimeIsUp(GofsError error)
    {
        var start = time.GetTimestamp();
        var running = FailAsync(() => new GofsException(error, "no"));
        var waits = await time.PassUntilEndAsync(running);
        var failure = await Assert.ThrowsAsync<GofsException>(() => running);
        Assert.Equal(error == GofsError.SiloUnreachable ? GofsError.SiloUnreachable : GofsError.Timeout, failure.Error);
        Assert.Equal("/subject", failure.Path);
        Assert.Contains("30 s", failure.Message, StringComparison.Ordinal);
        Assert.Equal(waits.Count + 1, tries);
        for (var i = 0; i < waits.Count; i++)
        {
            var full = Math.Min(20 << Math.Min(i, 10), 1000);
            Assert.InRange(waits[i].TotalMilliseconds, full / 2.0, full);
        }

        Assert.True(waits.Distinct().Count() > waits.Count / 2, "delays are cut at random");
        Assert.InRange(time.GetElapsedTime(start), Limit - TimeSpan.FromSeconds(1), Limit);
    }

    [Theory]
    [InlineData(GofsError.NotFound)]
    [InlineData(GofsError.Internal)]
    [InlineData(GofsError.LeaseExpired)]
    public async Task DefiniteError_IsToldAtOnce(GofsError error)
    {
        var failure = await Assert.ThrowsAsync<GofsException>(() => FailAsync(() => new GofsException(error, "no")));
        Assert.Equal((error, 1), (failure.Error, tries));
    }

    [Fact]
    public async Task AnyOtherException_IsSaidInTheWordsOfGofs()
    {
        var failure = await Assert.ThrowsAsync<GofsException>(() => FailAsync(() => new FormatException("odd")));
        Assert.Equal((GofsError.Internal, "/subject"), (failure.Error, failure.Path));
        Assert.Contains("FormatException: odd", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task EachTryAfterTheFirst_SaysThatItIsNotTheFirst()
    {
        List<bool> again = [];
        var running = policy.RunAsync("/subject", again, static (said, _) =>
        {
            said.Add(AskedAgain.Current);
            return said.Count < 3 ? Task.FromException(new TimeoutException()) : Task.CompletedTask;
        }, CancellationToken.None);
        await time.PassUntilEndAsync(running);
        await running;
        Assert.Equal([false, true, true], again);
        Assert.False(AskedAgain.Current);
    }

    [Fact]
    public async Task SuccessAfterFailures_Answers()
    {
        var running = policy.RunAsync((Subject)"/subject", 0, (_, _) =>
            ++tries < 4 ? Task.FromException<int>(new TimeoutException()) : Task.FromResult(42), CancellationToken.None);
        Assert.Equal(3, (await time.PassUntilEndAsync(running)).Count);
        Assert.Equal(42, await running);
    }

    [Fact]
    public async Task SilentCall_EndsWithTheTime()
    {
        var running = policy.RunAsync((Subject)"/subject", 0, (_, _) => new TaskCompletionSource().Task, CancellationToken.None);
        Assert.Equal([Limit], await time.PassUntilEndAsync(running));
        Assert.Equal(GofsError.Timeout, (await Assert.ThrowsAsync<GofsException>(() => running)).Error);
    }

    [Fact]
    public async Task Cancellation_EndsTheWaitForTheNextTry()
    {
        using var cancel = new CancellationTokenSource();
        var running = FailAsync(() => new GofsException(GofsError.Busy, "no"), cancel.Token);
        Assert.NotNull(await time.NextTimerAsync(running));
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running);
        Assert.Equal(1, tries);
    }

    [Fact]
    public async Task CancelledBefore_NothingIsTried()
    {
        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            () => FailAsync(() => new GofsException(GofsError.Busy, "no"), new CancellationToken(canceled: true)));
        Assert.Equal(0, tries);
    }

    private Task FailAsync(Func<Exception> failure, CancellationToken cancellation = default) => policy.RunAsync((Subject)"/subject", 0, (_, _) =>
    {
        tries++;
        return Task.FromException(failure());
    }, cancellation);
}
