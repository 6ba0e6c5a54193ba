using Gofs.Cluster;
using Gofs.Web.Settings;
using Xunit;

namespace Gofs.Tests.Web;

/// <summary>Settings as people read and type them.</summary>
public sealed class SettingTextTests
{
    public static TheoryData<string> Keys => [.. ClusterSetting.All.Select(one => one.Key)];

    [Theory]
    [MemberData(nameof(Keys))]
    public void WhatStandsInTheField_ReadsAsTheSameValue(string key)
    {
        var setting = ClusterSetting.Find(key)!;
        if (setting == ClusterSetting.NewNamespaceGoal) return; // its default depends on the file system
        Assert.Equal(setting.Default, SettingText.Read(setting, SettingText.Field(setting, setting.Default)));
    }

    [Theory]
    [InlineData("DeadSeconds", "2 min", "120")]
    [InlineData("DeadSeconds", "120", "120")]
    [InlineData("DeadSeconds", "1 s", null)]
    [InlineData("CopyBytesPerSecond", "200M", "209715200")]
    [InlineData("CopyBytesPerSecond", "200 MiB/s", "209715200")]
    [InlineData("CopyBytesPerSecond", "fast", null)]
    [InlineData("ScrubDays", "7", "7")]
    [InlineData("Rebalance", "off", "false")]
    [InlineData("NewNamespaceDurability", "write", "write")]
    [InlineData("NewNamespaceDurability", "always", null)]
    public void Typed_IsReadOrRefused(string key, string typed, string? kept) => Assert.Equal(kept, SettingText.Read(ClusterSetting.Find(key)!, typed));

    [Theory]
    [InlineData("DeadSeconds", "3 s to 1 d")]
    [InlineData("CopyBytesPerSecond", "1 MiB/s to 1 TiB/s")]
    [InlineData("ScrubMegabytesPerSecond", "1 MiB/s to 100,000 MiB/s")]
    [InlineData("NewNamespaceDurability", "flush, write or none")]
    public void Range_IsInTheUnitsThatAreTyped(string key, string range) => Assert.Equal(range, SettingText.Range(ClusterSetting.Find(key)!));

    [Fact]
    public void ShorterDeadTime_IsSaidToMakeReplicasAgain()
    {
        Assert.Contains("counts as dead at once", SettingText.Consequence(ClusterSetting.DeadSeconds, "60", "30"), StringComparison.Ordinal);
        Assert.DoesNotContain("counts as dead", SettingText.Consequence(ClusterSetting.DeadSeconds, "60", "90"), StringComparison.Ordinal);
    }

    [Fact]
    public void NewNamespaces_AreNotAskedAbout() => Assert.Null(SettingText.Consequence(ClusterSetting.NewNamespaceGoal, "3", "2"));
}
