using System.Text;
using CsCheck;
using Gofs.Chunks;
using Gofs.Files;
using Gofs.Grains.Chunks;
using Gofs.Grains.EditLogs;
using Gofs.Grains.Files;
using Gofs.Grains.Maintenance;
using Gofs.Grains.Namespaces;
using Gofs.Namespaces;
using Gofs.Tests.EditLogs;
using Gofs.Tests.Namespaces;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;

namespace Gofs.Tests.Maintenance;

/// <summary>A namespace goes through a dump and a real store and is what it was; a dump that is not whole is refused.</summary>
public sealed class DumpTests
{
    private const int Number = 7;
    private static readonly Gen<byte[]> Name = Gen.Byte.Select(one => one is 0 or (byte)'/' or (byte)'.' ? (byte)'x' : one).Array[1, 12];
    private static readonly Gen<(int Kind, int At, byte[] Name)[]> Steps = Gen.Select(Gen.Int[0, 7], Gen.Int[0, 1000], Name).Array[0, 40];

    [Fact]
    public async Task Dump_Loaded_IsWhatWasDumped()
    {
        using var folder = new TempFolder();
        using var services = EditLogServices.Open(
            new() { Path = folder.File("editlog.db") }, EventSerializers.Services, TimeProvider.System, NullLoggerFactory.Instance);
        await Steps.SampleAsync(async steps =>
        {
            var made = new SampleTree(steps);
            var (bytes, counts) = made.Dump();
            await services.DeleteStreamsOfNamespaceAsync(Number, CancellationToken.None);
            var load = await LoadAsync(services, bytes);
            Assert.Equal(counts, load.Counts);

            var again = new NamespaceDump(services, Number, DateTimeOffset.UnixEpoch);
            Assert.Equal(Body(bytes), Body(PagesOf(again)));
            var head = services.Store.Find(StreamId.OfNamespace(Number))!.Value;
            var state = EditLogLoader.Load<NamespaceState, NamespaceEvent>(
                services.Store, StreamId.OfNamespace(Number), head, head.Number, services.SerializerOf<NamespaceEvent>(), static () => { });
            Assert.Equal(NamespaceStates.Describe(made.State), NamespaceStates.Describe(state));
        }, iter: 60, threads: 1);
    }

    [Fact]
    public async Task DumpOfClones_Loaded_KnowsWhoSharesEachChunk()
    {
        using var folder = new TempFolder();
        using var services = EditLogServices.Open(
            new() { Path = folder.File("editlog.db") }, EventSerializers.Services, TimeProvider.System, NullLoggerFactory.Instance);
        var state = NamespaceStates.Empty(out _);
        ChunkHandle[] chunks = [.. Enumerable.Range(1, 3).Select(counter => ChunkHandle.Create(Number, counter % 2, counter))];
        state.Apply(new FilePut(default, 1, "w"u8.ToArray(), 2, NamespaceStates.Owner, chunks[0], 1 << 16, 5, 1, 0, 1));
        state.Apply(new FileCreated(default, 1, "s"u8.ToArray(), 3, NamespaceStates.Owner, Atomic: false, 1));
        var file = new FileState();
        file.Apply(new LengthCommitted(default, 1 << 16, (1 << 16) + 1, [new(0, chunks[1]), new(1, chunks[2])], 1, Closed: true));
        state.Apply(new LengthFlushed(3, file.LengthBytes, 1, Closed: true, 0, 1));
        state.Apply(new TreeCloned(default, 2, 1, "v"u8.ToArray(), 4, 2));
        state.Apply(new TreeCloned(default, 3, 1, "t"u8.ToArray(), 5, 2));
        var text = new DumpText();
        var header = new DumpLine.Header(state.Name, Number, 5, DateTimeOffset.UnixEpoch, state.LastInode, state.LastTrashId, new long[8], state.Config);
        _ = new DumpTree(state, inode => inode == 3 ? file : null, _ => new(ChunkVersion.First, 1), _ => false, text).Write(header).Count();
        await LoadAsync(services, text.TakePage());
        Assert.Equal([[2L, 4], [3, 5], [3, 5]], chunks.Select(chunk => TableOf(services, chunk).ReferrersOf(chunk).Order().ToArray()));
    }

