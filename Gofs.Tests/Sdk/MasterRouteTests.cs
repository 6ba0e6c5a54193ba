using Gofs.Internal;
using Gofs.Namespaces;
using Gofs.Tests.Sdk.Fakes;
using Microsoft.Extensions.Time.Testing;
using Orleans;
using Xunit;

namespace Gofs.Tests.Sdk;

public sealed class MasterRouteTests
{
    private const string Straight = "straight";
    private readonly FakeTimeProvider time = new();
    private readonly List<string> asked = [];
    private readonly List<long> tried = [];
    private readonly MasterRoute route;
    private long? atMaster = 4;
    private Exception? failure;

    public MasterRouteTests() => route = new(
        Fake.OfMethods<IGrainFactory>((method, with) => method.GetGenericArguments()[0] == typeof(INamespaceRouteGrain)
            ? Fake.Of<INamespaceRouteGrain>((name, _) => name == nameof(INamespaceRouteGrain.AskAsync) ? ByRoute((long)with[0]!) : Try((long)with[0]!))
            : Fake.Of<INamespaceGrain>((_, _) => ToMaster())),
        "ns", time);

    [Fact]
    public async Task OneRequestAlone_GoesStraight_AndNoRouteIsLookedFor()
    {
        await route.AskAsync(new INamespaceRequest[1]);
        Assert.Equal([Straight], asked);
        Assert.Empty(tried);
    }

    [Fact]
    public async Task SeveralRequests_NextOnesGoByTheRouteThatIsAtTheMaster()
    {
        await AskSeveralAsync(2);
        await AskAsync();
        Assert.Equal([Straight, "4", "4"], asked);
    }

    [Fact]
    public async Task MasterMoved_GoesStraight_ThenByAnotherRoute()
    {
        await AskSeveralAsync(2);
        atMaster = 5;
        await AskSeveralAsync(2);
        time.Advance(TimeSpan.FromSeconds(1));
        await AskSeveralAsync(2);
        Assert.Equal([Straight, "4", "4", Straight, Straight, "5"], asked);
    }

    [Fact]
    public async Task RouteFails_CallFails_AndTheNextGoesStraight()
    {
        await AskSeveralAsync(1);
        failure = new TimeoutException();
        await Assert.ThrowsAsync<TimeoutException>(AskAsync);
        failure = null;
        await AskAsync();
        Assert.Equal(["4", Straight], asked.Skip(1));
    }

    [Fact]
    public async Task NoRouteIsThere_OthersAreTried_WithLongerAndLongerPauses()
    {
        atMaster = null;
        for (var second = 0; second < 8; second++)
        {
            await AskAsync();
            time.Advance(TimeSpan.FromSeconds(1));
        }

        // At once, after 2 s and after 4 more.
        Assert.Equal(Enumerable.Range(0, 3 * MasterRoute.TriedAtOnce).Select(i => (long)i), tried);
    }

    private async Task AskSeveralAsync(int times)
    {
        for (var i = 0; i < times; i++) await AskAsync();
    }

    private Task<NamespaceAnswer[]> AskAsync() => route.AskAsync(new INamespaceRequest[2]);

    private Task<NamespaceAnswer[]> ToMaster()
    {
        asked.Add(Straight);
        return Task.FromResult(new NamespaceAnswer[2]);
    }

    private Task<RoutedAnswers> ByRoute(long number)
    {
        asked.Add($"{number}");
        return failure is null ? Task.FromResult(new RoutedAnswers(new NamespaceAnswer[2], number == atMaster)) : Task.FromException<RoutedAnswers>(failure);
    }

    private Task<bool> Try(long number)
    {
        tried.Add(number);
        return Task.FromResult(number == atMaster);
    }
}
