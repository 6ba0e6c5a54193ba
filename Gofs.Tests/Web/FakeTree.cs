using Gofs.Chunks;
using Gofs.ChunkServers;
using Gofs.Files;
using Gofs.Namespaces;
using Gofs.Web.Browse;

namespace Gofs.Tests.Web;

/// <summary>A small tree, and what was done to it.</summary>
internal sealed class FakeTree : ITree
{
    private readonly SortedDictionary<string, Entry> entries = new(StringComparer.Ordinal) { ["/"] = Of("", EntryType.Directory, 0) };
    private long inodes = 1;

    public List<string> Done { get; } = [];

    /// <summary>What the next call is refused with.</summary>
    public GofsException? Refusal { get; set; }

    /// <summary>Calls wait for this when it is there.</summary>
    public TaskCompletionSource? Gate { get; set; }

    public FileLeases Leases { get; set; } = new([], 0, IsAppend: false, []);

    public byte[] Content { get; set; } = "the beginning"u8.ToArray();

    public FakeTree Add(string path, EntryType type = EntryType.File, long length = 0, bool isOpen = false)
    {
        var at = GofsPath.Parse(path);
        entries[path] = Of(at.NameText, type, length) with { Inode = new(++inodes), IsOpenForWriting = isOpen };
        var parent = at.Parent.ToString();
        entries[parent] = entries[parent] with { Entries = entries[parent].Entries + 1 };
        return this;
    }

    public async Task<Entry> StatAsync(string space, GofsPath path, CancellationToken cancellation)
    {
        if (Gate is not null) await Gate.Task;
        Refuse();
        return entries.GetValueOrDefault(path.ToString()) ?? throw new GofsException(GofsError.NotFound, "there is no such file or directory", path.ToString());
    }

    public Task<ListPage> ListAsync(string space, GofsPath directory, byte[]? after, int limit, CancellationToken cancellation)
    {
        Entry[] below = [.. entries.Where(one => one.Key != "/" && GofsPath.Parse(one.Key).Parent == directory).Select(one => one.Value)];
        return Task.FromResult(new ListPage(below, false));
    }

    public Task<TreeCount> CountAsync(string space, GofsPath path, CancellationToken cancellation) => Task.FromResult(new TreeCount(3, 1, 0, 4096));

    public Task<FileLayout> LayoutAsync(string space, GofsPath path, int firstIndex, int count, CancellationToken cancellation)
    {
        var chunk = new ChunkPlacement(0, new ChunkHandle(7), new ChunkVersion(3), [new ServerId("silo-9")]);
        return Task.FromResult(new FileLayout(entries[path.ToString()].LengthBytes, 64 << 20, [chunk]));
    }

    public Task<FileLeases> LeasesAsync(string space, InodeNumber inode, CancellationToken cancellation) => Task.FromResult(Leases);

    public Task<byte[]> BeginningAsync(string space, GofsPath path, int bytes, CancellationToken cancellation) => Task.FromResult(Content);

    public Task<string[]> ExtendedAttributesAsync(string space, GofsPath path, CancellationToken cancellation) => Task.FromResult<string[]>([]);

    public Task MakeDirectoryAsync(string space, GofsPath path, CancellationToken cancellation) =>
        DoAsync($"mkdir {path}", () => Add(path.ToString(), EntryType.Directory));

    public Task MoveAsync(string space, GofsPath from, GofsPath to, CancellationToken cancellation) => DoAsync($"move {from} {to}", () =>
    {
        entries.Remove(from.ToString());
        Add(to.ToString());
    });

    public Task CloneAsync(string space, GofsPath from, GofsPath to, CancellationToken cancellation) =>
        DoAsync($"clone {from} {to}", () => Add(to.ToString()));

    public Task SetGoalAsync(string space, GofsPath path, int goal, CancellationToken cancellation) => DoAsync(
        $"goal {path} {goal}", () => entries[path.ToString()] = entries[path.ToString()] with { Goal = goal });

    public Task RemoveAsync(string space, GofsPath path, CancellationToken cancellation) => DoAsync($"remove {path}", () => entries.Remove(path.ToString()));

    private static Entry Of(string name, EntryType type, long length) => new(
        new(1), type, 0x1A4, 0, 0, length, ModifiedAt: 1_780_000_000_000_000_000, Links: 1, System.Text.Encoding.UTF8.GetBytes(name), null, false, 0)
    {
        Goal = type == EntryType.File ? 2 : 0,
    };

    private Task DoAsync(string what, Action act)
    {
        Refuse();
        Done.Add(what);
        act();
        return Task.CompletedTask;
    }

    private void Refuse()
    {
        if (Refusal is not { } refusal) return;
        Refusal = null;
        throw refusal;
    }
}
