using System.Collections.Concurrent;
using System.Globalization;
using Gofs.Files;
using Gofs.Namespaces;
using Orleans;
using Xunit;

namespace Gofs.Tests.Cluster;

/// <summary>
/// What a namespace was while its old master served and what its new master made of it, and everything an old master may be asked: each answer is
/// the new state or a failure, and what it acknowledges is noted, to be looked for at the end.
/// </summary>
internal sealed class FencedState(string name)
{
    private const int Leased = 12;
    private static readonly TimeSpan OneCall = TimeSpan.FromSeconds(2);
    private static readonly GofsPath Before = GofsPath.Parse("/before");
    private static readonly GofsPath After = GofsPath.Parse("/after");
    private static readonly GofsPath Marked = GofsPath.Parse("/marked");
    private static readonly GofsPath Replaced = GofsPath.Parse("/replaced");
    private static readonly byte[] NewBytes = [2, 2];
    private readonly ConcurrentBag<GofsPath> acknowledged = [];
    private readonly List<string> leaseKeys = [];
    private readonly ConcurrentDictionary<string, LeaseId> holders = new();
    private GofsClient? holding;
    private int number;
    private int failures;
    private int answers;

    /// <summary>Names that were acknowledged.</summary>
    public int Acknowledged => acknowledged.Count;

    public int Failures => failures;

    public int Answers => answers;

    /// <summary>The state the old master knows. Its file grains are awake.</summary>
    public async Task MakeAsync(GofsClient client, int silos, CancellationToken cancellation)
    {
        await client.CreateNamespaceAsync(name, NamespaceConfig.Default with { Goal = silos, LeaseTime = TimeSpan.FromMinutes(10) }, cancellation);
        var files = client.Namespace(name);
        await files.CreateDirectoryAsync(Before, cancellation: cancellation);
        await files.CreateDirectoryAsync(Marked, cancellation: cancellation);
        await files.PutAsync(Replaced, new MemoryStream([1]), cancellation: cancellation);
        var space = (await files.GetStatusAsync(cancellation)).Number;
        for (var i = 0; i < Leased; i++)
        {
            var entry = await files.PutAsync(GofsPath.Root.Append(Text("leased", i)), new MemoryStream(), cancellation: cancellation);
            leaseKeys.Add(FileKey.Of(space, entry.Inode));
        }
    }

    /// <summary>File grains that were asked something are awake, some of them on any silo.</summary>
    public Task WakeAsync(GofsClient client, CancellationToken cancellation) =>
        Task.WhenAll(leaseKeys.Select(key => client.Grains.GetGrain<IFileGrain>(key, null).GetLayoutAsync(0, 1, cancellation)));

    /// <summary>What a new master is told, all of it acknowledged; somebody gets every lease.</summary>
    public async Task ChangeAsync(GofsClient client, CancellationToken cancellation)
    {
        var files = client.Namespace(name);
        await files.RenameAsync(Before, After, cancellation: cancellation);
        await files.SetAttributesAsync(Marked, mode: 0x1C0, cancellation: cancellation);
        await files.SetExtendedAttributeAsync(Marked, "user.new", [1], cancellation);
        await files.PutAsync(Replaced, new MemoryStream(NewBytes), cancellation: cancellation);
        holding = client;
        await Task.WhenAll(leaseKeys.Select(async key => holders[key] = await LeaseAsync(client, key, cancellation)));
    }

