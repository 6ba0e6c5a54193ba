using System.Globalization;
using Xunit;

namespace Gofs.Tests.Cluster;

/// <summary>
/// Files have two replicas on four silos, and one is written all the while. A silo is killed for good: what it had is made again elsewhere. Then another is
/// killed: of some chunks only what was made again is left, and every byte is there.
/// </summary>
public sealed class HealingTests(ITestOutputHelper output)
{
    [Fact(Timeout = 420_000)]
    public async Task ReplicasOfAKilledServer_AreMadeAgain_WhileAWriterGoesOn()
    {
        var cancellation = TestContext.Current.CancellationToken;
        await using var files = await HealedFiles.StartAsync(cancellation);
        using var enough = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var writing = files.WriteAsync(enough.Token);
        var victims = await files.OthersThanMasterAsync();
        var (copied, written) = await files.LoseTwoAsync(victims[0], victims[1], enough, writing);
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{copied} replicas copied; {written >> 20} MiB were written meanwhile"));
    }
}
