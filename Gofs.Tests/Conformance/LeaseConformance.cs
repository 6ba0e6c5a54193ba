using Gofs.Namespaces;
using Xunit;

namespace Gofs.Tests.Conformance;

/// <summary>Files that are open for writing: who has them, and what is left when they are taken away.</summary>
public abstract class LeaseConformance(IServedSystem system) : ConformanceTests(system)
{
    [Fact]
    public async Task OpenFile_IsListedWithItsHolder_UntilItIsClosed()
    {
        var files = await NamespaceAsync();
        await using (var file = await files.OpenAsync(At("/f"), FileMode.Create, FileAccess.Write, cancellation: Cancellation))
        {
            await file.WriteAsync(new byte[1000], Cancellation);
            await file.FlushAsync(Cancellation);
            var open = Assert.Single(await OpenAsync(files));
            Assert.Equal((file.Entry.Inode, At("/f"), true), (open.Inode, open.Path, open.IsNamed));
            var leases = await files.GetLeasesAsync(open.Inode, Cancellation);
            var lease = Assert.Single(leases.Leases);
            Assert.Equal((Options.User, Options.Host, 1, false), (lease.Holder.User, lease.Holder.Host, leases.Count, leases.IsAppend));
            Assert.InRange(lease.Left, TimeSpan.FromTicks(1), NamespaceConfig.Default.LeaseTime);
            Assert.Equal(0, Assert.Single(leases.Chunks).Index);
        }

        Assert.Empty(await OpenAsync(files));
    }

    [Fact]
    public async Task BrokenLease_WhatWasFlushedStays_AndTheWriterIsRefused()
    {
        var files = await NamespaceAsync();
        var file = await files.OpenAsync(At("/f"), FileMode.Create, FileAccess.Write, cancellation: Cancellation);
        await file.WriteAsync(new byte[] { 1, 2, 3 }, Cancellation);
        await file.FlushAsync(Cancellation);
        await file.WriteAsync(new byte[] { 4, 5, 6 }, Cancellation);
        await files.BreakLeaseAsync(file.Entry.Inode, Cancellation);
        Assert.Empty(await OpenAsync(files));
        Assert.Equal(GofsError.LeaseExpired, (await Assert.ThrowsAsync<GofsException>(() => file.FlushAsync(Cancellation))).Error);
        await file.DisposeAsync();
        await HasAsync(files, "/f", 1, 2, 3);
        await using (var next = await files.OpenAsync(At("/f"), FileMode.Open, FileAccess.Write, cancellation: Cancellation))
        {
            next.Position = 3;
            await next.WriteAsync(new byte[] { 7 }, Cancellation);
        }

        await HasAsync(files, "/f", 1, 2, 3, 7);
        Assert.Contains(await files.ListAuditAsync(10, Cancellation), act => (act.Act, act.Text) == ("lease break", "/f"));
    }

    [Fact]
    public async Task BrokenLeaseOfAppenders_ThoseThatLiveJoinAgain_AndNoRecordIsLost()
    {
        var files = await NamespaceAsync();
        await using var appender = await files.OpenAppenderAsync(At("/log"), cancellation: Cancellation);
        await appender.AppendAsync(new byte[] { 1 }, Cancellation);
        var open = Assert.Single(await OpenAsync(files));
        Assert.True((await files.GetLeasesAsync(open.Inode, Cancellation)) is { IsAppend: true, Count: 1 });
        await files.BreakLeaseAsync(open.Inode, Cancellation);
        await appender.AppendAsync(new byte[] { 2 }, Cancellation);
        Assert.Equal(2, (await RecordsAsync(files, "/log")).Count);
    }

    [Fact]
    public async Task LeaseOfAFileThatIsNotOpen_NothingHappens()
    {
        var files = await NamespaceAsync();
        await PutAsync(files, "/f", 1);
        await files.BreakLeaseAsync((await files.StatAsync(At("/f"), cancellation: Cancellation)).Inode, Cancellation);
        await HasAsync(files, "/f", 1);
        Assert.Empty(await files.ListAuditAsync(10, Cancellation));
    }

    private static async Task<List<byte[]>> RecordsAsync(GofsNamespace files, string path)
    {
        List<byte[]> records = [];
        using var reader = await files.OpenRecordReaderAsync(At(path), Cancellation);
        await foreach (var record in reader.ReadAllAsync(Cancellation)) records.Add(record.Data.ToArray());
        return records;
    }

    private static async Task<List<OpenFile>> OpenAsync(GofsNamespace files)
    {
        List<OpenFile> all = [];
        await foreach (var file in files.ListOpenFilesAsync(Cancellation)) all.Add(file);
        return all;
    }
}

[Collection<EmbeddedCollection>]
public sealed class EmbeddedLeaseTests(EmbeddedSystem system) : LeaseConformance(system);

[Collection<ClusterCollection>]
public sealed class ClusterLeaseTests(ClusterSystem system) : LeaseConformance(system);