    /// <summary>
    /// Asks for everything at once and checks what comes. First only what changes nothing: an owner whose commit is under way answers nobody, and
    /// would be right for that reason alone.
    /// </summary>
    public async Task AskAsync(GofsClient client, CancellationToken cancellation)
    {
        await LookAsync(client, cancellation);
        var files = client.Namespace(name);
        await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => TryMakeAsync(files, cancellation)));
    }

    /// <summary>Asks for all that is to be seen, and for every lease.</summary>
    public async Task LookAsync(GofsClient client, CancellationToken cancellation)
    {
        var files = client.Namespace(name);
        List<Task> asked =
        [
            TryAsync(async () => Assert.Null(await files.FindAsync(Before, cancellation: cancellation))),
            TryAsync(async () => Assert.NotNull(await files.FindAsync(After, cancellation: cancellation))),
            TryAsync(async () => Assert.Equal(0x1C0, (await files.StatAsync(Marked, cancellation: cancellation)).Mode)),
            TryAsync(async () => Assert.NotNull(await files.GetExtendedAttributeAsync(Marked, "user.new", cancellation))),
            TryAsync(async () => Assert.Equal(NewBytes.Length, (await files.StatAsync(Replaced, cancellation: cancellation)).LengthBytes)),
            TryAsync(() => ListAsync(files, cancellation)),
            .. leaseKeys.Select(key => TryAsync(async () =>
            {
                var given = LeaseId.New();
                await AcquireAsync(client, key, given, cancellation);
                await RequireOneHolderAsync(key, given, cancellation);
            })),
        ];
        await Task.WhenAll(asked);
    }

    // A file's grain that was ended with another silo has forgotten whom it gave the lease, and may give it to somebody else; who had it must have it no more.
    private async Task RequireOneHolderAsync(string key, LeaseId given, CancellationToken cancellation)
    {
        while (true)
        {
            try
            {
                await holding!.Grains.GetGrain<IFileGrain>(key, null).RenewLeaseAsync(holders[key], cancellation).WaitAsync(OneCall, cancellation);
                Assert.Fail("a lease was given that somebody else holds");
            }
            catch (GofsException ended) when (ended.Error == GofsError.LeaseExpired)
            {
                holders[key] = given;
                return;
            }
            catch (Exception unknown) when (IsUnknown(unknown))
            {
                await Task.Delay(50, cancellation);
            }
        }
    }

    /// <summary>Asks a silo that has to learn that it was declared dead, until it has ended itself; answers how often.</summary>
    /// <param name="ended">When its process is gone: what nobody is there to answer is not waited for.</param>
    public async Task<int> AskUntilEndedAsync(int silo, GofsClient client, TimeSpan limit, CancellationToken ended)
    {
        var started = TimeProvider.System.GetTimestamp();
        for (var rounds = 0; ; rounds++)
        {
            if (ended.IsCancellationRequested) return rounds;
            Assert.True(TimeProvider.System.GetElapsedTime(started) < limit, $"silo {silo} was declared dead and runs on");
            await AskAsync(client, ended).WaitAsync(limit, CancellationToken.None);
        }
    }

    /// <summary>Makes one more name; it counts when it is acknowledged.</summary>
    public async Task MakeOneAsync(GofsNamespace files, CancellationToken cancellation)
    {
        var path = GofsPath.Root.Append(Text("made", Interlocked.Increment(ref number)));
        await files.CreateDirectoryAsync(path, cancellation: cancellation);
        acknowledged.Add(path);
    }

    /// <summary>The new state is there, and so is everything that anybody acknowledged.</summary>
    public async Task CheckAsync(GofsClient client, CancellationToken cancellation)
    {
        var files = client.Namespace(name);
        await ListAsync(files, cancellation);
        Assert.Equal(0x1C0, (await files.StatAsync(Marked, cancellation: cancellation)).Mode);
        using var bytes = new MemoryStream();
        await files.GetAsync(Replaced, bytes, cancellation: cancellation);
        Assert.Equal(NewBytes, bytes.ToArray());
        await CheckAcknowledgedAsync(files, cancellation);
    }

    /// <summary>Everything that anybody acknowledged is there.</summary>
    public async Task CheckAcknowledgedAsync(GofsNamespace files, CancellationToken cancellation)
    {
        foreach (var path in acknowledged)
            Assert.True(await files.FindAsync(path, cancellation: cancellation) is not null, $"{path} was acknowledged and is lost");
    }

    public Task TryMakeAsync(GofsNamespace files, CancellationToken cancellation) => TryAsync(() => MakeOneAsync(files, cancellation));

    private static string Text(string what, int number) => string.Create(CultureInfo.InvariantCulture, $"{what}-{number}");

    private static async Task ListAsync(GofsNamespace files, CancellationToken cancellation)
    {
        List<string> names = [];
        await foreach (var entry in files.ListAsync(GofsPath.Root, cancellation)) names.Add(entry.NameText);
        Assert.DoesNotContain(Before.NameText, names);
        Assert.Contains(After.NameText, names);
    }

    private async Task TryAsync(Func<Task> ask)
    {
        try
        {
            await ask();
            Interlocked.Increment(ref answers);
        }
        catch (Exception failure) when (failure is GofsException or OrleansException or TimeoutException or IOException or OperationCanceledException)
        {
            // A failure is no answer; which one depends on how far the silo is in ending itself.
            Interlocked.Increment(ref failures);
        }
    }

    private static bool IsUnknown(Exception failure) =>
        failure is TimeoutException or OrleansException or GofsException { Error: GofsError.Unavailable or GofsError.Timeout };

    private Task<WriterLease> AcquireAsync(GofsClient client, string key, LeaseId asked, CancellationToken cancellation) =>
        client.Grains.GetGrain<IFileGrain>(key, null).AcquireLeaseAsync(new(asked, name, FirstChunk: false), cancellation);

    /// <summary>Tries until the grain is awake where the cluster goes on.</summary>
    private async Task<LeaseId> LeaseAsync(GofsClient client, string key, CancellationToken cancellation)
    {
        var lease = LeaseId.New();
        while (true)
        {
            try
            {
                await AcquireAsync(client, key, lease, cancellation).WaitAsync(OneCall, cancellation);
                return lease;
            }
            catch (Exception unknown) when (IsUnknown(unknown))
            {
                await Task.Delay(50, cancellation);
            }
        }
    }
}
