using CsCheck;
using Gofs.Files;
using Gofs.Grains.Files;
using Gofs.Grains.Namespaces;
using Gofs.Namespaces;
using Gofs.Tests.Namespaces;
using Xunit;

namespace Gofs.Tests.Files;

/// <summary>
/// The open flag of a file that many open, append to and leave, while what the file grain tells the namespace is on its way: it stands as long as anybody has
/// the file, and is gone when nobody has.
/// </summary>
public sealed class OpenFlagTests
{
    private static readonly GofsPath Path = GofsPath.Parse("/f");

    [Fact]
    public void NewAppenderThatOpensWhileTheLastOnesCloseIsOnItsWay_KeepsItsFlag()
    {
        var file = new Model();
        var (one, other) = (file.Open(), file.Open());
        file.Join(one);
        file.Leave(one);
        file.Tell(0);
        Assert.True(file.HasFlag);
        file.Join(other);
        file.Leave(other);
        file.Tell(0);
        Assert.False(file.HasFlag);
    }

    [Fact]
    public void RefusedWriter_LeavesNoFlagBehind()
    {
        var file = new Model();
        var appender = file.Open();
        file.Join(appender);
        file.Refuse(file.Open());
        file.Leave(appender);
        file.Tell(0);
        Assert.False(file.HasFlag);
    }

    [Fact]
    public void FlagRaisedAnew_IsAnother_WhateverTheClockSays()
    {
        var file = new Model();
        var first = file.Open();
        file.SetClock(3);
        Assert.True(file.Open() > first);
    }

    [Fact]
    public void CloseOfAnOlderClient_TakesAwayWhicheverFlagThereIs()
    {
        var file = new Model();
        file.Open();
        Assert.Equal(0, new OpenFlags().Close());
        file.Closed(openedAt: 0);
        Assert.False(file.HasFlag);
    }

    // Found by the simulation of files (seeds 70217 and 73024): what was appended then nobody ever asked about, and the namespace did not know it.
    [Fact]
    public void WhoJoinsAfterTheFileWasSettled_HasItsFlagRaised()
    {
        var file = new Model();
        var late = file.Open();
        file.Settle();
        Assert.False(file.HasFlag);
        file.Join(late);
        Assert.True(file.HasFlag);
        file.Leave(late);
        file.Tell(0);
        Assert.False(file.HasFlag);
    }

    [Fact]
    public void FlagThatWasNotRaisedAfterAll_IsRaisedForTheNext()
    {
        var flags = new OpenFlags();
        flags.Settle(5);
        Assert.Equal(6, flags.Enter(3));
        Assert.Null(flags.Enter(4));
        flags.Doubt(6);
        Assert.Equal(6, flags.Enter(4));
    }

    /// <summary>Clients open, join, are refused and leave in any order; closes arrive late and in any order.</summary>
    [Fact]
    public void Flag_StandsWhileSomebodyHasTheFile_AndIsGoneAtTheEnd() => Gen.Int[0, 999].Array[0, 80].Sample(steps =>
    {
        var file = new Model();
        List<long> opened = [];
        List<long> joined = [];
        foreach (var step in steps)
        {
            switch (step % 5)
            {
                case 0: opened.Add(file.Open()); break;
                case 1 when Take(opened, step) is { } flag:
                    file.Join(flag);
                    joined.Add(flag);
                    break;
                case 2 when Take(joined, step) is { } flag: file.Leave(flag); break;
                case 3 when file.OnTheWay > 0: file.Tell(step / 5 % file.OnTheWay); break;
                case 4 when joined.Count > 0 && Take(opened, step) is { } flag: file.Refuse(flag); break;
            }

            Assert.True(joined.Count == 0 || file.HasFlag, "somebody has the file, and its flag is gone");
        }

        foreach (var flag in opened) file.Join(flag);
        foreach (var flag in opened.Concat(joined)) file.Leave(flag);
        while (file.OnTheWay > 0) file.Tell(file.OnTheWay - 1);
        Assert.False(file.HasFlag, "nobody has the file, and its flag stands");
    });

    private static long? Take(List<long> flags, int step)
    {
        if (flags.Count == 0) return null;
        var taken = flags[step / 5 % flags.Count];
        flags.Remove(taken);
        return taken;
    }

    /// <summary>The namespace, and as much of a file grain as the flag is about.</summary>
    private sealed class Model
    {
        private readonly NamespaceState state = NamespaceStates.Empty(out _);
        private readonly OpenFlags flags = new();
        private readonly List<long> onTheWay = [];
        private int appenders;
        private long clock = 5;
        private long inode;

        public bool HasFlag => state.Open.ContainsKey(inode);

        public int OnTheWay => onTheWay.Count;

        public long Open()
        {
            clock++;
            state.Apply(OpenFileDecisions.Open(state, new(OpId.New(), Path, NamespaceStates.Owner, Create: true, Exclusive: false, Atomic: false), now: clock));
            inode = PathResolution.Require(state, Path, followLast: true).Inode;
            return state.Open[inode];
        }

        public void SetClock(long to) => clock = to;

        public void Join(long flag)
        {
            appenders++;
            if (flags.Enter(flag) is not { } raised) return;
            var told = new FileFlushed(new(inode), 0, 0, Closed: false) { OpenedAt = raised };
            if (OpenFileDecisions.Raise(state, OpId.New(), told) is { } happened) state.Apply(happened);
        }

        public void Settle()
        {
            var asked = state.Open[inode];
            flags.Settle(asked);
            if (OpenFileDecisions.Settle(state, inode, asked, new(0, 0, ClosedByWriter: true), now: 6) is { } settled) state.Apply(settled);
        }

        public void Refuse(long flag) => flags.Note(flag);

        public void Leave(long flag)
        {
            Assert.NotEqual(0, flag);
            if (--appenders == 0) onTheWay.Add(flags.Close());
        }

        public void Tell(int which)
        {
            Closed(onTheWay[which]);
            onTheWay.RemoveAt(which);
        }

        public void Closed(long openedAt)
        {
            if (OpenFileDecisions.Flush(state, new(new(inode), 0, 0, Closed: true) { OpenedAt = openedAt }, now: 6) is { } flushed) state.Apply(flushed);
        }
    }
}
