using Xunit;

namespace Gofs.Tests.Histories;

/// <summary>
/// One client that asks for something about the names of some groups, again and again. Every fourth command goes to the master by itself, and is asked again
/// under the same op-id, twice at once, when it is done and others have done more: it has to answer the same and do nothing.
/// </summary>
internal sealed class NameClient(int number, int seed, GofsClient client, string space, NameGroup[] groups)
{
    private static readonly TimeSpan LongestPause = TimeSpan.FromMilliseconds(8);
    private readonly Random random = new(seed);
    private readonly GofsNamespace files = client.Namespace(space);
    private readonly List<Task> asking = [];
    private int asked;

    /// <summary>Commands that were asked again and answered.</summary>
    public int AskedAgain { get; private set; }

    public async Task WorkAsync(CancellationToken stop, CancellationToken cancellation)
    {
        while (!stop.IsCancellationRequested)
        {
            var group = groups[random.Next(groups.Length)];
            var op = NextOp(group);
            if (op is (NameOp.Create or NameOp.Move or NameOp.Remove) && random.Next(4) == 0) await AskAgainAsync(group, op, cancellation);
            else await group.History.AskAsync(number, op, () => group.DoAsync(files, op, cancellation), refused => Refused(op, refused));
            await Task.Delay(LongestPause * random.NextDouble(), cancellation);
        }

        await Task.WhenAll(asking);
        AskedAgain = asking.Count;
    }

    private async Task AskAgainAsync(NameGroup group, NameOp op, CancellationToken cancellation)
    {
        var (opId, isDone) = (OpId.New(), false);
        await group.History.AskAsync(number, op, AskAsync, refused => Refused(op, refused));
        if (isDone) asking.Add(AgainAsync(TimeSpan.FromMilliseconds(random.Next(1000))));

        async Task<NameOp> AskAsync()
        {
            var answer = await group.DoOnceAsync(client, space, op, opId, cancellation);
            isDone = true;
            return answer;
        }

        async Task AgainAsync(TimeSpan later)
        {
            await Task.Delay(later, cancellation);
            var answers = new[] { OnceMoreAsync(), OnceMoreAsync() };
            await Task.WhenAll(answers);
        }

        async Task OnceMoreAsync()
        {
            try
            {
                await group.DoOnceAsync(client, space, op, opId, cancellation);
            }
            catch (GofsException removed) when (op is NameOp.Create && removed.Error == GofsError.NotFound)
            {
                // It says that what it made is gone, which it could not be had it been made again.
            }
            catch (Exception failed) when (!Outcome.IsUnknown(failed))
            {
                Assert.Fail($"{op} was done, and is refused when it is asked again under its op-id: {failed.Message}");
            }
            catch (Exception unknown) when (Outcome.IsUnknown(unknown))
            {
                // Nobody answered.
            }
        }
    }

    private NameOp NextOp(NameGroup group)
    {
        var (name, tag) = (random.Next(NameGroup.Count), (number * 1_000_000L) + ++asked);
        return random.Next(10) switch
        {
            0 or 1 => group.HasLinks ? new NameOp.Create(name, tag) : new NameOp.Put(name, tag),
            2 => new NameOp.Mark(name, tag),
            3 or 4 => new NameOp.Move(name, (name + 1 + random.Next(NameGroup.Count - 1)) % NameGroup.Count, random.Next(2) == 0),
            5 => new NameOp.Remove(name),
            6 or 7 => new NameOp.Look(name, 0),
            _ => new NameOp.List(random.Next(2) * NameGroup.InDirectory, new(new long[NameGroup.InDirectory])),
        };
    }

    private static NameOp? Refused(NameOp op, GofsException refused) => (op, refused.Error) switch
    {
        // Asked again: it was done, and what it was done to is gone.
        (NameOp.Create or NameOp.Put or NameOp.Mark, GofsError.NotFound) when refused.Detail == "it was removed meanwhile" => op,
        (NameOp.Create or NameOp.Move, GofsError.AlreadyExists) => op with { Answer = NameAnswer.ThereAlready },
        (NameOp.Mark or NameOp.Move or NameOp.Remove, GofsError.NotFound) => op with { Answer = NameAnswer.NotThere },
        _ => null,
    };
}
