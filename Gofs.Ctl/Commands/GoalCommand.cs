using System.CommandLine;
using System.Globalization;
using Gofs.Ctl.Targets;
using Gofs.Ctl.Transfer;
using Gofs.Namespaces;

namespace Gofs.Ctl.Commands;

/// <summary>setrep.</summary>
internal static class GoalCommand
{
    private static readonly Argument<string> Goal = new("GOAL") { Description = "Wanted replicas, 1 to 9, or default: as the namespace says" };
    private const string Default = "default";
    private static readonly Argument<string[]> Targets = new("TARGET") { Arity = ArgumentArity.OneOrMore };
    private static readonly Option<bool> Recursive = new("-r", "-R", "--recursive") { Description = "Directories with all that is in them" };
    private static readonly Option<bool> Wait = new("-w", "--wait") { Description = "Waits until every chunk has as many replicas" };
    private static readonly Option<int> Limit = new("--limit") { Description = "The longest -w waits, then exit code 1 (default: for ever)", HelpName = "SECONDS" };
    private static readonly Option<bool> Quiet = new("-q", "--quiet") { Description = "No progress" };

    /// <summary>The command.</summary>
    public static Command Make() => new Command("setrep", "Sets how many replicas of files' chunks are wanted") { Goal, Targets, Recursive, Wait, Limit, Quiet }
        .Example("gofsctl setrep 3 demo:/file", "gofsctl setrep -R -w 2 demo:/share", "gofsctl setrep -w --limit 60 3 demo:/file", "gofsctl setrep -R default demo:/share").Does(SetAsync);

    private static async Task SetAsync(Invocation run)
    {
        if (run.Get(Limit) < 0 || (run.IsGiven(Limit) && !run.Get(Wait))) throw new UsageException("--limit is seconds that -w waits");
        var goal = GoalOf(run);
        Target[] targets = [.. run.Get(Targets).Select(run.Remote)];
        List<Target> set = [];
        await run.EachAsync(targets, async target =>
        {
            var files = await run.FilesAsync(target);
            var change = goal is { } number
                ? await files.SetGoalAsync(target.Path, number, run.Get(Recursive), cancellation: run.Cancellation)
                : await files.ResetGoalAsync(target.Path, run.Get(Recursive), cancellation: run.Cancellation);
            Show(run, target, change);
            set.Add(target);
        });
        if (set.Count == 0) return;
        if (goal is { } wanted) await NoteAsync(run, wanted);
        if (run.Get(Wait)) await WaitAsync(run, set);
    }

    private static int? GoalOf(Invocation run) => run.Get(Goal) switch
    {
        Default => null,
        var text when int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var goal) => goal,
        var text => throw new UsageException($"the goal is a number or {Default}, not '{text}'"),
    };

    private static void Show(Invocation run, Target target, GoalChange change) => run.Out.Show(
        string.Create(CultureInfo.InvariantCulture, $"{run.Out.Name(target.ToString())}: goal {run.Get(Goal)}, {change.Files} files, {change.Directories} directories"),
        json =>
        {
            EntryJson.WritePlace(json, target);
            if (GoalOf(run) is { } goal) json.WriteNumber("goal", goal);
            else json.WriteString("goal", Default);
            json.WriteNumber("files", change.Files);
            json.WriteNumber("directories", change.Directories);
        });

    private static async Task NoteAsync(Invocation run, int goal)
    {
        var live = (await (await run.ConnectAsync()).ListChunkServersAsync(run.Cancellation)).Count(server => server.Live);
        if (live < goal)
            run.ErrorLine(string.Create(CultureInfo.InvariantCulture, $"gofsctl: chunks stay below goal {goal} for now: {live} chunk servers are live"));
    }

    private static async Task WaitAsync(Invocation run, List<Target> targets)
    {
        await using var progress = Progress.Start(run, run.Get(Quiet), "has its goal");
        using var limit = new CancellationTokenSource(run.Get(Limit) > 0 ? TimeSpan.FromSeconds(run.Get(Limit)) : Timeout.InfiniteTimeSpan);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(run.Cancellation, limit.Token);
        var done = new Done(progress);
        try
        {
            await run.EachAsync(targets, async target =>
            {
                var files = await run.FilesAsync(target);
                if (run.Get(Recursive)) done.Expect((await files.CountAsync(target.Path, either.Token)).LengthBytes);
                await files.WaitForGoalAsync(target.Path, run.Get(Recursive), done, either.Token);
            });
        }
        catch (OperationCanceledException) when (limit.IsCancellationRequested && !run.Cancellation.IsCancellationRequested)
        {
            run.ExitCode = ExitCodes.Partial;
            run.ErrorLine(string.Create(CultureInfo.InvariantCulture,
                $"gofsctl: the goal is set, and after {run.Get(Limit)} s not every chunk has it; gofsctl doctor says why ({progress.Names} files have it)"));
        }
    }

    private sealed class Done(Progress progress) : IProgress<Entry>
    {
        public void Expect(long lengthBytes) => progress.TotalBytes = Math.Max(0, progress.TotalBytes) + lengthBytes;

        public void Report(Entry value) => progress.Done(value.LengthBytes);
    }
}
