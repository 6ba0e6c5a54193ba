using Gofs.Chunks;
using Gofs.ChunkServers;
using Gofs.Grains.Chunks.Healing;
using Gofs.Tests.Sdk.Fakes;
using Orleans;
using Xunit;

namespace Gofs.Tests.Chunks.Healing;

public sealed class ReplicaServersTests
{
    private readonly Queue<Func<Task<ReplicaCopied>>> answers = new();
    private readonly ReplicaServers servers;

    public ReplicaServersTests()
    {
        var grain = Fake.Of<IChunkServerGrain>((_, _) => answers.Dequeue()());
        servers = new(Fake.Of<IGrainFactory>((_, _) => grain), TimeProvider.System);
    }

    [Fact]
    public async Task CopyThatIsNotMadeYet_IsAskedForAgain()
    {
        for (var i = 0; i < 2; i++) answers.Enqueue(() => Task.FromResult(default(ReplicaCopied)));
        answers.Enqueue(() => Task.FromResult(new ReplicaCopied(7, 11)));
        Assert.Equal(new ReplicaCopied(7, 11), await CopyAsync());
        Assert.Empty(answers);
    }

    [Fact]
    public async Task CopyThatFails_IsTold()
    {
        answers.Enqueue(() => Task.FromResult(default(ReplicaCopied)));
        answers.Enqueue(() => Task.FromException<ReplicaCopied>(new GofsException(GofsError.NoSpace, "full")));
        Assert.Equal(GofsError.NoSpace, (await Assert.ThrowsAsync<GofsException>(CopyAsync)).Error);
    }

    private Task<ReplicaCopied> CopyAsync() =>
        servers.CopyAsync(new("target"), new(ChunkHandle.Create(1, 0, 1), ChunkVersion.First, new("source"), default));
}
