using Gofs.Chunks;
using Gofs.Files;
using Xunit;

namespace Gofs.Tests.Files;

/// <summary>The length of a file that is appended to is logged with renewals of the lease: what is logged no cut may take away.</summary>
public sealed class AppendRenewalTests : IDisposable
{
    private static readonly CancellationToken Never = CancellationToken.None;
    private readonly FileWorld world = new();

    public void Dispose() => world.Dispose();

    [Fact]
    public async Task Renewal_LogsWhatEveryReplicaHas()
    {
        await AppendAndRenewAsync((world.Counts, 200), (world.Counts, 170), 170);
    }

    // Seeds 34 and 121 of the simulation: one that had been left out came back, longer than those that went on without it.
    [Fact]
    public async Task Renewal_WhenSomeHaveAnotherVersion_LogsNothingOfTheOthersLength()
    {
        await AppendAndRenewAsync((world.Counts, 200), (new(world.Counts.Value + 1), 170), FileWorld.LengthBytes);
    }

    private async Task AppendAndRenewAsync((ChunkVersion After, long LengthBytes) a, (ChunkVersion After, long LengthBytes) b, long logged)
    {
        var file = await world.StartAsync();
        var lease = LeaseId.New();
        var before = world.Counts.Value;
        await file.JoinAppendAsync(new(lease, WasOpen: false), Never);
        var moved = world.Counts.Value - before;
        world.Replicas[new("a")] = (new(a.After.Value + moved), a.LengthBytes);
        world.Replicas[new("b")] = (new(b.After.Value + moved), b.LengthBytes);
        await file.RenewLeaseAsync(lease, Never);
        Assert.Equal(logged, world.ToldBytes);
    }
}
