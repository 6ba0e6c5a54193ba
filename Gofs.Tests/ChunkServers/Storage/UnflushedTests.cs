using Xunit;

namespace Gofs.Tests.ChunkServers.Storage;

/// <summary>Chunks whose writers never ask for a flush: the files that are open for them are bounded.</summary>
public sealed class UnflushedTests
{
    private const int OpenFiles = 16;
    private const int ChunksWritten = 1000;

    // The journal's two, and what is being written.
    private const int Others = 8;
    private readonly SimulatedDisk disk = new();

    [Fact]
    public void NeverFlushed_ManyChunks_AreFlushedInTheEnd_AndFewStayOpen()
    {
        using var host = Host();
        for (var i = 1; i <= ChunksWritten; i++) host.Write(i, StoreHost.Bytes(100, i), durable: false);
        host.Settle();
        Assert.InRange(disk.MostOpenFiles, OpenFiles, (4 * OpenFiles) + Others);
        Assert.InRange(disk.OpenFiles, 1, OpenFiles + Others);
        for (var i = 1; i <= ChunksWritten; i++) Assert.Equal(StoreHost.Bytes(100, i), host.Read(i));
    }

    [Fact]
    public void NeverFlushed_Few_AreLeftToTheirWriters()
    {
        using var host = Host();
        for (var i = 1; i <= OpenFiles / 2; i++) host.Write(i, StoreHost.Bytes(100, i), durable: false);
        var before = disk.Operations;
        host.Settle();
        Assert.Equal(before, disk.Operations);
    }

    [Fact]
    public void NeverFlushed_AndDeleted_AreClosed()
    {
        using var host = Host();
        var open = disk.OpenFiles;
        for (var i = 1; i <= ChunksWritten; i++)
        {
            host.Write(i, StoreHost.Bytes(100, i), durable: false);
            if (i % OpenFiles == 0) host.Delete([.. Enumerable.Range(i - OpenFiles + 1, OpenFiles)]);
        }

        host.Settle();
        Assert.InRange(disk.OpenFiles, 1, open + OpenFiles);
    }

    [Fact]
    public void DiskThatBreaks_WhatCanNotBeFlushed_IsClosed()
    {
        var good = new SimulatedDisk("good");
        using var host = new StoreHost(
            new Dictionary<string, SimulatedDisk> { ["1"] = disk, ["2"] = good }, options => options with { OpenFiles = OpenFiles });
        for (var i = 1; i <= OpenFiles / 2; i++) host.Write(i, StoreHost.Bytes(100, i), durable: false);
        disk.IsBroken = true;
        for (var i = 1; i <= ChunksWritten; i++) Record.Exception(() => host.Write(100 + i, StoreHost.Bytes(100, i), durable: false));
        host.Settle();
        Assert.InRange(disk.OpenFiles, 0, Others);
        Assert.InRange(good.OpenFiles, 1, OpenFiles + Others);
    }

    private StoreHost Host() => new(disk, options => options with { OpenFiles = OpenFiles, PackUpToBytes = 0 });
}
