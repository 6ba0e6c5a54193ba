using Bunit;
using Gofs.Tests.House;
using Gofs.Web.Hosting;
using Gofs.Web.Shell;
using Microsoft.AspNetCore.Components;
using Xunit;

namespace Gofs.Tests.Web;

/// <summary>What goes for all pages.</summary>
public sealed class EveryPageTests : PageTest
{
    private static IEnumerable<Type> Pages => typeof(ConsoleHost).Assembly.GetTypes().Where(one => one.IsDefined(typeof(RouteAttribute), inherit: false));

    [Fact]
    public void EachHasTestsOfItsOwn() => Rule.Holds("a page NAME of the console is drawn by the tests NAMETests", Pages
        .Where(page => page != typeof(NotFoundPage) && typeof(PageTest).Assembly.GetType($"{typeof(PageTest).Namespace}.{page.Name}Tests") is null)
        .Select(page => page.Name));

    [Fact]
    public void AddressOfNone_LeadsToTheOverview()
    {
        var page = Open<NotFoundPage>("no-such-page");
        Assert.Equal("There is no such page.", page.Find(".empty p").TextContent);
        Assert.Equal("", page.Find(".empty a").GetAttribute("href"));
    }
}