    [Fact]
    public async Task DumpOfClonesWithOtherGoals_Loaded_KnowsEachsOwn()
    {
        using var folder = new TempFolder();
        using var services = EditLogServices.Open(
            new() { Path = folder.File("editlog.db") }, EventSerializers.Services, TimeProvider.System, NullLoggerFactory.Instance);
        var state = NamespaceStates.Empty(out _);
        ChunkHandle[] chunks = [ChunkHandle.Create(Number, 0, 1), ChunkHandle.Create(Number, 1, 2)];
        state.Apply(new FilePut(default, 1, "w"u8.ToArray(), 2, NamespaceStates.Owner, chunks[0], 1 << 16, 5, 1, 0, 1));
        state.Apply(new FilePut(default, 1, "u"u8.ToArray(), 3, NamespaceStates.Owner, chunks[1], 1 << 16, 5, 1, 0, 1));
        state.Apply(new TreeCloned(default, 2, 1, "v"u8.ToArray(), 4, 2));
        state.Apply(new GoalsSet(default, 3, [2]));
        // Nobody was told of this one when it was dumped.
        state.Apply(new GoalsSet(default, 2, [3]));
        var text = new DumpText();
        var header = new DumpLine.Header(state.Name, Number, 5, DateTimeOffset.UnixEpoch, state.LastInode, state.LastTrashId, new long[8], state.Config);
        _ = new DumpTree(state, _ => null, chunk => new(ChunkVersion.First, chunk == chunks[0] ? (byte)3 : (byte)1), _ => false, text).Write(header).Count();
        await LoadAsync(services, text.TakePage());
        Assert.Equal((3, 1), (TableOf(services, chunks[0]).GoalOf(chunks[0], 2), TableOf(services, chunks[0]).GoalOf(chunks[0], 4)));
        Assert.Equal(2, TableOf(services, chunks[1]).GoalOf(chunks[1], 3));
    }

    [Theory]
    [InlineData(0, false), InlineData(1, true), InlineData(2, true), InlineData(3, true), InlineData(4, false)]
    public void DumpOfAnotherVersion_IsRefused_AnOlderOneIsRead(int version, bool isRead)
    {
        var header = Encoding.UTF8.GetString(new SampleTree([]).Dump().Bytes).Split('\n')[0];
        var other = header.Replace("\"version\":3", $"\"version\":{version}", StringComparison.Ordinal);
        Assert.Equal(isRead ? null : GofsError.EditLogCorrupt, RefusalOfLine(other + "\n"));
    }

    [Fact]
    public void CutOffDump_IsRefused() => Gen.Select(Steps, Gen.Double.Unit).Sample((steps, where) =>
    {
        var (bytes, _) = new SampleTree(steps).Dump();
        Assert.Equal(GofsError.EditLogCorrupt, RefusalOf(bytes[..(int)(where * bytes.Length)]));
    }, iter: 200);

    [Fact]
    public void AlteredDump_IsRefused() => Gen.Select(Steps, Gen.Double.Unit, Gen.Int[1, 255]).Sample((steps, where, bits) =>
    {
        var (bytes, _) = new SampleTree(steps).Dump();
        bytes[(int)(where * bytes.Length)] ^= (byte)bits;
        Assert.Equal(GofsError.EditLogCorrupt, RefusalOf(bytes));
    }, iter: 500);

    [Fact]
    public void AnyBytes_ComeBackFromTheirText() =>
        Gen.Byte.Array.Sample(bytes => Assert.Equal(bytes, PercentText.Decode(PercentText.Encode(bytes))));

    private static ChunkTableState TableOf(EditLogServices services, ChunkHandle chunk) =>
        StreamStates.Load<ChunkTableState, ChunkTableEvent>(services, StreamId.OfChunkTable(Number, chunk.Shard))!.Value.State;

    private static GofsError? RefusalOfLine(string line)
    {
        try
        {
            Assert.Single(new DumpParser().Add(Encoding.UTF8.GetBytes(line)));
            return null;
        }
        catch (GofsException refused)
        {
            return refused.Error;
        }
    }

    private static GofsError? RefusalOf(byte[] dump)
    {
        var parser = new DumpParser();
        try
        {
            foreach (var part in dump.Chunk(1000)) _ = parser.Add(part).Count();
            parser.RequireEnd();
            return null;
        }
        catch (GofsException refused)
        {
            return refused.Error;
        }
    }

    private static async Task<NamespaceLoad> LoadAsync(EditLogServices services, byte[] dump)
    {
        var parser = new DumpParser();
        NamespaceLoad? load = null;
        foreach (var part in dump.Chunk(1777))
        {
            foreach (var line in parser.Add(part))
            {
                if (line is DumpLine.Header header) load = new(services, header.Name, header.Number, header, namesOnly: false, now: 1);
                else load!.Add(line);
            }

            if (load is not null) await load.FlushAsync();
        }

        parser.RequireEnd();
        await load!.FinishAsync();
        return load;
    }

    private static byte[] PagesOf(NamespaceDump dump)
    {
        using var all = new MemoryStream();
        for (var isLast = false; !isLast;)
        {
            var page = dump.Next();
            all.Write(page.Bytes);
            isLast = page.IsLast;
        }

        return all.ToArray();
    }

