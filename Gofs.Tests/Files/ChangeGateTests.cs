using Gofs.Grains.Files;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace Gofs.Tests.Files;

/// <summary>Changes pass while no share is under way, a share waits for them, and nobody waits for ever.</summary>
public sealed class ChangeGateTests
{
    private readonly FakeTimeProvider time = new();

    [Fact]
    public async Task Share_WaitsForChangesUnderWay_AndChangesForTheShare()
    {
        var gate = new ChangeGate(time);
        var (first, second) = (await gate.EnterAsync(default), await gate.EnterAsync(default));
        var closing = gate.CloseAsync(default);
        var third = gate.EnterAsync(default).AsTask();
        first.Dispose();
        Assert.False(closing.IsCompleted || third.IsCompleted);
        second.Dispose();
        await closing;
        Assert.False(third.IsCompleted);
        gate.Open();
        (await third).Dispose();
        await gate.CloseAsync(default);
    }

    [Fact]
    public async Task ShareThatWaitsTooLong_IsRefused_AndChangesPassAgain()
    {
        var gate = new ChangeGate(time);
        var inside = await gate.EnterAsync(default);
        var closing = gate.CloseAsync(default);
        time.Advance(ChangeGate.Patience);
        Assert.Equal(GofsError.Busy, (await Assert.ThrowsAsync<GofsException>(() => closing)).Error);
        (await gate.EnterAsync(default)).Dispose();
        inside.Dispose();
        await gate.CloseAsync(default);
    }

    [Fact]
    public async Task ChangeOrShareThatWaitsTooLongForAShare_IsRefused()
    {
        var gate = new ChangeGate(time);
        await gate.CloseAsync(default);
        var waiting = new[] { gate.EnterAsync(default).AsTask(), gate.CloseAsync(default) };
        time.Advance(ChangeGate.Patience);
        foreach (var one in waiting) Assert.Equal(GofsError.Busy, (await Assert.ThrowsAsync<GofsException>(() => one)).Error);
        gate.Open();
        (await gate.EnterAsync(default)).Dispose();
    }

    [Fact]
    public async Task ShareThatNobodyWaitsForAnyMore_LetsChangesPass()
    {
        var gate = new ChangeGate(time);
        using var gone = new CancellationTokenSource();
        var inside = await gate.EnterAsync(default);
        var closing = gate.CloseAsync(gone.Token);
        await gone.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => closing);
        (await gate.EnterAsync(default)).Dispose();
        inside.Dispose();
    }
}
