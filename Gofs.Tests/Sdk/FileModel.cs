using System.Globalization;
using Xunit;

namespace Gofs.Tests.Sdk;

/// <summary>
/// The same operations on a Gofs file and on a <see cref="FileStream"/>; after each both have the same bytes, length and position. Two
/// readers see what was flushed.
/// </summary>
internal sealed class FileModel(GofsNamespace files, GofsPath path, string localPath, int seed) : IAsyncDisposable
{
    private const int MostBytes = 400 << 10;
    private readonly Random random = new(seed);
    private readonly List<string> steps = [];
    private readonly List<GofsFile> readers = [];
    private readonly FileStream local = new(localPath, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.ReadWrite, bufferSize: 0);
    private GofsFile file = null!;
    private long flushedLength;

    public async Task RunAsync(int operations, CancellationToken cancellation)
    {
        try
        {
            await OpenAsync(cancellation);
            for (var i = 0; i < 2; i++) readers.Add(await files.OpenAsync(path, FileMode.Open, FileAccess.Read, cancellation: cancellation));
            for (var i = 0; i < operations; i++) await StepAsync(random.Next(14), cancellation);
            await ReopenAsync(cancellation);
            await CompareReadersAsync(cancellation);
        }
        catch (Exception failed)
        {
            throw new InvalidOperationException($"seed {seed}, last steps: {string.Join("; ", steps.TakeLast(12))}", failed);
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var reader in readers) await reader.DisposeAsync();
        if (file is not null) await file.DisposeAsync();
        await local.DisposeAsync();
    }

    private async Task StepAsync(int kind, CancellationToken cancellation)
    {
        switch (kind)
        {
            case <= 2: await WriteAsync(random.Next(MostBytes), cancellation); break;
            case 3: await WriteAsync(local.Length, cancellation); break;
            case 4: await WriteAsync(local.Position, cancellation); break;
            case <= 7: await ReadAsync(cancellation); break;
            case 8: await ReadAtAsync(cancellation); break;
            case 9: await SetLengthAsync(cancellation); break;
            case 10: await AppendAsync(cancellation); break;
            case 11: await ReopenAsync(cancellation); break;
            case 12: await FlushAsync(cancellation); break;
            default: await CheckFreshReaderAsync(cancellation); break;
        }

        Assert.Equal((local.Length, local.Position), (file.Length, file.Position));
    }

    private async Task OpenAsync(CancellationToken cancellation)
    {
        file = await files.OpenAsync(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, cancellation: cancellation);
        local.Position = 0;
    }

    private async Task WriteAsync(long offset, CancellationToken cancellation)
    {
        var bytes = Bytes();
        Note($"write {bytes.Length} at {offset}");
        Assert.Equal(local.Seek(offset, SeekOrigin.Begin), file.Seek(offset, SeekOrigin.Begin));
        await local.WriteAsync(bytes, cancellation);
        await file.WriteAsync(bytes, cancellation);
    }

    private async Task ReadAsync(CancellationToken cancellation)
    {
        var offset = random.Next((int)local.Length + 1000);
        var pieces = random.Next(1, 6);
        Note($"read {pieces} pieces from {offset}");
        file.Position = local.Position = offset;
        for (var i = 0; i < pieces; i++)
        {
            var (expected, actual) = (new byte[random.Next(1, 50_000)], new byte[50_000]);
            var count = await local.ReadAtLeastAsync(expected, expected.Length, throwOnEndOfStream: false, cancellation);
            Assert.Equal(count, await file.ReadAtLeastAsync(actual.AsMemory(0, expected.Length), expected.Length, throwOnEndOfStream: false, cancellation));
            Assert.True(expected.AsSpan(0, count).SequenceEqual(actual.AsSpan(0, count)), $"bytes at {offset}");
        }

        flushedLength = local.Length;
    }

    private async Task ReadAtAsync(CancellationToken cancellation)
    {
        var offset = random.Next((int)local.Length + 1000);
        Note($"read at {offset}");
        var (expected, actual) = (new byte[random.Next(1, 200_000)], new byte[200_000]);
        var count = RandomAccess.Read(local.SafeFileHandle, expected, offset);
        Assert.Equal(count, await file.ReadAtAsync(offset, actual.AsMemory(0, expected.Length), cancellation));
        Assert.True(expected.AsSpan(0, count).SequenceEqual(actual.AsSpan(0, count)), $"bytes at {offset}");
        flushedLength = local.Length;
    }

    private async Task SetLengthAsync(CancellationToken cancellation)
    {
        var length = random.Next(MostBytes);
        Note($"length {length}");
        var shrinks = length < local.Length;
        local.SetLength(length);
        await file.SetLengthAsync(length, cancellation);
        flushedLength = length;
        if (shrinks) await ReplaceReadersAsync(cancellation);
    }

    private async Task AppendAsync(CancellationToken cancellation)
    {
        var bytes = Bytes();
        Note($"append {bytes.Length}");
        await file.DisposeAsync();
        await using (var append = await files.OpenAsync(path, FileMode.Append, FileAccess.Write, cancellation: cancellation))
        {
            Assert.Equal(local.Length, append.Position);
            await append.WriteAsync(bytes, cancellation);
        }

        local.Seek(0, SeekOrigin.End);
        await local.WriteAsync(bytes, cancellation);
        await OpenAsync(cancellation);
        flushedLength = local.Length;
    }

    private async Task ReopenAsync(CancellationToken cancellation)
    {
        Note("close and open");
        await file.DisposeAsync();
        await OpenAsync(cancellation);
        flushedLength = local.Length;
        await CompareReadersAsync(cancellation);
    }

    private async Task FlushAsync(CancellationToken cancellation)
    {
        Note("flush");
        await file.FlushAsync(cancellation);
        flushedLength = local.Length;
        await CompareReadersAsync(cancellation);
    }

    private async Task CheckFreshReaderAsync(CancellationToken cancellation)
    {
        Note("open a reader");
        await using var reader = await files.OpenAsync(path, FileMode.Open, FileAccess.Read, cancellation: cancellation);
        Assert.Equal(flushedLength, reader.Length);
    }

    /// <summary>Readers that were opened long ago see everything that is flushed now.</summary>
    private async Task CompareReadersAsync(CancellationToken cancellation)
    {
        var expected = new byte[local.Length];
        Assert.Equal(expected.Length, RandomAccess.Read(local.SafeFileHandle, expected, 0));
        foreach (var reader in readers)
        {
            using var copy = new MemoryStream();
            reader.Position = 0;
            await reader.CopyToAsync(copy, 30_000, cancellation);
            Assert.Equal(expected.Length, copy.Length);
            Assert.True(expected.AsSpan().SequenceEqual(copy.GetBuffer().AsSpan(0, expected.Length)), "a reader's bytes");
        }
    }

    private async Task ReplaceReadersAsync(CancellationToken cancellation)
    {
        for (var i = 0; i < readers.Count; i++)
        {
            await readers[i].DisposeAsync();
            readers[i] = await files.OpenAsync(path, FileMode.Open, FileAccess.Read, cancellation: cancellation);
        }
    }

    private byte[] Bytes()
    {
        var bytes = new byte[random.Next(4) == 0 ? random.Next(1, 150_000) : random.Next(1, 5_000)];
        random.NextBytes(bytes);
        return bytes;
    }

    private void Note(FormattableString step) => steps.Add(step.ToString(CultureInfo.InvariantCulture));

    private void Note(string step) => steps.Add(step);
}
