using System.Net;
using Gofs.ChunkServers;
using Gofs.Internal;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace Gofs.Tests.Sdk;

/// <summary>Who waits for the registry of chunk servers, and who does not.</summary>
public sealed class DataAddressesTests
{
    private static readonly ServerId Known = new("silo-1");
    private static readonly ServerId Unknown = new("silo-2");
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(20);
    private readonly FakeTimeProvider time = new();
    private readonly DataAddresses addresses;
    private TaskCompletionSource<ChunkServerInfo[]> answer = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private TaskCompletionSource asked = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int fetches;

    public DataAddressesTests() => addresses = new(
        () =>
        {
            fetches++;
            asked.TrySetResult();
            return answer.Task;
        },
        time);

    [Fact]
    public async Task KnownServer_IsTold_WhileTheRegistryIsSilent()
    {
        await LearnAsync("127.0.0.1:1");
        time.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal(new IPEndPoint(IPAddress.Loopback, 1), await addresses.FindAsync(Known, default));
        await asked.Task.WaitAsync(Limit);
        Assert.Equal(new IPEndPoint(IPAddress.Loopback, 1), await addresses.FindAsync(Known, default));
    }

    [Fact]
    public async Task DoubtedServer_IsAskedForAnew_InTheBackground()
    {
        await LearnAsync("127.0.0.1:1");
        time.Advance(TimeSpan.FromSeconds(2));
        Assert.Equal(1, (await addresses.FindAsync(Known, default))!.Port);
        Assert.Equal(1, fetches);
        addresses.Doubt();
        Assert.Equal(1, (await addresses.FindAsync(Known, default))!.Port);
        await asked.Task.WaitAsync(Limit);
        answer.SetResult([Info("127.0.0.1:2")]);
        while ((await addresses.FindAsync(Known, default))!.Port == 1) await Task.Yield();
        Assert.Equal(2, fetches);
    }

    [Fact]
    public async Task UnknownServer_IsWaitedFor_AtMostOnceASecond()
    {
        await LearnAsync("127.0.0.1:1");
        Assert.Null(await addresses.FindAsync(Unknown, default));
        Assert.Equal(1, fetches);
        time.Advance(TimeSpan.FromSeconds(2));
        var found = addresses.FindAsync(Unknown, default);
        Assert.False(found.IsCompleted);
        answer.SetResult([Info("")]);
        Assert.Null(await found);
        Assert.Equal(2, fetches);
    }

    // Fetches once, and makes ready for another fetch that the test answers.
    private async Task LearnAsync(string address)
    {
        answer.SetResult([Info(address)]);
        await addresses.FindAsync(Known, default);
        answer = new(TaskCreationOptions.RunContinuationsAsynchronously);
        asked = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }

    private static ChunkServerInfo Info(string address) => new(Known, [], [], DateTimeOffset.UnixEpoch, Live: true) { DataAddress = address };
}