    // Without the header, which has the EditLog's number and the time, and the CRC, which has the header in it.
    private static string Body(byte[] dump) => string.Join('\n', Encoding.UTF8.GetString(dump).Split('\n')[1..^2]);

    /// <summary>A namespace made by random events, with its files' states and chunk rows.</summary>
    private sealed class SampleTree
    {
        private readonly Dictionary<long, FileState> files = [];
        private readonly Dictionary<ChunkHandle, long> owners = [];
        private readonly List<long> directories = [1];
        private long counter;

        public SampleTree((int Kind, int At, byte[] Name)[] steps)
        {
            State = NamespaceStates.Empty(out _);
            var now = 100L;
            foreach (var (kind, at, name) in steps) Do(kind, at, name, now++);
            State.Apply(new OnlyChunksConfirmed([.. State.ToConfirm.Keys]));
            State.Apply(new InodesGivenUp(int.MaxValue));
            State.Apply(new OnlyReferencesReleased([.. State.ToRelease]));
            State.Apply(new FilesReleased([.. State.Releasing]));
            State.Apply(new GoalsTold([.. State.GoalsToTell.Select(inode => new ToldGoal(inode, State.Tree[inode].Goal))]));
        }

        public NamespaceState State { get; }

        public (byte[] Bytes, DumpCounts Counts) Dump()
        {
            var text = new DumpText();
            var header = new DumpLine.Header(State.Name, State.Number, 5, DateTimeOffset.UnixEpoch, State.LastInode, State.LastTrashId,
                new long[State.Config.ChunkTableShards], State.Config);
            _ = new DumpTree(State, inode => files.GetValueOrDefault(inode), RowOf, _ => false, text).Write(header).Count();
            return (text.TakePage(), text.Counts);
        }

        private ChunkRow RowOf(ChunkHandle handle) => new(new((int)(handle.Counter % 3) + 1), State.Tree[owners[handle]].Goal);

        private void Do(int kind, int at, byte[] name, long now)
        {
            var parent = directories[at % directories.Count];
            var inode = State.LastInode + 1;
            var there = State.Tree.Has(parent) ? State.Tree.Find(parent, name) : 1;
            var op = new OpId(new Guid((int)now, 0, 0, new byte[8]));
            if (kind == 5)
            {
                State.Apply(new ExtendedAttributeSet(op, parent, $"user.{at}", name));
                return;
            }

            if (kind == 7 && there != 0 && State.Tree[there].Type != EntryType.Symlink)
            {
                State.Apply(new GoalsSet(op, 1 + (at % 9), [there]));
                return;
            }

            if (there != 0 || kind == 7) return;
            var owner = NamespaceStates.Owner with { Owner = (uint)at };
            if (kind is 0 or 1) MakeDirectory(new(op, parent, [name], inode, owner, now));
            else if (kind == 2 && at % 5 == 0) State.Apply(new FilePut(op, parent, name, inode, owner, default, 0, 0, now, 0, now));
            else if (kind == 2) State.Apply(new FilePut(op, parent, name, inode, owner, NextHandle(inode), 1 << 16, at, now, 0, now));
            else if (kind == 3) State.Apply(new SymlinkMade(op, parent, name, inode, [.. name, (byte)'/'], owner, now, now));
            else if (kind == 4) MakeFile(op, parent, name, inode, owner, at, now);
            else if (parent != 1 && State.Tree.ParentOf(parent) is > 0 and var above)
                State.Apply(new Removed(op, above, State.Tree.NameOf(parent).ToArray(), State.LastTrashId + 1, now));
        }

        private void MakeDirectory(DirectoriesMade made)
        {
            State.Apply(made);
            directories.Add(made.FirstInode);
        }

        private void MakeFile(OpId op, long parent, byte[] name, long inode, Ownership owner, int at, long now)
        {
            State.Apply(new FileCreated(op, parent, name, inode, owner, Atomic: false, now));
            var count = at % 7 == 0 ? 2500 : at % 4;
            var chunks = Enumerable.Range(0, count).Where(index => (index + at) % 5 != 0).Select(index => new FileChunk(index, NextHandle(inode))).ToArray();
            var file = new FileState();
            file.Apply(new LengthCommitted(default, 1 << 16, ((long)count << 16) + 1, chunks, now, Closed: true));
            files[inode] = file;
            State.Apply(new LengthFlushed(inode, file.LengthBytes, now, Closed: true, 0, now));
        }

        private ChunkHandle NextHandle(long inode)
        {
            var handle = ChunkHandle.Create(Number, (int)(++counter % 8), counter);
            owners[handle] = inode;
            return handle;
        }
    }
}
