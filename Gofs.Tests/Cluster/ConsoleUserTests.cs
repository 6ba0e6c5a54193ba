using Gofs.Cluster;
using Gofs.Grains.Cluster;
using Xunit;

namespace Gofs.Tests.Cluster;

/// <summary>Users of the console in the cluster's state, and what their passwords are checked with.</summary>
public sealed class ConsoleUserTests
{
    private static readonly DateTimeOffset Noon = new(2026, 5, 4, 12, 0, 0, TimeSpan.Zero);
    private static readonly Caller Ada = new("ada", "desk");
    private static readonly ConsoleSecret Secret = new(new byte[32], new byte[32], 1);
    private readonly ClusterState state = new();

    [Fact]
    public void User_IsSet_ChangedWithoutHisPassword_AndRemoved_AndEachIsRecorded()
    {
        state.SetConsoleUser("bob", ConsoleRole.Viewer, Secret, Ada, Noon);
        state.SetConsoleUser("bob", ConsoleRole.Operator, null, Ada, Noon);
        Assert.Equal((ConsoleRole.Operator, Secret), (state.FindConsoleUser("bob")!.Role, state.FindConsoleUser("bob")!.Secret));
        Assert.True(state.RemoveConsoleUser("bob", Ada, Noon));
        Assert.False(state.RemoveConsoleUser("bob", Ada, Noon));
        Assert.Equal(
            [("console user set", "bob, viewer, new password"), ("console user set", "bob, operator"), ("console user rm", "bob")],
            state.Audit.Select(act => (act.Act, act.Text)));
    }

    [Theory]
    [InlineData("")]
    [InlineData("Bob")]
    [InlineData("1bob")]
    [InlineData("bob smith")]
    [InlineData("abcdefghijklmnopqrstuvwxyzabcdefg")]
    public void NameThatCannotBe_IsRefused(string name) =>
        Assert.Equal(GofsError.InvalidArgument, Assert.Throws<GofsException>(() => state.SetConsoleUser(name, ConsoleRole.Admin, Secret, Ada, Noon)).Error);

    [Fact]
    public void NewUserWithoutPassword_RoleThatIsNone_AndOneTooMany_AreRefused()
    {
        Assert.Throws<GofsException>(() => state.SetConsoleUser("bob", ConsoleRole.Admin, null, Ada, Noon));
        Assert.Throws<GofsException>(() => state.SetConsoleUser("bob", ConsoleRole.None, Secret, Ada, Noon));
        for (var i = 0; i < ClusterState.MostConsoleUsers; i++) state.SetConsoleUser($"user-{i}", ConsoleRole.Viewer, Secret, Ada, Noon);
        Assert.Throws<GofsException>(() => state.SetConsoleUser("bob", ConsoleRole.Admin, Secret, Ada, Noon));
        state.SetConsoleUser("user-7", ConsoleRole.Admin, null, Ada, Noon);
    }

    [Fact]
    public void Secret_IsOfItsPasswordOnly_AndAnotherEachTime()
    {
        var secret = ConsoleSecret.Of("correct horse");
        Assert.True(secret.IsOf("correct horse"));
        Assert.False(secret.IsOf("correct hors"));
        Assert.NotEqual(secret.Hash, ConsoleSecret.Of("correct horse").Hash);
        Assert.False((secret with { Iterations = int.MaxValue }).IsOf("correct horse"));
    }

    [Theory]
    [InlineData(7)]
    [InlineData(257)]
    public void PasswordTooShortOrTooLong_IsRefused(int chars) => Assert.Throws<GofsException>(() => ConsoleSecret.Of(new string('x', chars)));
}
