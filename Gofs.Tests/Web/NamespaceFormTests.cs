using CsCheck;
using Gofs.Namespaces;
using Gofs.Web.Namespaces;
using Xunit;

namespace Gofs.Tests.Web;

/// <summary>Settings go through the form unchanged, and it refuses what the MetaServer would.</summary>
public sealed class NamespaceFormTests
{
    private static readonly Gen<NamespaceConfig> Configs =
        from chunks in Gen.Int[1, 1 << 14]
        from goal in Gen.Int[1, 9]
        from least in Gen.Int[0, goal]
        from durability in Gen.Enum<Durability>()
        from trash in Gen.Int[0, 10_000_000]
        from names in Gen.Long[0, long.MaxValue]
        from bytes in Gen.Long[0, long.MaxValue]
        from stored in Gen.Long[0, long.MaxValue]
        from lease in Gen.Int[1, 3600]
        from shards in Gen.Int[1, 256]
        select new NamespaceConfig(
            (long)chunks << 16, goal, durability, TimeSpan.FromSeconds(trash), names, bytes, TimeSpan.FromSeconds(lease), shards)
        {
            MinReplicas = least, MaxStoredBytes = stored,
        };

    [Fact]
    public void AnySettings_ComeBackAsTheyWere() => Configs.Sample(config => NamespaceForm.Of("a", config).Read().Config == config);

    [Fact]
    public void EveryFault_IsSaidByItsField()
    {
        var form = new NamespaceForm
        {
            Name = "-a", ChunkSize = "1 MB and a bit", Goal = "0", MinReplicas = "5", TrashRetention = "long", MaxNames = "many", MaxBytes = "much",
            MaxStoredBytes = "more", LeaseTime = "2 h",
        };
        var (config, faults) = form.Read();
        Assert.Null(config);
        Assert.Equal(
            ["ChunkSize", "Goal", "LeaseTime", "MaxBytes", "MaxNames", "MaxStoredBytes", "MinReplicas", "Name", "TrashRetention"],
            faults.Keys.Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData("a", true)]
    [InlineData("0-a_b", true)]
    [InlineData("", false)]
    [InlineData("A", false)]
    [InlineData("_a", false)]
    [InlineData("ä", false)]
    public void Names_AreTheClusters(string name, bool good) =>
        Assert.Equal(good, NamespaceForm.Of(name, NamespaceConfig.Default).Read().Config is not null);
}
