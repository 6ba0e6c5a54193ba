using Gofs.Chunks;

namespace Gofs.Silo.ChunkServer.Storage;

/// <summary>
/// The chunk files that are open: each once, however many use it, and the last used ones stay open for the next. One that has bytes not
/// flushed stays open, because only its owner knows what of it is flushed.
/// </summary>
internal sealed class OpenChunks(int most) : IDisposable
{
    private readonly Lock gate = new();
    private readonly Dictionary<ChunkHandle, Item> items = [];
    private readonly LinkedList<Item> unused = new();

    /// <summary>Takes a chunk into use, opening it with <paramref name="open"/> when it is not. To be given back.</summary>
    public Use Take(ChunkHandle handle, Func<ChunkHandle, ChunkFile> open)
    {
        Item? item;
        lock (gate)
        {
            if (!items.TryGetValue(handle, out item)) items[handle] = item = new(handle, open);
            if (item.Node is not null)
            {
                unused.Remove(item.Node);
                item.Node = null;
            }

            item.Users++;
        }

        try
        {
            return new(this, item, item.File.Value);
        }
        catch
        {
            Release(item, keep: false);
            throw;
        }
    }

    /// <summary>Closes a chunk as soon as nobody uses it: it was deleted.</summary>
    public void Forget(ChunkHandle handle)
    {
        lock (gate)
        {
            if (!items.Remove(handle, out var item)) return;
            item.IsForgotten = true;
            if (item.Users == 0) Close(item);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        lock (gate)
        {
            foreach (var item in items.Values) Close(item);
            items.Clear();
        }
    }

    private static void Close(Item item)
    {
        if (item.File is { IsValueCreated: true }) item.File.Value.Dispose();
    }

    private void Release(Item item, bool keep)
    {
        lock (gate)
        {
            if (--item.Users > 0) return;
            if (!keep)
            {
                if (items.GetValueOrDefault(item.Handle) == item) items.Remove(item.Handle);
                return;
            }

            if (item.IsForgotten)
            {
                Close(item);
                return;
            }

            item.Node = unused.AddFirst(item);
            if (items.Count > most) CloseOldest();
        }
    }

    private void CloseOldest()
    {
        for (var node = unused.Last; node is not null && items.Count > most; node = node.Previous)
        {
            if (node.Value.File.Value.IsDirty) continue;
            unused.Remove(node);
            items.Remove(node.Value.Handle);
            Close(node.Value);
            return;
        }
    }

    /// <summary>A chunk in use; disposing gives it back.</summary>
    public readonly struct Use(OpenChunks owner, Item item, ChunkFile file) : IDisposable
    {
        /// <summary>The chunk.</summary>
        public ChunkFile File { get; } = file;

        /// <inheritdoc/>
        public void Dispose() => owner.Release(item, keep: true);
    }

    /// <summary>One open chunk.</summary>
    internal sealed class Item(ChunkHandle handle, Func<ChunkHandle, ChunkFile> open)
    {
        public ChunkHandle Handle { get; } = handle;

        public Lazy<ChunkFile> File { get; } = new(() => open(handle));

        public int Users { get; set; }

        public bool IsForgotten { get; set; }

        public LinkedListNode<Item>? Node { get; set; }
    }
}
