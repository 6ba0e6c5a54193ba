using System.Globalization;
using System.Text.RegularExpressions;
using Gofs.Ctl.CommandLine;
using Gofs.Tests.House;
using Xunit;

namespace Gofs.Tests.Ctl;

/// <summary>Each error has its exit code, and the manual says which.</summary>
public sealed class ExitCodesTests
{
    [Fact]
    public void EveryError_HasItsExitCode_InTheManual()
    {
        var rows = Regex.Matches(Repository.Read("docs/gofsctl.md"), @"^\| (\d+) \| (\w+) \|", RegexOptions.Multiline)
            .Where(row => Enum.TryParse<GofsError>(row.Groups[2].Value, out _))
            .ToDictionary(row => Enum.Parse<GofsError>(row.Groups[2].Value), row => int.Parse(row.Groups[1].Value, CultureInfo.InvariantCulture));
        Assert.Equal(Enum.GetValues<GofsError>().ToDictionary(error => error, ExitCodes.Of).OrderBy(one => one.Key), rows.OrderBy(one => one.Key));
    }
}
