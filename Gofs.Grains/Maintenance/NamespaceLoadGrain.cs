using Gofs.Cluster;
using Gofs.Grains.Control;
using Gofs.Grains.EditLogs;
using Gofs.Namespaces;
using Orleans;

namespace Gofs.Grains.Maintenance;

/// <summary>
/// The load of a dump into a namespace that is not there yet. The protocol: the cluster keeps the name and the number, what a former load left
/// under that number is deleted, the dump's lines become records (<see cref="NamespaceLoad"/>), and only when its last line has been checked
/// does the cluster put the namespace on its list.
/// <para>
/// Who dies. The client: nobody sees anything; the name stays kept until it is loaded again or removed. This grain or its silo: the same, and the
/// client is told to begin again. The cluster grain: it has saved that the name is kept, or that the namespace is there. A dump
/// that is refused is given up at once: the name is free, its streams are deleted.
/// </para>
/// </summary>
internal sealed class NamespaceLoadGrain(EditLogServices services, TimeProvider time) : Grain, INamespaceLoadGrain
{
    private const int MostPartBytes = 1 << 20;
    private Session? session;

    private IClusterControlGrain Cluster => GrainFactory.GetGrain<IClusterControlGrain>(0);

    /// <inheritdoc/>
    public async Task<LoadedNamespace?> LoadAsync(LoadPart part, CancellationToken cancellation)
    {
        if (part.Bytes.Length > MostPartBytes) throw new GofsException(GofsError.InvalidArgument, $"a part has at most {MostPartBytes} bytes");
        if (part.Sequence == 0 && session?.Id != part.LoadId) session = new(part.LoadId, part.NamesOnly);
        if (session?.Id == part.LoadId && part.Sequence == session.Next - 1) return session.LastAnswer;
        if (session?.Id != part.LoadId || part.Sequence != session.Next)
            throw new GofsException(GofsError.InvalidArgument, "this load is not under way (any more): load the dump again", this.GetPrimaryKeyString());
        var current = session;
        try
        {
            current.LastAnswer = await TakeAsync(current, part, cancellation);
            current.Next++;
            return current.LastAnswer;
        }
        catch
        {
            session = null;
            if (current.Info is { } begun) await Cluster.EndLoadAsync(begun.Name, begun.Number, done: false, CancellationToken.None);
            throw;
        }
    }

    private async Task<LoadedNamespace?> TakeAsync(Session current, LoadPart part, CancellationToken cancellation)
    {
        foreach (var line in current.Parser.Add(part.Bytes))
        {
            if (line is DumpLine.Header header) await BeginAsync(current, header, cancellation);
            else current.Load!.Add(line);
        }

        if (current.Load is not null) await current.Load.FlushAsync();
        if (!part.IsLast) return null;
        current.Parser.RequireEnd();
        await current.Load!.FinishAsync();
        var info = current.Info!;
        await Cluster.EndLoadAsync(info.Name, info.Number, done: true, cancellation);
        var counts = current.Load.Counts;
        var loaded = new LoadedNamespace(info, current.NamesOnly ? counts with { LengthBytes = 0 } : counts, current.Load.FilesWithoutBytes);
        current.Load = null;
        return loaded;
    }

    private async Task BeginAsync(Session current, DumpLine.Header header, CancellationToken cancellation)
    {
        if (header.Number == 0) throw new GofsException(GofsError.EditLogCorrupt, "the dump's namespace has no number");
        var name = this.GetPrimaryKeyString();
        current.Info = await Cluster.BeginLoadAsync(name, current.NamesOnly ? 0 : header.Number, header.Config, cancellation);
        await services.DeleteStreamsOfNamespaceAsync(current.Info.Number, cancellation);
        var now = (time.GetUtcNow() - DateTimeOffset.UnixEpoch).Ticks * 100;
        current.Load = new(services, name, current.Info.Number, header, current.NamesOnly, now);
    }

    private sealed class Session(OpId id, bool namesOnly)
    {
        public OpId Id => id;

        public bool NamesOnly => namesOnly;

        public DumpParser Parser { get; } = new();

        public NamespaceInfo? Info { get; set; }

        public NamespaceLoad? Load { get; set; }

        public long Next { get; set; }

        public LoadedNamespace? LastAnswer { get; set; }
    }
}
