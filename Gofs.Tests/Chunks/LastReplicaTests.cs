using Gofs.Chunks;
using Xunit;

namespace Gofs.Tests.Chunks;

/// <summary>
/// Before one replica alone counts it is read: what has rotted in it can be had only of those that would be left out. (Found by the simulation of files, seed
/// 123880.)
/// </summary>
public sealed class LastReplicaTests : IDisposable
{
    private readonly TableWorld world = new(("a", 1), ("b", 1));

    [Fact]
    public async Task OnlyReplicaThatAnswers_WhenSomethingInItHasRotted_DoesNotCountAlone_AndBothCountWhenTheOtherIsBack()
    {
        await StartAsync();
        world.Silent.Add(new("b"));
        world.Damages[new("a")] = 1;
        Assert.Equal(GofsError.ChunkUnavailable, (await Assert.ThrowsAsync<GofsException>(GrantAsync)).Error);
        world.Silent.Clear();
        Assert.Equal(["a", "b"], (await GrantAsync()).Servers.Select(server => server.Value).Order());
    }

    [Fact]
    public async Task OnlyReplicaThatAnswers_WhenItIsSound_CountsAlone_AndGoesOnSoWhateverRotsLater()
    {
        await StartAsync();
        world.Silent.Add(new("b"));
        Assert.Equal("a", Assert.Single((await GrantAsync()).Servers).Value);
        world.Damages[new("a")] = 1;
        Assert.Equal("a", Assert.Single((await GrantAsync()).Servers).Value);
    }

    public void Dispose() => world.Dispose();

    private async Task StartAsync()
    {
        await world.StartAsync();
        world.LetTell("a");
        world.LetTell("b");
        await world.AskAsync(table => table.LocateAsync([TableWorld.Handle], CancellationToken.None));
    }

    private Task<ChunkLocation> GrantAsync() => world.AskAsync(table => table.GrantVersionAsync(TableWorld.Handle, CancellationToken.None));
}
