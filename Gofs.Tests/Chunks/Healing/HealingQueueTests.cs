using CsCheck;
using Gofs.Chunks;
using Gofs.Grains.Chunks.Healing;
using Xunit;

namespace Gofs.Tests.Chunks.Healing;

public sealed class HealingQueueTests
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);
    private readonly HealingQueue queue = new(capacity: 50);

    [Fact]
    public void Turns_GoByDanger_ThenByWhatIsLacking_ThenToThoseSomebodyWaitsFor_ThenByAge()
    {
        queue.Put(Handle(1), ChunkDanger.UnderGoal, lacking: 1, canAct: true, Second);
        queue.Put(Handle(2), ChunkDanger.UnderGoal, lacking: 1, canAct: true, Second);
        queue.Put(Handle(3), ChunkDanger.UnderGoal, lacking: 1, canAct: true, Second);
        queue.Put(Handle(4), ChunkDanger.UnderGoal, lacking: 2, canAct: true, Second);
        queue.Put(Handle(5), ChunkDanger.Endangered, lacking: 1, canAct: true, Second);
        queue.Wait(Handle(3));
        Assert.Equal([5, 4, 3, 1, 2], TakeAll(Second));
    }

    [Fact]
    public void OldestChunk_HasATurn_WhateverMoreUrgentOnesCome()
    {
        queue.Put(Handle(1), ChunkDanger.UnderGoal, lacking: 1, canAct: true, Second);
        var turns = 0;
        for (long next = 2; turns < 20; turns++, next++)
        {
            queue.Put(Handle(next), ChunkDanger.Endangered, lacking: 2, canAct: true, Second);
            Assert.True(queue.TryTake(Second, out var turn));
            if (turn.Handle == Handle(1)) return;
        }

        Assert.Fail("it never had a turn");
    }

    [Fact]
    public void WhatFails_ComesAgainLaterEachTime_AtMostAMinuteLater()
    {
        queue.Put(Handle(1), ChunkDanger.UnderGoal, lacking: 1, canAct: true, Second);
        var now = Second;
        foreach (var delay in (int[])[2, 4, 8, 16, 32, 60, 60])
        {
            Assert.True(queue.TryTake(now, out _));
            queue.Retry(Handle(1), now, hasFailed: true);
            Assert.False(queue.TryTake(now + (delay * Second) - (0.1 * Second), out _));
            now += delay * Second;
        }
    }

    [Fact]
    public void WhatDidNotFail_ComesAgainInASecond_WithItsTriesCounted()
    {
        queue.Put(Handle(1), ChunkDanger.UnderGoal, lacking: 1, canAct: true, Second);
        for (var tries = 0; tries < 5; tries++)
        {
            Assert.True(queue.TryTake((1 + tries) * Second, out var turn));
            Assert.Equal(tries, turn.Tries);
            queue.Retry(Handle(1), (1 + tries) * Second, hasFailed: false);
        }
    }

    [Fact]
    public void ChunkThatBecomesEndangered_DoesNotWaitForItsNextTry()
    {
        queue.Put(Handle(1), ChunkDanger.UnderGoal, lacking: 1, canAct: true, Second);
        Assert.True(queue.TryTake(Second, out _));
        queue.Retry(Handle(1), Second, hasFailed: true);
        Assert.False(queue.TryTake(Second, out _));
        queue.Put(Handle(1), ChunkDanger.Endangered, lacking: 2, canAct: true, Second);
        Assert.True(queue.TryTake(Second, out _));
    }

    [Fact]
    public void SurplusReplica_IsLeftAlone_UntilItHasBeenSoForTheSurplusTime()
    {
        queue.Put(Handle(1), ChunkDanger.Surplus, lacking: -1, canAct: true, Second);
        Assert.False(queue.TryTake(Second + HealingQueue.SurplusTime - Second, out _));
        queue.Put(Handle(1), ChunkDanger.None, lacking: 0, canAct: false, 60 * Second);
        queue.Put(Handle(1), ChunkDanger.Surplus, lacking: -1, canAct: true, 70 * Second);
        Assert.False(queue.TryTake(70 * Second + HealingQueue.SurplusTime - Second, out _));
        Assert.True(queue.TryTake(70 * Second + HealingQueue.SurplusTime, out var turn));
        Assert.Equal(ChunkDanger.Surplus, turn.Danger);
    }

    [Fact]
    public void SurplusReplica_OfAChunkWhoseGoalWasLowered_HasItsTurnAtOnce()
    {
        queue.Put(Handle(1), ChunkDanger.Surplus, lacking: -2, canAct: true, Second);
        queue.Put(Handle(2), ChunkDanger.Surplus, lacking: -2, canAct: true, Second);
        queue.Put(Handle(3), ChunkDanger.UnderGoal, lacking: 1, canAct: false, Second);
        foreach (var chunk in new[] { 1, 3, 4 }) queue.Trim(Handle(chunk), 2 * Second);
        Assert.Equal([1], TakeAll(2 * Second));
        // One more is too many.
        queue.Put(Handle(1), ChunkDanger.Surplus, lacking: -1, canAct: true, 3 * Second);
        queue.Retry(Handle(1), 3 * Second, hasFailed: false);
        Assert.Equal([1], TakeAll(4 * Second));
        Assert.Equal([2], TakeAll(Second + HealingQueue.SurplusTime));
    }

    [Fact]
    public void WhateverHappens_EachChunkIsCountedOnce_NoneIsTakenTwiceAtATime_AndNoneIsLost() =>
        Gen.Select(Gen.Int[0, 7], Gen.Long[1, 12], Gen.Int[0, 4], Gen.Bool).Array[0, 150].Sample(steps =>
        {
            var tested = new HealingQueue(capacity: 8);
            Dictionary<ChunkHandle, (ChunkDanger Danger, bool CanAct)> model = [];
            HashSet<ChunkHandle> underWay = [];
            var now = Second;
            foreach (var (kind, counter, danger, yes) in steps)
            {
                var handle = Handle(counter);
                switch (kind)
                {
                    case 0 or 1:
                        if ((ChunkDanger)danger == ChunkDanger.None) Forget(handle);
                        else if (model.ContainsKey(handle) || model.Count < 8) model[handle] = ((ChunkDanger)danger, yes);
                        tested.Put(handle, (ChunkDanger)danger, danger, yes, now);
                        break;
                    case 2:
                        tested.Remove(handle);
                        Forget(handle);
                        break;
                    case 3:
                        if (!tested.TryTake(now, out var turn)) break;
                        Assert.True(model[turn.Handle].CanAct);
                        Assert.Equal(model[turn.Handle].Danger, turn.Danger);
                        Assert.True(underWay.Add(turn.Handle));
                        break;
                    case 4:
                        tested.Retry(handle, now, yes);
                        underWay.Remove(handle);
                        break;
                    case 5:
                        if (yes) tested.RetryAll();
                        else tested.Wait(handle);
                        break;
                    case 6:
                        tested.Trim(handle, now);
                        break;
                    default:
                        now += counter * 10 * Second;
                        break;
                }

                foreach (var one in Enum.GetValues<ChunkDanger>().Where(one => one != ChunkDanger.None))
                    Assert.Equal(model.Values.Count(value => value.Danger == one), tested.CountOf(one));
            }

            // All that can be acted on and is not under way comes up when time has passed.
            now += TimeSpan.FromHours(1);
            var left = model.Where(one => one.Value.CanAct && !underWay.Contains(one.Key)).Select(one => one.Key).ToHashSet();
            while (tested.TryTake(now, out var turn)) Assert.True(left.Remove(turn.Handle));
            Assert.Empty(left);

            void Forget(ChunkHandle handle)
            {
                model.Remove(handle);
                underWay.Remove(handle);
            }
        });

    private List<long> TakeAll(TimeSpan now)
    {
        List<long> taken = [];
        while (queue.TryTake(now, out var turn)) taken.Add(turn.Handle.Counter);
        return taken;
    }

    private static ChunkHandle Handle(long counter) => ChunkHandle.Create(1, 0, counter);
}
