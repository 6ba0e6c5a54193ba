using System.Runtime.CompilerServices;
using Gofs.Internal;
using Gofs.Namespaces;

namespace Gofs;

/// <summary>
/// Reads of one namespace that may be a moment behind: a standby answers them and says at which EditLog number, so they cost the master nothing
/// and go on while there is none. What it answers was true, whole and durable at that number; as a rule that is milliseconds ago, but nothing bounds it:
/// a standby that is cut off goes on answering. Two reads may be answered by two standbys, the second further behind.
/// <para>
/// Where there is no standby, or it does not answer within <see cref="GofsClientOptions.AttemptTimeout"/>, the master is asked as
/// <see cref="GofsNamespace"/> does; <see cref="StaleRead{T}.EditLogNumber"/> is null then. So that a standby is missing is never a failure by itself. What
/// fails is a <see cref="GofsException"/> with the path, as there. Thread-safe.
/// </para>
/// </summary>
public sealed class StaleReads
{
    private readonly ClientContext context;
    private readonly GofsNamespace master;
    private readonly StandbyFinder standbys;

    internal StaleReads(ClientContext context, GofsNamespace master)
    {
        this.context = context;
        this.master = master;
        standbys = new(context, master.Name);
    }

    /// <summary>What a path led to; <see cref="GofsError.NotFound"/> when nothing.</summary>
    public async Task<StaleRead<Entry>> StatAsync(GofsPath path, bool followLast = true, CancellationToken cancellation = default)
    {
        var (found, number) = await FindAsync(path, followLast, cancellation);
        return new(found ?? throw new GofsException(GofsError.NotFound, "there is no such file or directory", path.ToString()), number);
    }

    /// <summary>What a path led to, or null.</summary>
    public Task<StaleRead<Entry?>> FindAsync(GofsPath path, bool followLast = true, CancellationToken cancellation = default) => ReadAsync(
        path, (path, followLast), static (standby, at, token) => standby.LookupAsync(at.path, at.followLast, token),
        static (master, at, token) => master.FindAsync(at.path, at.followLast, token), cancellation);

    /// <summary>
    /// The entries of a directory in the order of their names' bytes, fetched a page ahead; all of a page have its number, and pages may have
    /// different ones. A name there all along is given once.
    /// </summary>
    public async IAsyncEnumerable<StaleRead<Entry>> ListAsync(
        GofsPath directory, [EnumeratorCancellation] CancellationToken cancellation = default)
    {
        var pages = PagesAhead.ReadAsync((after, token) => ListPageAsync(directory, after, token), static page => page.Value, cancellation);
        await foreach (var (page, number) in pages)
        {
            foreach (var entry in page.Entries) yield return new(entry, number);
        }
    }

    /// <summary>What lay below a path.</summary>
    public Task<StaleRead<TreeCount>> CountAsync(GofsPath path, CancellationToken cancellation = default) => ReadAsync(
        path, path, static (standby, at, token) => standby.CountAsync(at, token), static (master, at, token) => master.CountAsync(at, token), cancellation);

    private Task<StaleRead<ListPage>> ListPageAsync(GofsPath directory, byte[]? after, CancellationToken cancellation) => ReadAsync(
        directory, (directory, after), static (standby, at, token) => standby.ListAsync(at.directory, at.after, GofsNamespace.PageEntries, token),
        static (master, at, token) => master.ListPageAsync(at.directory, at.after, token), cancellation);

    private async Task<StaleRead<T>> ReadAsync<TState, T>(
        Subject subject, TState state, Func<INamespaceStandbyGrain, TState, CancellationToken, Task<StaleAnswer<T>>> ask,
        Func<GofsNamespace, TState, CancellationToken, Task<T>> otherwise, CancellationToken cancellation)
    {
        if (await standbys.FindAsync(cancellation) is { } standby)
        {
            try
            {
                var answer = await ask(standby, state, cancellation).WaitAsync(context.Options.AttemptTimeout, context.Time, cancellation);
                return new(answer.Value, answer.EditLogNumber);
            }
            catch (Exception failed) when (!Failures.IsOwnCancellation(failed, cancellation))
            {
                var failure = Failures.Translate(failed, subject);
                if (IsAboutTheTree(failure.Error)) throw failure;
                standbys.Doubt(standby);
            }
        }

        return new(await otherwise(master, state, cancellation), null);
    }

    /// <summary>Whether a failure is the answer, and not the standby's own trouble.</summary>
    private static bool IsAboutTheTree(GofsError error) =>
        error is GofsError.NotFound or GofsError.NotADirectory or GofsError.TooManySymlinks or GofsError.InvalidPath or GofsError.NameTooLong;
}
