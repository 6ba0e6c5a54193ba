using Gofs.Internal;
using Gofs.Namespaces;

namespace Gofs.Grains.Namespaces;

/// <summary>
/// Lookups and commands on names, alone or several together. Each is decided and applied in one synchronous stretch; what it answers goes out
/// when all it saw is durable, a refusal too: what refused it may still be lost.
/// </summary>
internal sealed partial class NamespaceGrain
{
    /// <inheritdoc/>
    public async Task<NamespaceAnswer[]> AskAsync(INamespaceRequest[] requests, CancellationToken cancellation)
    {
        if (requests.Length is 0 or > INamespaceGrain.MaxRequests)
            throw new GofsException(GofsError.InvalidArgument, $"1 to {INamespaceGrain.MaxRequests} requests go together, not {requests.Length}");
        var answers = Array.ConvertAll(requests, Take);
        await DurableAsync(cancellation);
        return answers;
    }

    /// <inheritdoc/>
    public async Task<Entry?> LookupAsync(GofsPath path, bool followLast, CancellationToken cancellation) =>
        (await OneAsync(new Lookup(path, followLast), cancellation)).Entry;

    /// <inheritdoc/>
    public async Task<OpenedFile> OpenForWritingAsync(OpenForWriting command, CancellationToken cancellation) =>
        (await OneAsync(command, cancellation)).Opened!;

    /// <inheritdoc/>
    public async Task<Entry> PutFileAsync(PutFile command, CancellationToken cancellation) => (await OneAsync(command, cancellation)).Entry!;

    /// <inheritdoc/>
    public async Task<Entry> MakeDirectoryAsync(MakeDirectory command, CancellationToken cancellation) =>
        (await OneAsync(command, cancellation)).Entry!;

    /// <inheritdoc/>
    public async Task<Entry> MakeSymlinkAsync(MakeSymlink command, CancellationToken cancellation) => (await OneAsync(command, cancellation)).Entry!;

    /// <inheritdoc/>
    public Task RenameAsync(Rename command, CancellationToken cancellation) => OneAsync(command, cancellation);

    /// <inheritdoc/>
    public Task RemoveAsync(Remove command, CancellationToken cancellation) => OneAsync(command, cancellation);

    /// <inheritdoc/>
    public async Task<Entry> SetAttributesAsync(SetAttributes command, CancellationToken cancellation) =>
        (await OneAsync(command, cancellation)).Entry!;

    /// <inheritdoc/>
    public Task SetExtendedAttributeAsync(SetExtendedAttribute command, CancellationToken cancellation) => OneAsync(command, cancellation);

    private async Task<NamespaceAnswer> OneAsync(INamespaceRequest request, CancellationToken cancellation)
    {
        var answer = Take(request);
        await DurableAsync(cancellation);
        return answer.OrThrow();
    }

    private NamespaceAnswer Take(INamespaceRequest request)
    {
        var kind = KindOf(request);
        figures!.Count(kind);
        try
        {
            return request switch
            {
                Lookup lookup => new(NamespaceQueries.Find(State, lookup.Path, lookup.FollowLast), null, null),
                OpenForWriting open => Opened(open),
                PutFile put => EntryOrGone(
                    Do(put.OpId, () => OpenFileDecisions.Put(State, put, reservations, Now)), put.Path),
                MakeDirectory make => EntryOrGone(
                    Do(make.OpId, () => TreeDecisions.Make(State, make, Now), () => PathResolution.RequireDirectory(State, make.Path)), make.Path),
                MakeSymlink make => EntryOrGone(Do(make.OpId, () => TreeDecisions.Make(State, make, Now)), make.Path),
                Rename move => Done(Do(move.OpId, () => TreeDecisions.Move(State, move, Now))),
                Remove remove => Done(Do(remove.OpId, () => TreeDecisions.Remove(State, remove, Now))),
                SetAttributes set => EntryOrGone(Do(set.OpId, () => TreeDecisions.Set(State, set)), set.Path),
                SetExtendedAttribute set => Done(Do(set.OpId, () => TreeDecisions.Set(State, set))),
                _ => throw new GofsException(GofsError.InvalidArgument, $"a {request.GetType().Name} is nothing a namespace is asked for"),
            };
        }
        catch (GofsException refused)
        {
            figures!.CountRefused(kind);
            return NamespaceAnswer.Refused(refused);
        }
    }

    private static NamespaceOperation KindOf(INamespaceRequest request) => request switch
    {
        OpenForWriting => NamespaceOperation.Open,
        PutFile => NamespaceOperation.Put,
        MakeDirectory => NamespaceOperation.MakeDirectory,
        MakeSymlink => NamespaceOperation.MakeSymlink,
        Rename => NamespaceOperation.Rename,
        Remove => NamespaceOperation.Remove,
        SetAttributes or SetExtendedAttribute => NamespaceOperation.SetAttributes,
        _ => NamespaceOperation.Lookup,
    };

    // What a command answers: its result when it is known already, else what its event left, or where there was nothing to do what is there. That nothing
    // was done is a result to remember when an earlier asking of the command may still arrive.
    private long Do(OpId opId, Func<NamespaceEvent?> decide, Func<long>? otherwise = null)
    {
        if (State.Results.TryGet(opId, out var result)) return OpResults.OrThrow(result);
        NamespaceEvent? happened;
        try
        {
            happened = decide();
            if (happened is null)
            {
                result = otherwise?.Invoke() ?? 0;
                if (AskedAgain.Current) happened = new NothingDone(opId, result);
            }
        }
        catch (GofsException refused) when (AskedAgain.Current && !Failures.IsTransient(refused.Error))
        {
            Raise(new NothingDone(opId, OpResults.Of(refused.Error)));
            throw;
        }

        if (happened is null) return result;
        Raise(happened);
        State.Results.TryGet(opId, out result);
        return result;
    }

    private Task<long> DoAsync(OpId opId, Func<NamespaceEvent?> decide, CancellationToken cancellation) =>
        AnswerAsync(() => Do(opId, decide), cancellation);

    private NamespaceAnswer Opened(OpenForWriting command)
    {
        var opened = OpenResult.Of(Do(command.OpId, () => OpenFileDecisions.Open(State, command, Now)));
        var entry = EntryOrGone(opened.Inode, command.Path).Entry!;
        return new(null, new(entry, opened.Created, State.Number, State.Config)
        {
            WasOpen = opened.WasOpen,
            OpenedAt = State.Open.GetValueOrDefault(opened.Inode),
            IsPrepared = OpenFileDecisions.IsPrepared(State, opened.Inode),
        }, null);
    }

    private NamespaceAnswer EntryOrGone(long inode, GofsPath path) =>
        State.Tree.Has(inode)
            ? new(NamespaceQueries.EntryOf(State, inode), null, null)
            : throw new GofsException(GofsError.NotFound, "it was removed meanwhile", path.ToString());

    private static NamespaceAnswer Done(long _) => default;
}
