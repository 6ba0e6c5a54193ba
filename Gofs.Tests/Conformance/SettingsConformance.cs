using Gofs.Namespaces;
using Xunit;

namespace Gofs.Tests.Conformance;

/// <summary>Settings, quotas and status of a namespace.</summary>
public abstract class SettingsConformance(IServedSystem system) : ConformanceTests(system)
{
    [Fact]
    public async Task Settings_AreThoseItWasMadeWith_UntilTheyChange()
    {
        var files = await NamespaceAsync();
        Assert.Equal(Config, await files.GetConfigAsync(Cancellation));
        var changed = Config with
        {
            MaxNames = 77, Durability = Durability.Write, TrashRetention = TimeSpan.FromHours(3), LeaseTime = TimeSpan.FromHours(1),
        };
        await files.SetConfigAsync(changed, Cancellation);
        Assert.Equal(changed, await files.GetConfigAsync(Cancellation));
        Assert.Equal(changed, (await files.GetStatusAsync(Cancellation)).Config);
    }

    [Fact]
    public async Task Settings_OutOfRange_ChangeNothing()
    {
        var files = await NamespaceAsync();
        NamespaceConfig[] wrong = [Config with { ChunkSizeBytes = 1 }, Config with { Goal = 0 }, Config with { LeaseTime = TimeSpan.Zero },
            Config with { ChunkTableShards = Config.ChunkTableShards + 1 }, Config with { MaxBytes = -1 }];
        foreach (var config in wrong)
        {
            var refused = await Assert.ThrowsAsync<GofsException>(() => files.SetConfigAsync(config, Cancellation));
            Assert.Equal(GofsError.InvalidArgument, refused.Error);
        }

        Assert.Equal(Config, await files.GetConfigAsync(Cancellation));
    }

    [Fact]
    public async Task QuotaOfNames_IsHeld_TheTrashCounts_AndMayBeRaised()
    {
        var files = await NamespaceAsync(Config with { MaxNames = 2 });
        await files.CreateDirectoryAsync(At("/1"), cancellation: Cancellation);
        await PutAsync(files, "/2", 1);
        await RefusedAsync(GofsError.QuotaExceeded, "/3", () => files.CreateDirectoryAsync(At("/3"), cancellation: Cancellation));
        await RefusedAsync(GofsError.QuotaExceeded, "/3", () => files.CreateSymlinkAsync(At("/3"), Utf8("x"), cancellation: Cancellation));
        await RefusedAsync(GofsError.QuotaExceeded, "/3", () => PutAsync(files, "/3", 1));
        await RefusedAsync(GofsError.QuotaExceeded, "/3", () => files.OpenAsync(At("/3"), FileMode.CreateNew, FileAccess.Write, cancellation: Cancellation));
        await files.RemoveAsync(At("/2"), cancellation: Cancellation);
        await RefusedAsync(GofsError.QuotaExceeded, "/3", () => files.CreateDirectoryAsync(At("/3"), cancellation: Cancellation));
        await files.PurgeTrashAsync(cancellation: Cancellation);
        await UntilAsync(async () => (await files.GetStatusAsync(Cancellation)).Names == 2, "what was purged does not count");
        await files.CreateDirectoryAsync(At("/3"), cancellation: Cancellation);
        await files.SetConfigAsync(Config with { MaxNames = 3 }, Cancellation);
        await files.CreateDirectoryAsync(At("/4"), cancellation: Cancellation);
        Assert.Equal(["1", "3", "4"], await NamesAsync(files, "/"));
    }

    [Fact]
    public async Task QuotaOfBytes_IsHeld_ForWholeAndForStreamedFiles()
    {
        var files = await NamespaceAsync(Config with { MaxBytes = 100_000 });
        await PutAsync(files, "/a", Bytes(60_000, seed: 1));
        await RefusedAsync(GofsError.QuotaExceeded, "/b", () => PutAsync(files, "/b", Bytes(50_000, seed: 2)));
        Assert.Equal(["a"], await NamesAsync(files, "/"));
        var file = await files.OpenAsync(At("/c"), FileMode.CreateNew, FileAccess.Write, cancellation: Cancellation);
        var refused = await Assert.ThrowsAsync<GofsException>(async () =>
        {
            await file.WriteAsync(Bytes(150_000, seed: 3), Cancellation);
            await file.FlushAsync(Cancellation);
        });
        Assert.Equal(GofsError.QuotaExceeded, refused.Error);
        Assert.Equal(GofsError.QuotaExceeded, (await Assert.ThrowsAsync<GofsException>(async () => await file.DisposeAsync())).Error);
        Assert.Equal(60_000, (await files.CountAsync(GofsPath.Root, Cancellation)).LengthBytes);
        await PutAsync(files, "/d", Bytes(40_000, seed: 4));
    }

