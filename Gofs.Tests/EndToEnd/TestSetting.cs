using System.Globalization;

namespace Gofs.Tests.EndToEnd;

/// <summary>What the environment says about how long a test runs, and from which seed.</summary>
internal static class TestSetting
{
    /// <summary>The number a variable has, or another.</summary>
    public static int Number(string name, int otherwise) =>
        int.TryParse(Environment.GetEnvironmentVariable(name), NumberStyles.None, CultureInfo.InvariantCulture, out var value) ? value : otherwise;
}
