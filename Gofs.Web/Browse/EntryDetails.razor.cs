using Gofs.Chunks;
using Gofs.ChunkServers;
using Gofs.Files;
using Gofs.Namespaces;
using Microsoft.AspNetCore.Components;

namespace Gofs.Web.Browse;

/// <summary>What one file or symlink is: attributes, a preview, where its chunks are.</summary>
public sealed partial class EntryDetails : IDisposable
{
    private const int PageChunks = 32;

    private static readonly Dictionary<string, object?> downloads = new() { ["download"] = "" };

    private readonly CancellationTokenSource ending = new();
    private readonly CancellationToken gone;
    private FileLayout? layout;
    private FileLeases? leases;
    private string[] attributes = [];
    private string? text;
    private string? picture;
    private string? failure;
    private int firstChunk;

    /// <summary>Details of nothing yet.</summary>
    public EntryDetails() => gone = ending.Token;

    /// <summary>The namespace.</summary>
    [Parameter, EditorRequired] public string Space { get; set; } = "";

    /// <summary>Where it is.</summary>
    [Parameter, EditorRequired] public GofsPath Path { get; set; }

    /// <summary>What it is.</summary>
    [Parameter, EditorRequired] public Entry Entry { get; set; } = null!;

    /// <summary>Where the details are not.</summary>
    [Parameter, EditorRequired] public string Close { get; set; } = "";

    /// <summary>It shall be moved.</summary>
    [Parameter] public EventCallback<GofsPath> OnMove { get; set; }

    /// <summary>It shall be cloned.</summary>
    [Parameter] public EventCallback<GofsPath> OnClone { get; set; }

    /// <summary>It shall have another goal.</summary>
    [Parameter] public EventCallback<GofsPath> OnGoal { get; set; }

    /// <summary>It shall be deleted.</summary>
    [Parameter] public EventCallback<GofsPath> OnRemove { get; set; }

    [Inject] private ITree Tree { get; set; } = null!;

    private long Chunks => layout is null ? 0 : (layout.LengthBytes + layout.ChunkSizeBytes - 1) / layout.ChunkSizeBytes;

    private IEnumerable<ChunkPlacement> Shown
    {
        get
        {
            var known = layout!.Chunks.ToDictionary(chunk => chunk.Index);
            for (var index = firstChunk; index < Math.Min(firstChunk + PageChunks, Chunks); index++)
                yield return known.GetValueOrDefault(index) ?? new(index, ChunkHandle.None, default, []);
        }
    }

    private string Permissions => string.Concat(Enumerable.Range(0, 9).Select(i => (Entry.Mode >> (8 - i) & 1) == 1 ? "rwx"[i % 3] : '-'));

    /// <inheritdoc/>
    public void Dispose()
    {
        ending.Cancel();
        ending.Dispose();
    }

    /// <inheritdoc/>
    protected override async Task OnInitializedAsync()
    {
        try
        {
            attributes = await Tree.ExtendedAttributesAsync(Space, Path, gone);
            if (Entry.Type != EntryType.File) return;
            layout = await Tree.LayoutAsync(Space, Path, firstChunk, PageChunks, gone);
            if (Entry.IsOpenForWriting) leases = await Tree.LeasesAsync(Space, Entry.Inode, gone);
            if (Entry.LengthBytes == 0) return;
            if (Entry.LengthBytes <= Preview.PictureBytes) picture = Preview.PictureType(Path);
            if (picture is null) text = Preview.Text(await Tree.BeginningAsync(Space, Path, Preview.TextBytes, gone));
        }
        catch (GofsException refused)
        {
            failure = refused.Message;
        }
        catch (OperationCanceledException) when (gone.IsCancellationRequested)
        {
            // The details have been closed.
        }
    }

    private async Task TurnAsync(int first)
    {
        try
        {
            layout = await Tree.LayoutAsync(Space, Path, first, PageChunks, gone);
            (firstChunk, failure) = (first, null);
        }
        catch (GofsException refused)
        {
            failure = refused.Message;
        }
    }

    // Who decides the order of writes to a chunk is the first of its servers, as the writer was given them.
    private bool IsPrimary(ChunkPlacement chunk, ServerId server) =>
        leases?.Chunks.FirstOrDefault(one => one.Index == chunk.Index)?.Servers is [var first, ..] && first == server;

    private long LengthOf(int index) => Math.Clamp(layout!.LengthBytes - (index * layout.ChunkSizeBytes), 0, layout.ChunkSizeBytes);
}
