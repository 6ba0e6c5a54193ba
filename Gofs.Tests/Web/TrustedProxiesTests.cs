using System.Net;
using Gofs.Web.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace Gofs.Tests.Web;

/// <summary>Whose word is taken for how a request was asked: that of proxies the console was told of, and of nobody else.</summary>
public sealed class TrustedProxiesTests
{
    private const string Public = "https://gofs.example.org";
    private HttpRequest? passed;

    [Theory]
    [InlineData("10.0.0.7", "10.0.0.7", true)]
    [InlineData("10.0.0.7", "::ffff:10.0.0.7", true)]
    [InlineData("10.0.0.7", "10.0.0.8", false)]
    [InlineData("10.0.0.0/24", "10.0.0.8", true)]
    [InlineData("10.0.0.0/24", "10.0.1.8", false)]
    [InlineData("2001:db8::1", "2001:db8::1", true)]
    [InlineData("2001:db8::/64", "2001:db8:1::1", false)]
    [InlineData("10.0.0.7", "127.0.0.1", false)]
    public async Task PageOfThePublicAddress_IsOurs_WhenAProxySaysSo(string proxies, string from, bool isTrusted)
    {
        Assert.Equal(isTrusted ? StatusCodes.Status200OK : StatusCodes.Status403Forbidden, await AskAsync(proxies, from, Public, "198.51.100.9"));
        Assert.Equal(isTrusted, passed is not null);
        if (passed is null) return;
        Assert.Equal(("https", "gofs.example.org"), (passed.Scheme, passed.Host.Value));
        Assert.Equal("198.51.100.9", passed.HttpContext.Connection.RemoteIpAddress?.ToString());
    }

    [Theory]
    [InlineData("https://elsewhere.example")]
    [InlineData("http://gofs.example.org")]
    [InlineData("http://localhost:8080")]
    [InlineData("null")]
    public async Task PageOfAnotherAddress_IsRefused_ThroughAProxyToo(string origin) =>
        Assert.Equal(StatusCodes.Status403Forbidden, await AskAsync("10.0.0.7", "10.0.0.7", origin, "198.51.100.9"));

    [Fact]
    public async Task AddressThatAClientMadeUp_IsNotTaken_OnlyWhatTheProxyAdded()
    {
        Assert.Equal(StatusCodes.Status200OK, await AskAsync("10.0.0.7", "10.0.0.7", Public, "203.0.113.1, 198.51.100.9"));
        Assert.Equal("198.51.100.9", passed?.HttpContext.Connection.RemoteIpAddress?.ToString());
    }

    [Theory]
    [InlineData("")]
    [InlineData("lb.example.org")]
    [InlineData("10.0.0.0/33")]
    [InlineData("0.0.0.0/0")]
    [InlineData("::/0")]
    public void WhatIsNoAddressAndNoNetwork_OrAllOfTheWorld_IsNotRead(string text) => Assert.False(TrustedProxies.TryParse(text, out _));

    private async Task<int> AskAsync(string proxies, string from, string origin, string forwardedFor)
    {
        Assert.True(TrustedProxies.TryParse(proxies, out var network));
        await using var services = new ServiceCollection().AddLogging().AddOptions().BuildServiceProvider();
        var app = new ApplicationBuilder(services);
        app.UseProxies([network]);
        app.UseMiddleware<RequestGuard>(false);
        app.Run(context =>
        {
            passed = context.Request;
            return Task.CompletedTask;
        });
        var context = new DefaultHttpContext { RequestServices = services };
        context.Connection.RemoteIpAddress = IPAddress.Parse(from);
        context.Request.Scheme = "http";
        context.Request.Host = new("localhost:8080");
        context.Request.Headers.Origin = origin;
        context.Request.Headers["X-Forwarded-Proto"] = "https";
        context.Request.Headers["X-Forwarded-Host"] = "gofs.example.org";
        context.Request.Headers["X-Forwarded-For"] = forwardedFor;
        await app.Build()(context);
        return context.Response.StatusCode;
    }
}
