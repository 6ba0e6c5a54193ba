using Gofs.Grains.Namespaces;
using Gofs.Namespaces;
using Xunit;

namespace Gofs.Tests.Conformance;

/// <summary>Dumps and loads, Snapshots, and the EditLog as a person reads it.</summary>
public abstract class DumpConformance(IServedSystem system) : ConformanceTests(system)
{
    [Fact]
    public async Task Dump_LoadedWithItsNamesOnly_HasTheTreeAndNoBytes()
    {
        var files = await FilledAsync();
        var (dump, counts) = await DumpAsync(files);
        Assert.Equal((2L, 2L, 1L, 1L), (counts.Files, counts.Directories, counts.Symlinks, counts.TrashItems));
        List<long> told = [];
        var copy = NewName();
        var loaded = await Client.LoadNamespaceAsync(new MemoryStream(dump), copy, namesOnly: true, new Telling(told), Cancellation);
        Assert.Equal((copy, 2L), (loaded.Namespace.Name, loaded.FilesWithoutBytes));
        Assert.Equal(dump.Length, told[^1]);
        var there = Client.Namespace(copy);
        Assert.Equal(["d", "l"], await NamesAsync(there, "/"));
        var file = await there.StatAsync(At("/l"), cancellation: Cancellation);
        Assert.Equal((0L, 0x124, 55), (file.LengthBytes, file.Mode, file.ModifiedAt));
        Assert.Equal((byte[])[7], await there.GetExtendedAttributeAsync(At("/d"), "user.x", Cancellation));
        await PutAsync(there, "/d/f", 9);
        await HasAsync(there, "/l", 9);
    }

    [Fact]
    public async Task Dump_IsNotLoaded_WhereItWouldTakeAnothersNameOrNumber()
    {
        var files = await FilledAsync();
        var (dump, _) = await DumpAsync(files);
        await RefusedLoadAsync(GofsError.NamespaceExists, dump, files.Name);
        var twin = NewName();
        await RefusedLoadAsync(GofsError.NotPermitted, dump, twin);
        await Client.RemoveNamespaceAsync(files.Name, force: true, Cancellation);
        await RefusedLoadAsync(GofsError.NotPermitted, dump, null);
        Assert.DoesNotContain(await Client.ListNamespacesAsync(Cancellation), one => one.Name == twin || one.Name == files.Name);
    }

    [Fact]
    public async Task Dump_CutOff_OrAltered_OrNone_LeavesNothing()
    {
        var files = await FilledAsync();
        var (dump, _) = await DumpAsync(files);
        var copy = NewName();
        await RefusedLoadAsync(GofsError.EditLogCorrupt, dump[..^20], copy, namesOnly: true);
        var altered = dump.ToArray();
        altered[dump.Length / 2] ^= 1;
        await RefusedLoadAsync(GofsError.EditLogCorrupt, altered, copy, namesOnly: true);
        await RefusedLoadAsync(GofsError.EditLogCorrupt, Utf8("no dump\n"), null);
        Assert.DoesNotContain(await Client.ListNamespacesAsync(Cancellation), one => one.Name == copy);
    }

    [Fact]
    public async Task Snapshot_CoversTheEditLog_AndChangesNothing()
    {
        var files = await FilledAsync();
        var before = (await DumpAsync(files)).Counts;
        var at = (await files.GetStatusAsync(Cancellation)).EditLogNumber;
        Told told = new();
        var number = await files.SnapshotAsync(Cancellation);
        Assert.True(number >= at, $"the Snapshot is of {number}, before {at}");
        await files.CreateDirectoryAsync(At("/after"), cancellation: Cancellation);
        await UntilAsync(async () => (await files.GetStatusAsync(Cancellation)).SnapshotNumber >= number, "the status has the Snapshot");
        var status = await files.GetStatusAsync(Cancellation);
        Assert.True(status.EditLogNumber > number && status.SnapshotAt is not null);
        var after = await files.DumpAsync(Stream.Null, told, Cancellation);
        Assert.Equal(before with { Inodes = before.Inodes + 1, Directories = before.Directories + 1 }, after);
        Assert.Equal(after, told.Last);
        Assert.Equal(["after", "d", "l"], await NamesAsync(files, "/"));
    }

    [Fact]
    public async Task EditLog_IsRead_FromANumberOn_OrItsEnd()
    {
        var files = await NamespaceAsync();
        for (var number = 0; number < 20; number++) await files.CreateDirectoryAsync(At($"/d{number}"), cancellation: Cancellation);
        var all = await files.ReadEditLogAsync(1, 1000, Cancellation);
        Assert.Equal(Enumerable.Range(1, all.Length).Select(number => (long)number), all.Select(line => line.Number));
        Assert.Equal(20, all.Count(line => line.Kind == nameof(DirectoriesMade)));
        Assert.All(all, line => Assert.DoesNotContain('\n', line.Text));
        Assert.Equal(all[4..9], await files.ReadEditLogAsync(5, 5, Cancellation));
        Assert.Equal(all[^3..], await files.ReadEditLogAsync(0, 3, Cancellation));
    }

    private static async Task<(byte[] Dump, DumpCounts Counts)> DumpAsync(GofsNamespace files)
    {
        using var dump = new MemoryStream();
        var counts = await files.DumpAsync(dump, cancellation: Cancellation);
        return (dump.ToArray(), counts);
    }

    private async Task RefusedLoadAsync(GofsError error, byte[] dump, string? name, bool namesOnly = false)
    {
        var refused = await Assert.ThrowsAsync<GofsException>(
            () => Client.LoadNamespaceAsync(new MemoryStream(dump), name, namesOnly, cancellation: Cancellation));
        Assert.True(refused.Error == error, $"{refused.Error} instead of {error}: {refused.Message}");
    }

    private async Task<GofsNamespace> FilledAsync()
    {
        var files = await NamespaceAsync();
        await files.CreateDirectoryAsync(At("/d"), cancellation: Cancellation);
        await files.SetExtendedAttributeAsync(At("/d"), "user.x", [7], Cancellation);
        await files.PutAsync(At("/d/f"), new MemoryStream(Bytes(100_000, seed: 1)), new Ownership(0x124, 0, 0), 55, cancellation: Cancellation);
        await files.CreateSymlinkAsync(At("/l"), Utf8("d/f"), cancellation: Cancellation);
        await PutAsync(files, "/gone", 1);
        await files.RemoveAsync(At("/gone"), cancellation: Cancellation);
        return files;
    }

    private sealed class Telling(List<long> told) : IProgress<long>
    {
        public void Report(long value) => told.Add(value);
    }

    private sealed class Told : IProgress<DumpCounts>
    {
        public DumpCounts Last { get; private set; }

        public void Report(DumpCounts value) => Last = value;
    }
}

[Collection<EmbeddedCollection>]
public sealed class EmbeddedDumpTests(EmbeddedSystem system) : DumpConformance(system);

[Collection<ClusterCollection>]
public sealed class ClusterDumpTests(ClusterSystem system) : DumpConformance(system);
