using Gofs.Cluster;
using Gofs.Namespaces;
using Xunit;

namespace Gofs.Tests.Conformance;

/// <summary>What an operator asks: which silos there are, where a master is, whether it moves; and reads that may be old.</summary>
public abstract class OperatorConformance(IServedSystem system) : ConformanceTests(system)
{
    [Fact]
    public async Task Master_IsOnASiloOfTheList_AndOneThatIsAskedToGoWhereItIsStays()
    {
        var files = await NamespaceAsync();
        var status = await files.GetStatusAsync(Cancellation);
        Assert.Contains(await Client.ListSilosAsync(Cancellation), silo => silo.Name == status.Silo && silo.IsActive);
        var move = await files.FailoverAsync(status.Silo, Cancellation);
        Assert.Equal((status.Silo, status.Silo, status.Epoch), (move.From, move.To, move.Epoch));
    }

    [Fact]
    public async Task SiloThatIsNotThere_IsRefused()
    {
        var files = await NamespaceAsync();
        var status = await files.GetStatusAsync(Cancellation);
        var refused = await Assert.ThrowsAsync<GofsException>(() => files.FailoverAsync("nowhere", Cancellation));
        Assert.Equal(GofsError.NoStandby, refused.Error);
        Assert.Equal(status.Epoch, (await files.GetStatusAsync(Cancellation)).Epoch);
        foreach (var drain in (Func<Task>[])[() => Client.BeginDrainAsync("nowhere", Cancellation), () => Client.EndDrainAsync("nowhere", Cancellation)])
            Assert.Equal(GofsError.SiloNotFound, (await Assert.ThrowsAsync<GofsException>(drain)).Error);
    }

    [Fact]
    public async Task DrainOfASilo_NamesTheMastersThatAreThere()
    {
        var files = await NamespaceAsync();
        var status = await files.GetStatusAsync(Cancellation);
        var masters = await Client.BeginDrainAsync(status.Silo, Cancellation);
        await Client.EndDrainAsync(status.Silo, Cancellation);
        Assert.Contains(files.Name, masters);
    }

    [Fact]
    public async Task ReadThatMayBeOld_ComesToShowWhatWasWritten()
    {
        var files = await NamespaceAsync();
        await files.CreateDirectoryAsync(At("/d"), cancellation: Cancellation);
        await PutAsync(files, "/d/f", 1, 2, 3);
        await UntilAsync(async () => (await files.Stale.FindAsync(At("/d/f"), cancellation: Cancellation)).Value is not null, "a read that may be old");
        Assert.Equal(3, (await files.Stale.StatAsync(At("/d/f"), cancellation: Cancellation)).Value.LengthBytes);
        Assert.Equal(await files.CountAsync(GofsPath.Root, Cancellation), (await files.Stale.CountAsync(GofsPath.Root, Cancellation)).Value);
        List<string> names = [];
        await foreach (var entry in files.Stale.ListAsync(At("/d"), Cancellation)) names.Add(entry.Value.NameText);
        Assert.Equal(["f"], names);
    }

    [Fact]
    public async Task PictureOfTheCluster_HasWhatServes_AndComesToShowNothingWrongWithIt()
    {
        var files = await NamespaceAsync();
        var picture = await Client.TakePictureAsync(Cancellation);
        Assert.Equal(Config.Goal, picture.Silos.Count(silo => silo.IsActive));
        Assert.Equal(Config.Goal, picture.ChunkServers.Count);
        Assert.Equal(files.Name, picture.Namespaces.Single(one => one.Name == files.Name).Status?.Name);
        await UntilAsync(
            async () => Doctor.Examine(await Client.TakePictureAsync(Cancellation)).All(
                finding => finding.Severity == DoctorSeverity.Advice
                    || (finding.Subject != $"namespace {files.Name}" && !finding.Subject.StartsWith("silo ", StringComparison.Ordinal))),
            "nothing is wrong with the silos and the namespace");
    }

