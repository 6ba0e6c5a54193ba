using Gofs.Silo.ChunkServer.Storage;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace Gofs.Tests.ChunkServers.Storage;

/// <summary>One at a time, in order, and who gives up waiting holds up nobody.</summary>
public sealed class TurnTests
{
    private static readonly TimeSpan Long = TimeSpan.FromSeconds(10);
    private readonly FakeTimeProvider time = new();
    private readonly Turn turn = new(TaskCreationOptions.None);

    [Fact]
    public async Task Waiters_GetItInTheOrderTheyCame()
    {
        await Take();
        var (second, third) = (Take(), Take());
        turn.GiveUp();
        await second;
        Assert.False(third.IsCompleted);
        turn.GiveUp();
        await third;
    }

    [Fact]
    public async Task WaiterThatIsLate_IsToldAndPassedOver()
    {
        await Take();
        var late = Take();
        time.Advance(Long);
        Assert.Equal(GofsError.Timeout, (await Assert.ThrowsAsync<GofsException>(() => late)).Error);
        var third = Take();
        turn.GiveUp();
        await third;
    }

    [Fact]
    public async Task WaiterThatIsCancelled_IsPassedOver()
    {
        await Take();
        using var cancel = new CancellationTokenSource();
        var gone = turn.TakeAsync(Long, time, cancel.Token).AsTask();
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => gone);
        turn.GiveUp();
        await Take();
    }

    private Task Take() => turn.TakeAsync(Long, time, CancellationToken.None).AsTask();
}
