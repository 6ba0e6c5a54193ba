using System.CommandLine;
using Gofs.Ctl.Targets;

namespace Gofs.Ctl.CommandLine;

/// <summary>One run of one command: its arguments, its session, its output.</summary>
internal sealed class Invocation : IAsyncDisposable
{
    private readonly ParseResult parse;
    private int failures;

    /// <summary>Of a parsed command line.</summary>
    public Invocation(ParseResult parse, Session session, CancellationToken cancellation)
    {
        this.parse = parse;
        Session = session;
        Cancellation = cancellation;
        if (!session.IsShell) session.Options ??= GlobalOptions.ClientOptions(parse);
        Out = new(session.IsJson || parse.GetValue(GlobalOptions.Json));
        ErrorLine = static line => Console.Error.WriteLine(line);
    }

    /// <summary>What it shares with other commands.</summary>
    public Session Session { get; }

    /// <summary>Ends it.</summary>
    public CancellationToken Cancellation { get; }

    /// <summary>Where data goes.</summary>
    public Printer Out { get; }

    /// <summary>Says a line on standard error; a progress bar makes room for it.</summary>
    public Action<string> ErrorLine { get; set; }

    /// <summary>The exit code so far; may be set.</summary>
    public int ExitCode { get => field != ExitCodes.Done || failures == 0 ? field : ExitCodes.Partial; set; }

    /// <summary>The value of an argument or option.</summary>
    public T Get<T>(Argument<T> argument) => parse.GetValue(argument)!;

    /// <summary>The value of an option.</summary>
    public T? Get<T>(Option<T> option) => parse.GetValue(option);

    /// <summary>Whether an option was written.</summary>
    public bool IsGiven(Option option) => parse.GetResult(option) is { Implicit: false };

    /// <summary>The file system.</summary>
    public Task<GofsClient> ConnectAsync() => Session.ConnectAsync(Cancellation);

    /// <summary>What an argument names in Gofs; in the shell relative to its directory.</summary>
    public Target Remote(string text) => Target.ParseRemoteOnly(text, Session.Base);

    /// <summary>What arguments name in Gofs; without any, the shell's directory.</summary>
    /// <exception cref="UsageException">There are none, and this is not the shell.</exception>
    public Target[] RemotesOrHere(string[] texts)
    {
        if (texts.Length > 0) return [.. texts.Select(Remote)];
        return Session.Here is { } here ? [here] : throw new UsageException("a target is missing: gofs://NAMESPACE/PATH or NAMESPACE:/PATH");
    }

    /// <summary>What an argument names on this machine.</summary>
    /// <param name="text">The argument.</param>
    /// <param name="instead">What is said when it is a target in Gofs; in the shell every text is local.</param>
    public Target LocalOnly(string text, string instead)
    {
        if (Session.IsShell) return Target.OfLocal(text);
        var target = Target.Parse(text);
        return target.IsRemote ? throw new UsageException(instead) : target;
    }

    /// <summary>The namespace a target is in.</summary>
    public async Task<GofsNamespace> FilesAsync(Target target) => (await ConnectAsync()).Namespace(target.Namespace!);

    /// <summary>The namespace a target is in, to look at: of a standby with --stale-ok.</summary>
    public async Task<TreeReads> ReadsAsync(Target target) => new(await FilesAsync(target), Get(TreeReads.StaleOk));

    /// <summary>Standard input.</summary>
    /// <exception cref="UsageException">It is the script that this command is in.</exception>
    public Stream OpenInput() => Session.IsScript
        ? throw new UsageException("standard input is the script of commands, it has no data for one")
        : new Local.InputStream();

    /// <summary>Does it for each; of several, one that fails has its line and the rest goes on.</summary>
    public async Task EachAsync(IReadOnlyList<Target> targets, Func<Target, Task> action)
    {
        foreach (var target in targets)
        {
            try
            {
                await action(target);
            }
            catch (GofsException failed) when (targets.Count > 1 && !EndsAll(failed))
            {
                Fail(failed);
            }
        }
    }

    /// <summary>Whether it is no use to go on with the next: there is nobody to ask.</summary>
    public static bool EndsAll(Exception failed) =>
        failed is GofsException { Error: GofsError.SiloUnreachable or GofsError.Timeout };

    /// <summary>Says what failed and goes on.</summary>
    public void Fail(Exception failed)
    {
        Interlocked.Increment(ref failures);
        ErrorLine($"gofsctl: {Texts.Line(failed)}");
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => Out.DisposeAsync();
}
