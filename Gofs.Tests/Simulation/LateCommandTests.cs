using Gofs.Internal;
using Gofs.Namespaces;
using Orleans;
using Xunit;

namespace Gofs.Tests.Simulation;

/// <summary>
/// What a soak showed and the simulation found then (seed 80162 of its build): a command that was asked again and refused was carried out when its first asking
/// arrived, out of a silo that had stood still.
/// </summary>
public sealed class LateCommandTests
{
    private static readonly GofsPath Path = GofsPath.Parse("/a");
    private static readonly Ownership Owner = new(0x1ED, 1, 2);

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void CommandRefusedWhenAskedAgain_IsRefusedWhenItsFirstAskingArrives(bool masterRestarts) => Run(masterRestarts, async master =>
    {
        var (there, mine) = (Make(parents: false), Make(parents: false));
        await master.MakeDirectoryAsync(there);
        Assert.Equal(GofsError.AlreadyExists, (await RefusedAsync(() => AgainAsync(() => master.MakeDirectoryAsync(mine)))).Error);
        await RemoveAsync(master);
        return async later =>
        {
            Assert.Equal(GofsError.AlreadyExists, (await RefusedAsync(() => later.MakeDirectoryAsync(mine))).Error);
            Assert.Null(await later.LookupAsync(Path, followLast: true));
        };
    });

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void CommandThatHadNothingToDoWhenAskedAgain_DoesNothingWhenItsFirstAskingArrives(bool masterRestarts) => Run(masterRestarts, async master =>
    {
        var (there, mine) = (Make(parents: true), Make(parents: true));
        var made = await master.MakeDirectoryAsync(there);
        var again = await AgainAsync(() => master.MakeDirectoryAsync(mine));
        Assert.Equal(made.Inode, again.Inode);
        await RemoveAsync(master);
        return async later =>
        {
            await Record.ExceptionAsync(() => later.MakeDirectoryAsync(mine)); // nobody waits for this answer any more
            Assert.Null(await later.LookupAsync(Path, followLast: true));
        };
    });

    [Fact]
    public void RefusalOfACommandAskedOnce_IsNoRecord() => Run(masterRestarts: false, async master =>
    {
        await master.MakeDirectoryAsync(Make(parents: false));
        var before = (await master.GetStatusAsync()).EditLogNumber;
        await RefusedAsync(() => master.MakeDirectoryAsync(Make(parents: false)));
        await master.MakeDirectoryAsync(Make(parents: true));
        Assert.Equal(before, (await master.GetStatusAsync()).EditLogNumber);
        return _ => Task.CompletedTask;
    });

    [Fact]
    public void StepOfATreesGoal_ThatArrivesLate_SetsNoGoal() => Run(masterRestarts: false, async master =>
    {
        await master.MakeDirectoryAsync(Make(parents: false));
        var first = new SetGoal(OpId.New(), Path, 2, Recursive: true, null);
        await AgainAsync(() => master.SetGoalAsync(first));
        await master.SetGoalAsync(new(OpId.New(), Path, 4, Recursive: true, null));
        await master.SetGoalAsync(first);
        Assert.Equal(4, (await master.LookupAsync(Path, followLast: true))!.Goal);
        return _ => Task.CompletedTask;
    });

    // Asks a master; what is answered is what later another one is asked, or the same.
    private static void Run(bool masterRestarts, Func<INamespaceGrain, Task<Func<INamespaceGrain, Task>>> ask) => SimRun.Of(1, world => () =>
    {
        var network = new SimNetwork(world);
        var cluster = new SimCluster(world, network, new(world, PlantedBug.None), PlantedBug.None, silos: 1);
        var process = new SimProcess(world, "client");
        var lane = new SimLane(process, LaneKind.Turns);
        INamespaceGrain Master() => cluster.GrainsFor(process).GetGrain<INamespaceGrain>(SimCluster.Namespace);
        var first = lane.Do(() => ask(Master()));
        world.RunUntil(() => first.IsCompleted, TimeSpan.FromMinutes(1), "it is asked");
        var late = first.GetAwaiter().GetResult();
        if (masterRestarts) cluster.Restart(cluster.All[0]);
        var second = lane.Do(() => late(Master()));
        world.RunUntil(() => second.IsCompleted, TimeSpan.FromMinutes(1), "it is asked later");
        second.GetAwaiter().GetResult();
        return new(world.Trace, world.Steps, world.Now, 0, 0);
    });

    private static MakeDirectory Make(bool parents) => new(OpId.New(), Path, Owner, parents);

    private static Task RemoveAsync(INamespaceGrain master) => master.RemoveAsync(new(OpId.New(), Path, Recursive: false, SkipTrash: true));

    private static async Task<T> AgainAsync<T>(Func<Task<T>> ask)
    {
        AskedAgain.Mark();
        return await ask();
    }

    private static Task<GofsException> RefusedAsync(Func<Task> ask) => Assert.ThrowsAsync<GofsException>(ask);
}
