using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using Gofs.Chunks;
using Gofs.ChunkServers;

namespace Gofs.Transport;

/// <summary>
/// The replicas on this machine whose files their chunk servers have shared with this client (<see cref="FileDoor"/>). A file is asked for, in the background,
/// when its chunk has been read <see cref="ReadsBefore"/> times: what is read once costs nothing more. The <see cref="MostFiles"/> used last stay open.
/// </summary>
internal sealed class LocalReplicas(TimeProvider time) : IDisposable
{
    /// <summary>Reads of a chunk over the server's data port before its file is asked for.</summary>
    public const int ReadsBefore = 2;

    /// <summary>Files open at once.</summary>
    public const int MostFiles = 256;

    private static readonly TimeSpan NotAgainFor = TimeSpan.FromSeconds(2);
    private readonly ConcurrentDictionary<Key, Known> known = new();
    private readonly ConcurrentDictionary<IPEndPoint, Door> doors = new();
    private readonly Lock trimming = new();
    private volatile bool disposed;

    /// <summary>Chunks that were read lately, whether or not their files are open.</summary>
    public int Count => known.Count;

    /// <summary>Reads a chunk from its file, when that is shared and right; false: the server is to be asked.</summary>
    public bool TryRead(ServerId server, in ChunkAccess chunk, long offset, Span<byte> into, out int count)
    {
        count = 0;
        var key = new Key(server, chunk.Handle, chunk.Version);
        if (!known.TryGetValue(key, out var one) || one.File is not { } file) return false;
        one.UsedAt = time.GetTimestamp();
        var read = file.TryRead(offset, into, out count);
        if (read == LocalRead.Over) Forget(key, one);
        return read == LocalRead.Done;
    }

    /// <summary>Hears that a chunk is read over a data port on this machine.</summary>
    public void OnAsked(ServerId server, IPEndPoint port, in ChunkAccess chunk)
    {
        var key = new Key(server, chunk.Handle, chunk.Version);
        var one = known.GetOrAdd(key, static (_, now) => new() { UsedAt = now }, time.GetTimestamp());
        var reads = Interlocked.Increment(ref one.Reads);
        if (reads == ReadsBefore) _ = AskAsync(key, one, port, chunk);
        if (reads == 1 && known.Count > MostFiles) Trim();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        disposed = true;
        foreach (var (key, one) in known) Forget(key, one);
        foreach (var door in doors.Values) door.Open?.Dispose();
    }

    private async Task AskAsync(Key key, Known one, IPEndPoint port, ChunkAccess chunk)
    {
        try
        {
            if (await FindAsync(port) is not { } door || await door.ShareAsync(chunk) is not { } file) return;
            one.File = new(door, file, chunk, time);
            if (disposed || !known.ContainsKey(key)) Forget(key, one);
        }
        catch (GofsException)
        {
            // The server is asked for the bytes, as before; it is asked for the file again when the chunk is new to this list.
        }
    }

    private Task<FileDoor?> FindAsync(IPEndPoint port)
    {
        var door = doors.GetOrAdd(port, static _ => new());
        lock (door)
        {
            if (door.Open is { IsClosed: false } open) return Task.FromResult<FileDoor?>(open);
            if (disposed || (door.FailedAt != 0 && time.GetElapsedTime(door.FailedAt) < NotAgainFor)) return Task.FromResult<FileDoor?>(null);
            if (door.Opening is null or { IsCompleted: true }) door.Opening = OpenAsync(door, port);
            return door.Opening;
        }
    }

    private async Task<FileDoor?> OpenAsync(Door door, IPEndPoint port)
    {
        FileDoor? made = null;
        try
        {
            made = await FileDoor.OpenAsync(port, time);
        }
        catch (Exception refused) when (refused is SocketException or TimeoutException)
        {
            // A server of an earlier release, or one that hangs: its bytes come over the data port.
        }

        lock (door)
        {
            door.FailedAt = made is null ? Math.Max(1, time.GetTimestamp()) : 0;
            door.Open = made;
            if (disposed) made?.Dispose();
        }

        return made;
    }

    private void Forget(Key key, Known one)
    {
        known.TryRemove(new(key, one));
        one.File?.Dispose();
    }

    // Half of them at once: not for each new chunk of a scan. Sorted is a copy: others add meanwhile.
    private void Trim()
    {
        if (!trimming.TryEnter()) return;
        try
        {
            foreach (var (key, one) in known.ToArray().OrderBy(pair => pair.Value.UsedAt).Take(known.Count - (MostFiles / 2))) Forget(key, one);
        }
        finally
        {
            trimming.Exit();
        }
    }

    private readonly record struct Key(ServerId Server, ChunkHandle Handle, ChunkVersion Version);

    private sealed class Known
    {
        public int Reads;
        public long UsedAt;
        public volatile LocalReplica? File;
    }

    private sealed class Door
    {
        public volatile FileDoor? Open;
        public Task<FileDoor?>? Opening;
        public long FailedAt;
    }
}