    [Fact]
    public async Task QuotaOfStoredBytes_CountsEachReplica_OfWholeAndOfStreamedFiles()
    {
        var files = await NamespaceAsync(Config with { MaxStoredBytes = 100_000 * Config.Goal });
        await PutAsync(files, "/a", Bytes(60_000, seed: 1));
        await RefusedAsync(GofsError.QuotaExceeded, "/b", () => PutAsync(files, "/b", Bytes(40_001, seed: 2)));
        var file = await files.OpenAsync(At("/c"), FileMode.CreateNew, FileAccess.Write, cancellation: Cancellation);
        await file.WriteAsync(Bytes(40_000, seed: 3), Cancellation);
        await file.DisposeAsync();
        await RefusedAsync(GofsError.QuotaExceeded, "/a", () => files.SetGoalAsync(At("/a"), Config.Goal + 1, cancellation: Cancellation));
        Assert.Equal(100_000 * Config.Goal, (await files.GetStatusAsync(Cancellation)).StoredBytes);
    }

    [Fact]
    public async Task ActsOfAdministration_AreRecorded_WithWhoAskedForThem()
    {
        var files = await NamespaceAsync();
        await files.SetConfigAsync(Config with { MaxNames = 9 }, Cancellation);
        await files.SnapshotAsync(Cancellation);
        var acts = await files.ListAuditAsync(cancellation: Cancellation);
        Assert.Equal([("ns config", "max-names: 0 to 9"), ("meta snapshot", "")], acts.Select(act => (act.Act, act.Text)));
        Assert.All(acts, act => Assert.Equal((Options.User, Options.Host, files.Name), (act.By.User, act.By.Host, act.Namespace)));
        var line = (await files.ReadEditLogAsync(1, 100, Cancellation)).Single(line => line.Kind == "ConfigSet");
        Assert.Equal((acts[0].By, acts[0].At), (line.By, line.At));
        var all = await Client.ListAuditAsync(cancellation: Cancellation);
        Assert.Contains(all, act => act.Act == "ns create" && act.Namespace.Length == 0 && act.Text.StartsWith(files.Name + ",", StringComparison.Ordinal));
        Assert.Contains(acts[1], all);
    }

    [Fact]
    public async Task Status_CountsWhatThereIs()
    {
        var files = await NamespaceAsync();
        await files.CreateDirectoryAsync(At("/d"), cancellation: Cancellation);
        await PutAsync(files, "/f", 1, 2, 3);
        await PutAsync(files, "/f", 1, 2);
        await using var open = await files.OpenAsync(At("/g"), FileMode.CreateNew, FileAccess.Write, cancellation: Cancellation);
        var status = await files.GetStatusAsync(Cancellation);
        Assert.Equal((files.Name, 5L, 5L, 1L, 1L), (status.Name, status.Names, status.LengthBytes, status.TrashItems, status.OpenFiles));
        Assert.True(status.Epoch > 0 && status.EditLogNumber > 0 && status.Number > 0 && status.Silo.Length > 0);
    }

    [Fact]
    public async Task NewChunkSize_IsThatOfNewFiles()
    {
        var files = await NamespaceAsync();
        var before = await PutAsync(files, "/before", 1);
        await files.SetConfigAsync(Config with { ChunkSizeBytes = 128 << 10 }, Cancellation);
        await UntilAsync(async () => (await PutAsync(files, "/after", 1)).ChunkSizeBytes == 128 << 10, "new files have the new chunk size");
        Assert.Equal(64 << 10, before.ChunkSizeBytes);
        Assert.Equal(64 << 10, (await files.StatAsync(At("/before"), cancellation: Cancellation)).ChunkSizeBytes);
    }
}

[Collection<EmbeddedCollection>]
public sealed class EmbeddedSettingsTests(EmbeddedSystem system) : SettingsConformance(system);

[Collection<ClusterCollection>]
public sealed class ClusterSettingsTests(ClusterSystem system) : SettingsConformance(system);
