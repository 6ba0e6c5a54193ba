using Gofs.Chunks;

namespace Gofs.Silo.ChunkServer.Storage;

/// <summary>
/// The chunks in use and their files: each opened once, however many use it, and the last used ones stay open for the next. One that has bytes
/// not flushed stays open, because only its owner knows what of it is flushed; those of whoever never asks for a flush are flushed when they become many
/// (<see cref="TakeUnflushed"/>).
/// </summary>
internal sealed class OpenChunks(int most, TaskCreationOptions completion) : IDisposable
{
    private readonly Lock gate = new();
    private readonly Dictionary<ChunkHandle, OpenChunk> items = [];
    private int unflushedCount;

    /// <summary>Not in use, and all of it flushed; the last is closed next.</summary>
    private readonly LinkedList<OpenChunk> unused = new();

    /// <summary>Not in use, and not flushed.</summary>
    private readonly LinkedList<OpenChunk> unflushed = new();

    /// <summary>Whether so many wait to be flushed that some should be.</summary>
    public bool HasManyUnflushed => Volatile.Read(ref unflushedCount) > most / 2;

    /// <summary>Whether so many are open because they are not flushed that there are to be no more.</summary>
    public bool IsFull => Volatile.Read(ref unflushedCount) > most * 4;

    /// <summary>Takes a chunk into use; its file is opened when it is asked for. To be given back.</summary>
    public OpenChunk Take(ChunkHandle handle)
    {
        lock (gate)
        {
            if (!items.TryGetValue(handle, out var item)) items[handle] = item = new(this, handle, completion);
            Use(item);
            return item;
        }
    }

    /// <summary>Takes a chunk whose file is open; null when it is not.</summary>
    public OpenChunk? TakeOpen(ChunkHandle handle)
    {
        lock (gate)
        {
            return items.GetValueOrDefault(handle) is { IsOpen: true } ? Take(handle) : null;
        }
    }

    /// <summary>Takes those that were written longest ago and are not flushed, when they are many. To be given back, flushed.</summary>
    /// <param name="atOnce">The most.</param>
    public OpenChunk[] TakeUnflushed(int atOnce)
    {
        lock (gate)
        {
            if (!HasManyUnflushed) return [];
            var taken = new List<OpenChunk>(atOnce);
            while (taken.Count < atOnce && unflushed.Last is { Value: var oldest })
            {
                Use(oldest);
                taken.Add(oldest);
            }

            return [.. taken];
        }
    }

    /// <summary>Closes a chunk as soon as nobody uses it: it was deleted, and who takes it now takes another.</summary>
    public void Forget(OpenChunk chunk)
    {
        lock (gate)
        {
            if (items.GetValueOrDefault(chunk.Handle) == chunk) items.Remove(chunk.Handle);
            chunk.IsForgotten = true;
        }
    }

    /// <summary>Gives it back.</summary>
    /// <param name="chunk">Which.</param>
    /// <param name="closesNext">Whether it is the first to be closed: who used it was only passing, and it is not to close what others use.</param>
    public void Release(OpenChunk chunk, bool closesNext = false)
    {
        lock (gate)
        {
            if (--chunk.Users > 0) return;
            if (chunk.IsForgotten || !chunk.IsOpen)
            {
                if (items.GetValueOrDefault(chunk.Handle) == chunk) items.Remove(chunk.Handle);
                chunk.Close();
                return;
            }

            if (!chunk.MayClose) unflushed.AddFirst(chunk.Place);
            else if (closesNext) unused.AddLast(chunk.Place);
            else unused.AddFirst(chunk.Place);
            unflushedCount = unflushed.Count;
            while (items.Count > most && unused.Last is { } oldest) Close(oldest);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        lock (gate)
        {
            foreach (var item in items.Values) item.Close();
            items.Clear();
        }
    }

    private void Use(OpenChunk item)
    {
        item.Place.List?.Remove(item.Place);
        unflushedCount = unflushed.Count;
        item.Users++;
    }

    private void Close(LinkedListNode<OpenChunk> place)
    {
        unused.Remove(place);
        items.Remove(place.Value.Handle);
        place.Value.Close();
    }
}

/// <summary>A chunk in use.</summary>
internal sealed class OpenChunk
{
    private readonly OpenChunks owner;
    private readonly Lock opening = new();
    private ChunkFile? file;

    /// <summary>Nothing of it is open yet.</summary>
    public OpenChunk(OpenChunks owner, ChunkHandle handle, TaskCreationOptions completion)
    {
        (this.owner, Handle, Turn) = (owner, handle, new(completion));
        Place = new(this);
    }

    /// <summary>Which.</summary>
    public ChunkHandle Handle { get; }

    /// <summary>One who changes it at a time.</summary>
    public Turn Turn { get; }

    /// <summary>Whether it was deleted. Changed in a turn.</summary>
    public bool IsDeleted { get; set; }

    /// <summary>Whether its file is open.</summary>
    public bool IsOpen => file is not null;

    /// <summary>Whether all there is of it is flushed, or nothing can be.</summary>
    public bool MayClose => file is not { IsDirty: true, IsAsFound: false } and not { IsNew: true } || file.Disk.Fault is not null;

    /// <summary>Who uses it. Under the owner's gate, as the two below.</summary>
    public int Users { get; set; }

    /// <summary>Whether it is to be closed with its last user.</summary>
    public bool IsForgotten { get; set; }

    /// <summary>Where it is among the unused.</summary>
    public LinkedListNode<OpenChunk> Place { get; }

    /// <summary>Its file, opened by the first who asks (who asks at the same time waits for that), or made where there is none.</summary>
    /// <param name="index">What is where.</param>
    /// <param name="make">Makes the file of a chunk that is not in the index, or null when it must be there.</param>
    /// <exception cref="GofsException"><see cref="GofsError.ChunkNotFound"/>.</exception>
    public ChunkFile File(ChunkIndex index, ChunkMaker? make = null)
    {
        if (file is { } open) return open;
        lock (opening)
        {
            if (file is not null) return file;
            if (IsDeleted) throw NotFound();
            if (index.TryGet(Handle, out var place)) return file = ChunkFile.Open(place, Handle);
            return file = make?.Invoke(Handle) ?? throw NotFound();
        }
    }

    /// <summary>It is not here; perhaps because of a disk that is out of service.</summary>
    public GofsException NotFound(Disk? failed = null) => new(
        GofsError.ChunkNotFound,
        failed is null ? "the chunk is not on this server" : $"the chunk is not on this server, whose disk {failed.Folder} is out of service: {failed.Fault}",
        Handle.ToString());

    /// <summary>Closes its file.</summary>
    public void Close() => file?.Dispose();

    /// <summary>Gives it back.</summary>
    public void Release(bool closesNext = false) => owner.Release(this, closesNext);
}

/// <summary>Makes a chunk's file.</summary>
internal delegate ChunkFile ChunkMaker(ChunkHandle handle);
