using Gofs.Cluster;
using Gofs.Web.SignIn;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace Gofs.Tests.Web;

/// <summary>Who may do what, how often a wrong password may be said, and where a sign-in leads.</summary>
public sealed class SignInTests
{
    private readonly FakeTimeProvider time = new(Views.At);
    private readonly List<ConsoleUser> users = [User("ada", ConsoleRole.Admin)];
    private GofsException? silence;
    private int asked;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task RoleThatIsTakenAway_IsGoneWithinSeconds()
    {
        using var roles = Roles();
        Assert.Equal(ConsoleRole.Admin, await roles.OfAsync("ada", Stop));
        users.Clear();
        Assert.Equal(ConsoleRole.Admin, await roles.OfAsync("ada", Stop));
        Assert.Equal(1, asked);
        time.Advance(UserRoles.FreshFor);
        Assert.Equal(ConsoleRole.None, await roles.OfAsync("ada", Stop));
    }

    [Fact]
    public async Task ClusterThatIsSilent_WhatWasKnownHoldsForAWhile_AndThenNobodyMayDoAnything()
    {
        using var roles = Roles();
        await roles.OfAsync("ada", Stop);
        silence = new(GofsError.Timeout, "no silo answers");
        time.Advance(UserRoles.FreshFor);
        Assert.Equal(ConsoleRole.Admin, await roles.OfAsync("ada", Stop));
        time.Advance(UserRoles.HoldsFor);
        await Assert.ThrowsAsync<GofsException>(() => roles.OfAsync("ada", Stop));
    }

    [Fact]
    public void WrongPasswords_MakeTheirAddressWait_AndNoOther()
    {
        var attempts = new SignInAttempts(time);
        for (var i = 0; i < SignInAttempts.MostOfOne; i++)
        {
            Assert.Equal(TimeSpan.Zero, attempts.Wait("10.0.0.1"));
            attempts.Failed("10.0.0.1");
            time.Advance(TimeSpan.FromSeconds(1));
        }

        Assert.Equal(SignInAttempts.Window - TimeSpan.FromSeconds(SignInAttempts.MostOfOne), attempts.Wait("10.0.0.1"));
        Assert.Equal(TimeSpan.Zero, attempts.Wait("10.0.0.2"));
        time.Advance(SignInAttempts.Window);
        Assert.Equal(TimeSpan.Zero, attempts.Wait("10.0.0.1"));
    }

    [Fact]
    public void WrongPasswordsFromEverywhere_MakeEverybodyWait()
    {
        var attempts = new SignInAttempts(time);
        for (var i = 0; i < SignInAttempts.MostOfAll; i++) attempts.Failed($"10.0.0.{i}");
        Assert.True(attempts.Wait("192.0.2.1") > TimeSpan.Zero);
    }

    [Theory]
    [InlineData("/browse/projects?path=/a", "/browse/projects?path=/a")]
    [InlineData("//gofs.example/", "/")]
    [InlineData("/\\gofs.example/", "/")]
    [InlineData("https://gofs.example/", "/")]
    [InlineData("/a\r\nSet-Cookie: x", "/")]
    [InlineData(null, "/")]
    public void SignIn_LeadsNowhereElse(string? asked, string led) => Assert.Equal(led, SignInEndpoints.Inside(asked));

    private static ConsoleUser User(string name, ConsoleRole role) => new(name, role, new([], [], 0), Views.At, Caller.Unknown);

    private UserRoles Roles() => new(_ =>
    {
        asked++;
        return silence is null ? Task.FromResult<IReadOnlyList<ConsoleUser>>([.. users]) : throw silence;
    }, time);
}
