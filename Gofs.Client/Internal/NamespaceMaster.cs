using Gofs.Namespaces;

namespace Gofs.Internal;

/// <summary>
/// The master of one namespace as the parts of the SDK ask it: each request is tried until its outcome is definite, and those that are made at the
/// same time go together. Lookups and commands apart: a lookup does not wait for a commit it has nothing to do with. And apart those that are asked
/// again, for a call says it of all in it (<see cref="AskedAgain"/>).
/// </summary>
internal sealed class NamespaceMaster
{
    private const int MostCalls = 4;
    private const int MostRequests = 64;

    private readonly ClientContext context;
    private readonly GatheredCalls<INamespaceRequest, NamespaceAnswer> lookups;
    private readonly GatheredCalls<INamespaceRequest, NamespaceAnswer> commands;
    private readonly GatheredCalls<INamespaceRequest, NamespaceAnswer> again;

    public NamespaceMaster(ClientContext context, string name)
    {
        this.context = context;
        Grain = context.Grains.GetGrain<INamespaceGrain>(name, null);
        var route = new MasterRoute(context.Grains, name, context.Time);
        var limits = new GatherLimits(MostCalls, MostRequests, context.Options.AttemptTimeout / 2);
        lookups = new(route.AskAsync, limits, context.Turn, context.Time);
        commands = new(route.AskAsync, limits, context.Turn, context.Time);
        again = new(route.AskAsync, limits, context.Turn, context.Time);
    }

    /// <summary>For what is asked alone.</summary>
    public INamespaceGrain Grain { get; }

    /// <summary>What a path leads to, or null.</summary>
    public async Task<Entry?> LookupAsync(GofsPath path, bool followLast, CancellationToken cancellation) =>
        (await AskAsync(lookups, lookups, path, new Lookup(path, followLast), cancellation)).Entry;

    /// <summary>A command on a name; all its tries carry its op-id.</summary>
    public Task<NamespaceAnswer> DoAsync(GofsPath path, INamespaceRequest command, CancellationToken cancellation) =>
        AskAsync(commands, again, path, command, cancellation);

    /// <summary>A command that answers what is there then.</summary>
    public async Task<Entry> MakeAsync(GofsPath path, INamespaceRequest command, CancellationToken cancellation) =>
        (await DoAsync(path, command, cancellation)).Entry ?? throw new GofsException(GofsError.Internal, "it was made and is not there", path.ToString());

    private Task<NamespaceAnswer> AskAsync(
        GatheredCalls<INamespaceRequest, NamespaceAnswer> first, GatheredCalls<INamespaceRequest, NamespaceAnswer> then, GofsPath path,
        INamespaceRequest request, CancellationToken cancellation) => context.Retry.RunAsync(
            path, (first, then, request),
            static async (at, _) => (await (AskedAgain.Current ? at.then : at.first).AskAsync(at.request)).OrThrow(), cancellation);
}
