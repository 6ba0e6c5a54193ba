using Xunit;

namespace Gofs.Tests.House;

/// <summary>A rule of the house and who breaks it.</summary>
internal static class Rule
{
    /// <summary>Fails with the rule and every offender, unless there is none.</summary>
    public static void Holds(string rule, IEnumerable<string> offenders)
    {
        var all = offenders.Distinct().Order(StringComparer.Ordinal).ToList();
        Assert.True(all.Count == 0, $"Rule: {rule}\nbroken {all.Count} times:\n  {string.Join("\n  ", all)}");
    }
}
