using System.Globalization;
using CsCheck;
using Gofs.Cluster;
using Gofs.Grains.ChunkServers;
using Gofs.Grains.Cluster;
using Gofs.Grains.Settings;
using Gofs.Internal;
using Gofs.Namespaces;
using Gofs.Silo.Hosting;
using Gofs.Tests.House;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Xunit;

namespace Gofs.Tests.Cluster;

/// <summary>Settings of the cluster: what they may be, how they change, and what a silo makes of them.</summary>
public sealed class ClusterSettingTests
{
    private static readonly DateTimeOffset Noon = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);
    private static readonly Caller Ann = new("ann", "desk");
    private readonly ClusterState state = new();

    [Theory]
    [InlineData("DeadSeconds", "3", "3")]
    [InlineData("deadseconds", "86400", "86400")]
    [InlineData("CopyBytesPerSecond", "200M", "209715200")]
    [InlineData("CopyBytesPerSecond", "1t", "1099511627776")]
    [InlineData("Rebalance", "OFF", "false")]
    [InlineData("Rebalance", "True", "true")]
    [InlineData("ScrubDays", "0", "0")]
    [InlineData("NewNamespaceDurability", "Write", "write")]
    public void Value_IsReadAsItIsMeant(string key, string text, string value)
    {
        Assert.True(ClusterSetting.Find(key)!.TryRead(text, out var read));
        Assert.Equal(value, read);
    }

    [Theory]
    [InlineData("DeadSeconds", "2"), InlineData("DeadSeconds", "86401"), InlineData("DeadSeconds", "-5"), InlineData("DeadSeconds", "1M"), InlineData("DeadSeconds", "")]
    [InlineData("CopyBytesPerSecond", "1023K"), InlineData("CopyBytesPerSecond", "2T"), InlineData("CopyBytesPerSecond", "9223372036854775807T"), InlineData("CopyBytesPerSecond", "M")]
    [InlineData("Rebalance", "yes"), InlineData("NewNamespaceDurability", "on"), InlineData("NewNamespaceGoal", "10")]
    public void ValueOutOfRange_IsNotRead(string key, string text) => Assert.False(ClusterSetting.Find(key)!.TryRead(text, out _));

    [Fact]
    public void WhatIsRead_ReadsTheSameAgain()
    {
        var setting = Gen.Int[0, ClusterSetting.All.Count - 1].Select(at => ClusterSetting.All[at]);
        var number = Gen.Long.Select(any => any.ToString(CultureInfo.InvariantCulture));
        var text = Gen.OneOf(number, Gen.Int[0, 9999].Select(any => $"{any}M"), Gen.String);
        Gen.Select(setting, text).Sample((one, written) =>
        {
            if (one.TryRead(written, out var value)) Assert.True(one.TryRead(value, out var again) && again == value);
        });
    }

    [Fact]
    public void Silo_HasTheSameSettings_WithTheSameDefaultsAndBounds()
    {
        var ofSilos = ClusterSetting.All.Where(setting => setting.IsOfSilos).ToList();
        Rule.Holds("a setting of the cluster that silos have too is a silo's setting of the same name and default", ofSilos.Where(setting =>
            !setting.Default.Equals(Convert.ToString(typeof(SiloSettings).GetProperty(setting.Key)?.GetValue(new SiloSettings()), CultureInfo.InvariantCulture),
                StringComparison.OrdinalIgnoreCase)).Select(setting => setting.Key));
        var bounded = ofSilos.Where(setting => setting != ClusterSetting.Rebalance).ToList();
        var refused = Assert.Throws<GofsException>(() => SiloSettings.Read(Configuration(bounded.Select(setting => (setting.Key, "-1")))));
        Assert.All(bounded, setting => Assert.Contains($"Silo:{setting.Key} is {setting.Range}, not '-1'", refused.Message, StringComparison.Ordinal));
    }

    [Fact]
    public void Silo_SaysWhatItWasStartedWith()
    {
        Assert.Equal("DeadSeconds=90 Rebalance=false", SiloSettings.Read(Configuration([("Rebalance", "false"), ("DeadSeconds", "90")])).OwnSettings);
        Assert.Equal("", SiloSettings.Read(Configuration([])).OwnSettings);
    }

    [Fact]
    public void Changes_AreAllMadeOrNone_AndEveryFaultIsTold()
    {
        Change(("DeadSeconds", "30"));
        var refused = Assert.Throws<GofsException>(() => Change(("DeadSeconds", "1"), ("Colour", "red"), ("ScrubDays", "7")));
        Assert.Equal(GofsError.InvalidArgument, refused.Error);
        Assert.Equal("there is no setting 'Colour' (gofsctl config show lists them)", refused.Message.Split("; ").Single(part => part.Contains("Colour", StringComparison.Ordinal)));
        Assert.Contains("DeadSeconds is 3 to 86400 s, not '1'", refused.Message, StringComparison.Ordinal);
        Assert.Equal([("DeadSeconds", "30")], state.Settings.Select(one => (one.Key, one.Value)));
        Assert.Single(state.Audit);
    }

    [Fact]
    public void WhatFitsTogether_IsChecked_WithWhatIsSetAtTheSameTime()
    {
        Assert.Throws<GofsException>(() => Change(("RebalanceBytesPerSecond", "65M")));
        Change(("RebalanceBytesPerSecond", "65M"), ("CopyBytesPerSecond", "100M"));
        Assert.Throws<GofsException>(() => Change(("CopyBytesPerSecond", null)));
        Assert.Throws<GofsException>(() => Change(("NewNamespaceMinReplicas", "2")));
        Change(("NewNamespaceMinReplicas", "2"), ("NewNamespaceGoal", "2"));
        Assert.Throws<GofsException>(() => Change(("NewNamespaceGoal", "1")));
        Change(("CopyBytesPerSecond", null), ("RebalanceBytesPerSecond", null));
        Assert.Equal(["NewNamespaceGoal", "NewNamespaceMinReplicas"], state.Settings.Select(one => one.Key).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Change_IsRecorded_WithWhoAndWhenAndWhatItWas()
    {
        Change(("deadseconds", "30"), ("Rebalance", "off"));
        Change(("DeadSeconds", null));
        Assert.Equal(
            [
                (1L, "config set", "DeadSeconds: 30 (before: not set), Rebalance: false (before: not set)"),
                (2, "config unset", "DeadSeconds: not set (before: 30)"),
            ],
            state.Audit.Select(one => (one.Number, one.Act, one.Text)));
        Assert.All(state.Audit, one => Assert.Equal((Ann, Noon), (one.By, one.At)));
        Assert.Equal((Ann, Noon), (state.Settings[0].By, state.Settings[0].At));
    }

    [Fact]
    public void Audit_KeepsTheLast_AndNumbersGoOn()
    {
        for (var i = 0; i < AuditEntry.Most + 5; i++) state.Note(Ann, "ns create", $"{i}", Noon);
        Assert.Equal((AuditEntry.Most, 6L, AuditEntry.Most + 5L), (state.Audit.Count, state.Audit[0].Number, state.Audit[^1].Number));
    }

    [Fact]
    public void NewNamespaces_HaveWhatIsSetForThem()
    {
        Change(("NewNamespaceGoal", "5"), ("NewNamespaceDurability", "none"), ("NewNamespaceTrashSeconds", "0"));
        var made = ClusterState.NewNamespaces(state.InForce(), NewNamespaces.Cluster.Config);
        Assert.Equal(NewNamespaces.Cluster.Config with { Goal = 5, Durability = Durability.None, TrashRetention = TimeSpan.Zero }, made);
    }

    [Fact]
    public void Origin_IsTheCluster_ElseASilo_ElseTheDefault()
    {
        Change(("DeadSeconds", "30"));
        SiloInfo[] silos = [Silo("a", "DeadSeconds=90 ScrubDays=7"), Silo("b", ""), Silo("c", "ScrubDays=9")];
        var all = SettingsInForce.All(state.InForce(), silos, NamespaceConfig.Default with { Goal = 3 }).ToDictionary(one => one.Setting.Key);
        Assert.Equal(("30", SettingOrigin.Cluster, Ann), (all["DeadSeconds"].Value, all["DeadSeconds"].Origin, all["DeadSeconds"].Set!.By));
        Assert.Equal("90", Assert.Single(all["DeadSeconds"].OfSilos).Value);
        Assert.Equal(("14", SettingOrigin.Silo), (all["ScrubDays"].Value, all["ScrubDays"].Origin));
        Assert.Equal(["a: 7", "c: 9"], all["ScrubDays"].OfSilos.Select(own => $"{own.Key}: {own.Value}"));
        Assert.Equal(("true", SettingOrigin.Default), (all["Rebalance"].Value, all["Rebalance"].Origin));
        Assert.Equal(("3", SettingOrigin.Default), (all["NewNamespaceGoal"].Value, all["NewNamespaceGoal"].Origin));
    }

    [Fact]
    public void OlderRevision_ChangesNothing()
    {
        using var shared = new SharedSettings();
        var (first, second) = (new ClusterSettings(1, []), new ClusterSettings(2, []));
        Assert.True(shared.Learn(second));
        Assert.False(shared.Learn(first));
        Assert.False(shared.Learn(second));
        Assert.Same(second, shared.Current);
    }

    [Fact]
    public void OptionsOfASilo_FollowWhatIsSet_AndComeBackToItsOwn()
    {
        var services = new ServiceCollection().AddOptions().Configure<ChunkServerOptions>(own => (own.DeadTime, own.ScrubDays) = (TimeSpan.FromSeconds(90), 7));
        SettingsFollower.AddOptions(services);
        using var provider = services.BuildServiceProvider();
        var (shared, options) = (provider.GetRequiredService<SharedSettings>(), provider.GetRequiredService<IOptionsMonitor<ChunkServerOptions>>());
        var heard = new List<(TimeSpan, bool)>();
        using var listening = options.OnChange(now => heard.Add((now.DeadTime, now.Rebalances)));
        Change(("DeadSeconds", "30"), ("Rebalance", "false"), ("CopyBytesPerSecond", "8M"), ("RebalanceBytesPerSecond", "4M"));
        Change(("RebalanceBytesPerSecond", "8M"), ("ScrubMegabytesPerSecond", "5"));
        Assert.True(shared.Learn(state.InForce()));
        var now = options.CurrentValue;
        Assert.Equal((30, false, 8L << 20, 8L << 20), (now.DeadTime.TotalSeconds, now.Rebalances, now.CopyBytesPerSecond, now.RebalanceBytesPerSecond));
        Assert.Equal((7, 5), (now.ScrubDays, now.ScrubMegabytesPerSecond));
        Change(("DeadSeconds", null), ("Rebalance", null), ("ScrubDays", "1"));
        Assert.True(shared.Learn(state.InForce()));
        Assert.Equal((90, true, 1), (options.CurrentValue.DeadTime.TotalSeconds, options.CurrentValue.Rebalances, options.CurrentValue.ScrubDays));
        Assert.Equal([(TimeSpan.FromSeconds(30), false), (TimeSpan.FromSeconds(90), true)], heard);
    }

    private static SiloInfo Silo(string name, string own) => new(name, "", "", SiloRoles.Meta, "Active") { OwnSettings = own };

    private static IConfiguration Configuration(IEnumerable<(string Key, string Value)> settings) =>
        new ConfigurationBuilder().AddInMemoryCollection(settings.ToDictionary(one => $"Silo:{one.Key}", one => (string?)one.Value)).Build();

    private void Change(params (string Key, string? Value)[] changes) =>
        state.Change([.. changes.Select(one => new SettingChange(one.Key, one.Value))], NamespaceConfig.Default, Ann, Noon);
}