    [Fact]
    public async Task ScrubOfAServer_ReadsAllItHas()
    {
        var files = await NamespaceAsync();
        await PutAsync(files, "/scrubbed", 1, 2, 3);
        var server = (await Client.ListChunkServersAsync(Cancellation))[0].Server;
        var pass = await Client.StartScrubAsync(server, Cancellation);
        await UntilAsync(
            async () => (await Client.ListChunkServersAsync(Cancellation))[0].Scrub is { IsRunning: false, LastEndedAt: not null } scrub && scrub.Pass >= pass,
            "the pass has ended");
        var refused = await Assert.ThrowsAsync<GofsException>(() => Client.StartScrubAsync(new("nowhere"), Cancellation));
        Assert.Equal(GofsError.ChunkServerNotFound, refused.Error);
    }

    [Fact]
    public async Task UserOfTheConsole_IsCheckedByHisPassword_UntilHeIsRemoved()
    {
        await Client.SetConsoleUserAsync("conformance", ConsoleRole.Operator, "correct horse", Cancellation);
        Assert.Equal(ConsoleRole.Operator, await Client.CheckConsoleUserAsync("conformance", "correct horse", Cancellation));
        Assert.Equal(ConsoleRole.None, await Client.CheckConsoleUserAsync("conformance", "wrong horse", Cancellation));
        var user = (await Client.ListConsoleUsersAsync(Cancellation)).Single(one => one.Name == "conformance");
        Assert.Equal((ConsoleRole.Operator, 0, Options.User), (user.Role, user.Secret.Hash.Length, user.ChangedBy.User));
        await Client.RemoveConsoleUserAsync("conformance", Cancellation);
        Assert.Equal(ConsoleRole.None, await Client.CheckConsoleUserAsync("conformance", "correct horse", Cancellation));
    }

    [Fact]
    public async Task SettingOfTheCluster_IsInForceOnEverySilo_UntilItIsUnset()
    {
        await Client.ChangeSettingsAsync([new("ScrubMegabytesPerSecond", "31")], Cancellation);
        await UntilAsync(async () => await RatesAsync() is [31], "every chunk server has the cluster's setting");
        var set = (await Client.ListSettingsAsync(Cancellation)).Single(one => one.Setting == ClusterSetting.ScrubMegabytesPerSecond);
        Assert.Equal(("31", SettingOrigin.Cluster, Options.User), (set.Value, set.Origin, set.Set!.By.User));
        Assert.Equal(["true", "false"], ClusterSetting.Rebalance.Words);
        var refused = await Assert.ThrowsAsync<GofsException>(() => Client.ChangeSettingsAsync([new("DeadSeconds", "1")], Cancellation));
        Assert.Equal(GofsError.InvalidArgument, refused.Error);
        await Client.ChangeSettingsAsync([new("ScrubMegabytesPerSecond", null)], Cancellation);
        await UntilAsync(async () => await RatesAsync() is [32], "every chunk server has the default");

        async Task<int[]> RatesAsync() =>
            [.. (await Client.ListChunkServersAsync(Cancellation)).Select(server => server.Scrub?.MostMegabytesPerSecond ?? 0).Distinct()];
    }

    [Fact]
    public async Task NamespaceMadeWithoutSettings_HasTheDefaults()
    {
        var defaults = await Client.GetDefaultConfigAsync(Cancellation);
        var info = await Client.CreateNamespaceAsync($"plain-{Guid.NewGuid():N}", cancellation: Cancellation);
        Assert.Equal(defaults, info.InitialConfig);
    }
}

[Collection<EmbeddedCollection>]
public sealed class EmbeddedOperatorTests(EmbeddedSystem system) : OperatorConformance(system);

[Collection<ClusterCollection>]
public sealed class ClusterOperatorTests(ClusterSystem system) : OperatorConformance(system);
