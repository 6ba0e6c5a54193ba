using System.Reflection;
using Orleans;
using Xunit;

namespace Gofs.Tests.House;

/// <summary>What crosses the wire or is written to an EditLog only ever grows.</summary>
public sealed class ContractTests
{
    [Fact]
    public void SerializedTypes_HaveAnAliasOfTheirOwn()
    {
        Rule.Holds("a serialized type has an [Alias] that begins with \"gofs.\"", Contracts.Types
            .Where(type => !HasOwnAlias(type)).Select(type => type.FullName!));
        Rule.Holds("no two contracts have the same alias", Contracts.Types.Concat(Contracts.Interfaces)
            .GroupBy(type => TypeText.OnWire(type)).Where(same => same.Count() > 1)
            .Select(same => $"{same.Key}: {string.Join(", ", same.Select(type => type.FullName))}"));
    }

    [Fact]
    public void SerializedMembers_HaveAnId() => Rule.Holds("every member of a serialized type has an [Id] of its own", Contracts.Types
        .SelectMany(type => Contracts.MembersWithoutId(type).Select(name => $"{type.FullName}.{name} has none")
            .Concat(Contracts.MembersOf(type).GroupBy(one => one.Id).Where(same => same.Count() > 1).Select(same => $"{type.FullName} has {same.Key} twice"))));

    [Fact]
    public void GrainInterfacesAndMethods_HaveAnAlias()
    {
        Rule.Holds("a grain interface has an [Alias] that begins with \"gofs.\"", Contracts.Interfaces
            .Where(type => !HasOwnAlias(type)).Select(type => type.FullName!));
        Rule.Holds("every method of a grain interface has an [Alias] of its own", Contracts.Interfaces.SelectMany(type => type.GetMethods()
            .GroupBy(Contracts.AliasOf).Where(same => same.Key.Length == 0 || same.Count() > 1)
            .SelectMany(same => same.Select(method => $"{type.FullName}.{method.Name}"))));
    }

    [Fact]
    public void Contracts_NameTheirTypes() => Rule.Holds("no contract mentions object", Contracts.Mentioned()
        .Where(one => Contracts.Parts(one.Type).Contains(typeof(object))).Select(one => one.Where));

    [Fact]
    public void Contracts_OnlyEverGrow() => Golden.Compare(
        "Contracts.txt", Contracts.Describe(),
        "Removed or changed, which breaks silos, clients and EditLogs that know it; put it back (a new meaning gets a new id or alias):",
        mayShrink: false);

    private static bool HasOwnAlias(Type type) =>
        type.GetCustomAttribute<AliasAttribute>(inherit: false)?.Alias.StartsWith("gofs.", StringComparison.Ordinal) == true;
}
