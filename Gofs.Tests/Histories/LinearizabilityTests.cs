using CsCheck;
using Xunit;

namespace Gofs.Tests.Histories;

/// <summary>The checker itself: histories known good pass, each kind of lie is found, and on all small histories it agrees with trying every order.</summary>
public sealed class LinearizabilityTests
{
    private const int Names = 3;
    private static readonly NamesModel Model = new(Names);

    private static NameOp.Look Look(int name, long found) => new(name, found);

    private static NameOp.Put Put(int name, long tag) => new(name, tag);

    private static Call<NameOp> At(long invoked, long returned, NameOp op) => new((int)(invoked % 7), op, invoked, returned);

    private static string? Fault(params Call<NameOp>[] history) => Linearizability.Fault(Model, history);

    [Fact]
    public void OverlappingLooks_MaySeeOldAndNew_WhileAPutIsUnderWay() =>
        Assert.Null(Fault(At(0, 100, Put(0, 1)), At(10, 20, Look(0, 0)), At(30, 40, Look(0, 1)), At(110, 120, Look(0, 1))));

    [Fact]
    public void OldLook_AfterANewOne_IsFound() =>
        Assert.NotNull(Fault(At(0, 100, Put(0, 1)), At(10, 20, Look(0, 1)), At(30, 40, Look(0, 0))));

    [Fact]
    public void StaleLook_AfterTheAnswer_IsFound() =>
        Assert.Contains("Look", Fault(At(0, 10, Put(0, 1)), At(20, 30, Look(0, 0))), StringComparison.Ordinal);

    [Fact]
    public void LostCommand_IsFound() =>
        Assert.NotNull(Fault(At(0, 10, Put(0, 1)), At(20, 30, new NameOp.List(0, new(0, 0, 0)))));

    [Fact]
    public void UnansweredCommand_MayHappenLateOrNever_ButNotTwice()
    {
        Assert.Null(Fault(At(0, Call<NameOp>.Never, Put(0, 1)), At(20, 30, Look(0, 0)), At(40, 50, Look(0, 0))));
        Assert.Null(Fault(At(0, Call<NameOp>.Never, Put(0, 1)), At(20, 30, Look(0, 0)), At(40, 50, Look(0, 1))));
        Assert.NotNull(Fault(
            At(0, Call<NameOp>.Never, Put(0, 1)), At(20, 30, Look(0, 1)), At(40, 50, new NameOp.Remove(0)), At(60, 70, Look(0, 1))));
    }

    [Fact]
    public void Command_SeenBeforeItWasAsked_IsFound() =>
        Assert.NotNull(Fault(At(10, 20, Look(0, 1)), At(30, 40, Put(0, 1))));

    [Fact]
    public void TwoCreates_OfWhichBothSucceed_AreFound() =>
        Assert.NotNull(Fault(At(0, 100, new NameOp.Create(0, 1)), At(10, 90, new NameOp.Create(0, 2))));

    [Fact]
    public void Create_RefusedWithoutReason_IsFound() =>
        Assert.NotNull(Fault(At(0, 100, new NameOp.Create(0, 1) { Answer = NameAnswer.ThereAlready })));

    [Fact]
    public void RetriedMove_CarriedOutTwice_IsFound() => Assert.NotNull(Fault(
        At(0, 10, Put(0, 1)), At(20, 30, new NameOp.Move(0, 1, false)), At(40, 50, Put(0, 2)), At(60, 70, Look(0, 2)), At(80, 90, Look(1, 2))));

    [Fact]
    public void HalfAMove_IsFound()
    {
        Call<NameOp>[] before = [At(0, 10, Put(0, 1)), At(20, 100, new NameOp.Move(0, 1, false))];
        Assert.Null(Fault([.. before, At(30, 40, new NameOp.List(0, new(0, 1, 0)))]));
        Assert.NotNull(Fault([.. before, At(30, 40, new NameOp.List(0, new(1, 1, 0)))]));
        Assert.NotNull(Fault([.. before, At(30, 40, new NameOp.List(0, new(0, 0, 0)))]));
    }

    [Fact]
    public void ClientsThatSeeTwoOrders_AreFound() => Assert.NotNull(Fault(
        At(0, 100, Put(0, 1)), At(1, 100, Put(0, 2)),
        At(10, 20, Look(0, 1)), At(30, 40, Look(0, 2)), At(50, 60, Look(0, 1))));

    /// <summary>Whatever happened one after the other is right with any overlap that contains its moment.</summary>
    [Fact]
    public void HistoryOfARealOrder_Passes() =>
        Histories(40).Sample(history => Assert.Null(Linearizability.Fault(Model, history)));

    /// <summary>Small histories of which one answer may be a lie: the verdict is that of trying every order there is.</summary>
    [Fact]
    public void Verdict_IsThatOfTryingEveryOrder() => Gen.Select(Histories(6), Gen.Int[0, 5], Gen.Long[0, 6]).Sample((history, which, tag) =>
    {
        history[which] = history[which] with
        {
            Op = history[which].Op switch
            {
                NameOp.Look look => look with { Found = tag },
                NameOp.List list => list with { Found = list.Found.With(0, tag) },
                var op => op with { Answer = (NameAnswer)(tag % 3) },
            },
        };
        Assert.Equal(HasOrder(history, 0, Model.Initial), Linearizability.Fault(Model, history) is null);
    });

    private static bool HasOrder(Call<NameOp>[] left, int done, Tags state)
    {
        if (done == left.Length) return true;
        for (var i = done; i < left.Length; i++)
        {
            if (left[done..].Any(other => other.Returned < left[i].Invoked)) continue;
            if (!Model.TryApply(state, left[i].Op, left[i].IsAnswered, out var next)) continue;
            (left[done], left[i]) = (left[i], left[done]);
            var has = HasOrder(left, done + 1, next);
            (left[done], left[i]) = (left[i], left[done]);
            if (has) return true;
        }

        return false;
    }

    // Each operation happens at a moment of its own, 10 apart, and is under way for some time before and after; of some nobody hears the end.
    private static Gen<Call<NameOp>[]> Histories(int count) => Gen.Int[0, int.MaxValue].Select(seed =>
    {
        var random = new Random(seed);
        var (state, calls) = (Model.Initial, new Call<NameOp>[count]);
        for (var i = 0; i < count; i++)
        {
            var op = RandomOp(random, i + 1, state);
            if (!Model.TryApply(state, op, isAnswered: true, out var next))
            {
                var right = Enum.GetValues<NameAnswer>().Single(answer => Model.TryApply(state, op with { Answer = answer }, isAnswered: true, out _));
                op = op with { Answer = right };
            }
            else
            {
                state = next;
            }

            var (moment, unknown) = (10L * i, random.Next(12) == 0);
            calls[i] = new(i, op, moment - random.Next(40), unknown ? Call<NameOp>.Never : moment + random.Next(40));
        }

        return calls;
    });

    private static NameOp RandomOp(Random random, long tag, Tags state)
    {
        var name = random.Next(Names);
        return random.Next(7) switch
        {
            0 => Put(name, tag),
            1 => new NameOp.Create(name, tag),
            2 => new NameOp.Mark(name, tag),
            3 => new NameOp.Move(name, (name + 1) % Names, random.Next(2) == 0),
            4 => new NameOp.Remove(name),
            5 => Look(name, state[name]),
            _ => new NameOp.List(name, new([.. Enumerable.Range(name, Names - name).Select(one => state[one])])),
        };
    }
}
