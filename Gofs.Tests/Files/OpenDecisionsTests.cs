using Gofs.Grains.Files;
using Xunit;

namespace Gofs.Tests.Files;

/// <summary>When a file grain believes that the namespace still counts a file as open, and need not ask.</summary>
public sealed class OpenDecisionsTests
{
    private const long Second = 1_000_000_000;
    private const long Now = 1_000 * Second;

    [Theory]
    [InlineData(0, 0, false)] // the namespace has something to do first
    [InlineData(1_000, 0, true)] // just now
    [InlineData(996, 0, true)]
    [InlineData(995, 0, false)] // long ago
    [InlineData(1_004, 0, true)] // its clock is a little ahead
    [InlineData(1_006, 0, false)]
    [InlineData(1_000, 994, true)]
    [InlineData(1_000, 995, false)] // closed at about the same time: by somebody else, who had it open before
    [InlineData(1_000, 1_000, false)]
    public void OpenIsBelieved_WhenItIsNewAndNobodyHasClosedTheFileSince(long openedAt, long closedAt, bool isBelieved) =>
        Assert.Equal(isBelieved, OpenDecisions.IsStillOpen(openedAt * Second, Now, closedAt * Second));
}
