using System.Globalization;
using Gofs.Internal;
using Gofs.Namespaces;
using Gofs.Tests.Sdk.Fakes;
using Xunit;

namespace Gofs.Tests.Sdk;

public sealed class GatheredCallsTests
{
    private const int MostCalls = 4;
    private const int MostRequests = 64;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);
    private readonly TimerWatch time = new();
    private TaskCompletionSource turn = new();
    private readonly List<(INamespaceRequest[] Requests, TaskCompletionSource<NamespaceAnswer[]> Answer)> sent = [];
    private readonly GatheredCalls<INamespaceRequest, NamespaceAnswer> calls;

    public GatheredCallsTests()
    {
        turn.SetResult();
        calls = new(Ask, new(MostCalls, MostRequests, Patience), () => turn.Task, time);

        Task<NamespaceAnswer[]> Ask(INamespaceRequest[] requests)
        {
            var answer = new TaskCompletionSource<NamespaceAnswer[]>();
            sent.Add((requests, answer));
            return answer.Task;
        }
    }

    [Fact]
    public void RequestThatIsAlone_GoesAtOnce()
    {
        _ = calls.AskAsync(Request(1));
        Assert.Equal([Request(1)], Assert.Single(sent).Requests);
    }

    [Fact]
    public void RequestWithoutCompany_GoesAtOnce_WhateverTheTurnIs()
    {
        NewTurn();
        for (var i = 0; i < 3; i++)
        {
            _ = calls.AskAsync(Request(i));
            Assert.Equal(i + 1, sent.Count);
            Answer(sent[^1]);
        }
    }

    [Fact]
    public void RequestsOfOneTurn_BesideACall_GoTogether_WhenItHasCome()
    {
        _ = calls.AskAsync(Request(9));
        var now = NewTurn();
        for (var i = 0; i < 3; i++) _ = calls.AskAsync(Request(i));
        Assert.Single(sent);
        now.SetResult();
        Assert.Equal(2, sent.Count);
        Assert.Equal(Enumerable.Range(0, 3).Select(Request), sent[^1].Requests);
    }

    [Fact]
    public void AfterACallOfSeveral_TheNextWaitsForItsTurn_ThoughNothingIsUnderWay()
    {
        _ = calls.AskAsync(Request(9));
        var now = NewTurn();
        for (var i = 0; i < 2; i++) _ = calls.AskAsync(Request(i));
        now.SetResult();
        foreach (var call in sent.ToArray()) Answer(call);
        now = NewTurn();
        for (var i = 0; i < 2; i++) _ = calls.AskAsync(Request(10 + i));
        Assert.Equal(2, sent.Count);
        now.SetResult();
        Assert.Equal([Request(10), Request(11)], sent[^1].Requests);
    }

    [Fact]
    public void RequestsOfOneTurn_ThatDoNotFitOneCall_TakeAsManyAsThereAre_AndTheRestWaits()
    {
        _ = calls.AskAsync(Request(9999));
        var now = NewTurn();
        for (var i = 0; i < ((MostCalls - 1) * MostRequests) + 1; i++) _ = calls.AskAsync(Request(i));
        now.SetResult();
        Assert.Equal(Enumerable.Repeat(MostRequests, MostCalls - 1), sent.Skip(1).Select(call => call.Requests.Length));
        Answer(sent[0]);
        Assert.Equal([Request((MostCalls - 1) * MostRequests)], sent[^1].Requests);
    }

    [Fact]
    public void CallThatEndsWhileOthersWaitForTheirTurn_IsFollowedByThemAtOnce()
    {
        Fill();
        Answer(sent[0]);
        var now = NewTurn();
        for (var i = 0; i < 2; i++) _ = calls.AskAsync(Request(50 + i));
        Answer(sent[1]);
        Assert.Equal([Request(50), Request(51)], sent[^1].Requests);
        now.SetResult();
        Assert.Equal(MostCalls + 1, sent.Count);
    }

    [Fact]
    public void FirstOfAll_WaitsATurn_WhereCompanyIsExpected()
    {
        GatheredCalls<int, int> expecting = new(
            requests =>
            {
                Assert.Equal([1, 2], requests);
                return Task.FromResult(requests);
            },
            new(MostCalls, MostRequests, Patience, ExpectsCompany: true), () => turn.Task, time);
        var now = NewTurn();
        Task<int>[] asked = [expecting.AskAsync(1), expecting.AskAsync(2)];
        Assert.DoesNotContain(asked, one => one.IsCompleted);
        now.SetResult();
        Assert.All(asked, one => Assert.True(one.IsCompletedSuccessfully));
    }

    [Fact]
    public async Task RequestsThatFindNoCallFree_GoTogetherWithTheNext_InTheirOrder()
    {
        var busy = Fill();
        Task<NamespaceAnswer>[] later = [.. Enumerable.Range(100, 10).Select(i => calls.AskAsync(Request(i)))];
        Assert.Equal(MostCalls, sent.Count);
        Answer(sent[0]);
        Assert.Equal(Enumerable.Range(100, 10).Select(Request), sent[^1].Requests);
        Answer(sent[^1]);
        var answers = await Task.WhenAll(later);
        Assert.Equal(Enumerable.Range(100, 10).Select(Name), answers.Select(answer => answer.Entry!.NameText));
        Assert.True(busy[0].IsCompletedSuccessfully);
    }

    [Fact]
    public void CallHasItsMost_TheRestGoesWithTheNext()
    {
        Fill();
        for (var i = 0; i < MostRequests + 1; i++) _ = calls.AskAsync(Request(i));
        Answer(sent[0]);
        Answer(sent[1]);
        Assert.Equal([MostRequests, 1], sent.Skip(MostCalls).Select(call => call.Requests.Length));
    }

    [Fact]
    public async Task CallThatFails_FailsItsRequests_AndOthersGoOn()
    {
        var busy = Fill();
        var next = calls.AskAsync(Request(9));
        sent[0].Answer.SetException(new TimeoutException());
        await Assert.ThrowsAsync<TimeoutException>(() => busy[0]);
        Answer(sent[^1]);
        Assert.Equal(Name(9), (await next).Entry!.NameText);
        Assert.False(busy[1].IsCompleted);
    }

    [Fact]
    public async Task MasterThatAnswersTooFew_IsNotTakenForAnAnswer()
    {
        var asked = calls.AskAsync(Request(1));
        sent[0].Answer.SetResult([]);
        Assert.Equal(GofsError.Internal, (await Assert.ThrowsAsync<GofsException>(() => asked)).Error);
    }

    [Fact]
    public async Task CallsThatHang_RequestsBehindThemGoWhenThePatienceIsOver_WithoutAnotherRequest()
    {
        Fill();
        time.Advance(Patience / 2);
        var behind = calls.AskAsync(Request(8));
        time.Advance(Patience / 2);
        Assert.Equal([Request(8)], sent[^1].Requests);
        Answer(sent[^1]);
        await behind;
    }

    [Fact]
    public void CallsThatHangOneByOne_EachPlaceIsGivenOnAtItsTime()
    {
        for (var i = 0; i < MostCalls; i++)
        {
            _ = calls.AskAsync(Request(i));
            time.Advance(Patience / 10);
        }

        for (var i = 0; i < MostRequests + 2; i++) _ = calls.AskAsync(Request(10 + i));
        time.Advance(Patience * 0.6);
        Assert.Equal(MostRequests, sent[^1].Requests.Length);
        time.Advance(Patience / 10);
        Assert.Equal(2, sent[^1].Requests.Length);
        Assert.Equal(MostCalls + 2, sent.Count);
    }

    [Fact]
    public async Task CallsThatHang_HoldNobodyLongerThanPatience()
    {
        Fill();
        var stuck = calls.AskAsync(Request(8));
        time.Advance(Patience);
        var next = calls.AskAsync(Request(9));
        await Assert.ThrowsAsync<TimeoutException>(() => stuck);
        Assert.Equal([Request(9)], sent[^1].Requests);
        Answer(sent[^1]);
        await next;
    }

    [Fact]
    public async Task CallThatHungAndAnswersAfterAll_IsHeard_AndItsPlaceIsNotFreedTwice()
    {
        var busy = Fill();
        time.Advance(Patience);
        for (var i = 0; i < MostCalls; i++) _ = calls.AskAsync(Request(10 + i));
        _ = calls.AskAsync(Request(20));
        Assert.Equal(2 * MostCalls, sent.Count);
        Answer(sent[0]);
        await busy[0];
        Assert.Equal(2 * MostCalls, sent.Count);
        Answer(sent[MostCalls]);
        Assert.Equal([Request(20)], sent[^1].Requests);
    }

    private static string Name(int i) => i.ToString(CultureInfo.InvariantCulture);

    private static Lookup Request(int i) => new(GofsPath.Parse("/" + Name(i)), FollowLast: true);

    private static void Answer((INamespaceRequest[] Requests, TaskCompletionSource<NamespaceAnswer[]> Answer) call) =>
        call.Answer.SetResult(Array.ConvertAll(call.Requests, request => new NamespaceAnswer(
            new(new(1), EntryType.File, 0, 0, 0, 0, 0, 1, ((Lookup)request).Path.Name.ToArray(), null, false, 0), null, null)));

    private TaskCompletionSource NewTurn() => turn = new();

    private List<Task<NamespaceAnswer>> Fill() => [.. Enumerable.Range(0, MostCalls).Select(i => calls.AskAsync(Request(i)))];
}
