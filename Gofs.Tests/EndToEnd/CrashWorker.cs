using System.Text;
using Gofs.Namespaces;
using Xunit;

namespace Gofs.Tests.EndToEnd;

/// <summary>
/// One client of the crash test: does random things in its own directory, one at a time, and remembers what was acknowledged. Of
/// the operation that was under way when the silo died it knows only that it happened or did not.
/// </summary>
internal sealed partial class CrashWorker(int number, int seed, bool streams = true)
{
    private const int MostBytes = 300_000;
    private const int MostNames = 30;
    private const int MostLately = 200;

    /// <summary>Without pauses a dozen workers would take every core from the silos, and from the tests beside this one.</summary>
    private static readonly TimeSpan LongestPause = TimeSpan.FromMilliseconds(20);
    private readonly Random random = new(seed);
    private readonly Random pauses = new(seed);
    private CrashModel model = CrashModel.Empty;
    private CrashModel? orElse;
    private bool made;
    private int names;
    private volatile bool isStruck;

    /// <summary>Small chunks, so that files have several; a short lease, so that what a crash left open is settled soon.</summary>
    public static NamespaceConfig Config => NamespaceConfig.Default with { ChunkSizeBytes = 64 << 10, LeaseTime = TimeSpan.FromSeconds(2) };

    public int Done { get; private set; }

    /// <summary>What ended its work, or null.</summary>
    public Exception? End { get; private set; }

    /// <summary>The longest an operation took since this was set to zero.</summary>
    public TimeSpan Longest { get; set; }

    /// <summary>What that was.</summary>
    public string LongestWhat { get; private set; } = "";

    /// <summary>Whether it also overwrites, clones, sets goals, and takes things out of the trash.</summary>
    public bool DoesAll { get; init; }

    /// <summary>How many replicas files want that it puts; 0: not said.</summary>
    public int Goal { get; init; }

    /// <summary>Whether the disks fail before the silo dies: the chunks on them are gone for as long.</summary>
    public bool DisksFail { get; init; }

    /// <summary>
    /// Whether the blow falls: the errors of a silo that is dying don't count any more. Nor does what it acknowledges, where its disk fails
    /// (<see cref="PowerCuts.PowerCutDisk"/>).
    /// </summary>
    public bool IsStruck
    {
        get => isStruck;
        set => isStruck = value;
    }

    /// <summary>Called after each operation.</summary>
    public Action? AtEachEnd { get; init; }

    private string doing = "";
    private readonly Queue<string> lately = new();

    private GofsPath Home => GofsPath.Root.Append($"worker-{number}");

    /// <summary>
    /// Waits until no file is open. A close that a kill cut off between the file and the namespace takes effect when the master settles it: then it is
    /// decided for good.
    /// </summary>
    public static async Task SettledAsync(GofsNamespace files, TimeSpan limit, CancellationToken cancellation)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        patience.CancelAfter(limit);
        while ((await files.GetStatusAsync(patience.Token)).OpenFiles > 0) await Task.Delay(50, patience.Token);
    }

    /// <summary>Works until it is told to stop, then ends what it does, or until the silo is gone.</summary>
    public async Task WorkAsync(GofsNamespace files, CancellationToken stop)
    {
        IsStruck = false;
        try
        {
            while (!stop.IsCancellationRequested)
            {
                var started = TimeProvider.System.GetTimestamp();
                await StepAsync(files, CancellationToken.None); // given up, it could still happen while somebody looks what is there
                if (TimeProvider.System.GetElapsedTime(started) is var took && took > Longest) (Longest, LongestWhat) = (took, doing);
                Done++;
                Note("");
                AtEachEnd?.Invoke();
                await Task.Delay(LongestPause * pauses.NextDouble(), CancellationToken.None);
            }
        }
        catch (Exception end) when (end is GofsException or OperationCanceledException)
        {
            End = end;
            Note($" ({end.Message})");
            var isExpected = IsStruck || stop.IsCancellationRequested || end is OperationCanceledException || IsOfACrash(((GofsException)end).Error);
            Assert.True(isExpected, $"worker {number}: {end}");
        }
    }

    /// <summary>Checks that everything acknowledged is there, nothing else is, and takes what is there for what is so.</summary>
    public async Task CheckAsync(GofsNamespace files, CancellationToken cancellation)
    {
        var found = await ReadHomeAsync(files, cancellation);
        var difference = model.DifferenceTo(found);
        if (difference is not null && (orElse is null || orElse.DifferenceTo(found) is not null))
            Assert.Fail($"worker {number}: {difference}; or else: {orElse?.DifferenceTo(found) ?? "-"}; what it did: {string.Join(", ", lately)}");
        model = found;
        doing = "check";
        Note("");
        orElse = null;
        if (DoesAll) await CheckKeptAsync(files, cancellation);
    }

    private void Note(string how)
    {
        lately.Enqueue(doing + how);
        if (lately.Count > MostLately) lately.Dequeue();
    }

    private bool IsOfACrash(GofsError end) =>
        end is GofsError.SiloUnreachable or GofsError.Timeout or GofsError.Unavailable or GofsError.LeaseExpired
            or GofsError.ChunkUnavailable or GofsError.LeaseHeld or GofsError.DiskFailed || (DisksFail && end == GofsError.ChunkNotFound);

    private async Task StepAsync(GofsNamespace files, CancellationToken stop)
    {
        if (!made)
        {
            await files.CreateDirectoryAsync(Home, parents: true, cancellation: stop);
            RequirePower();
            made = true;
        }

        var there = model.Nodes.Keys.ToArray();
        var name = there.Length > 0 ? there[random.Next(there.Length)] : null;
        switch (there.Length < 3 ? 0 : there.Length > MostNames ? 4 : random.Next(DoesAll ? 14 : 8))
        {
            case 0 or 1: await PutAsync(files, $"f{random.Next(40)}", stop); break;
            case 2: await MakeDirectoryAsync(files, $"d{++names}", stop); break;
            case 3: await MoveAsync(files, name!, $"m{++names}", stop); break;
            case 4: await RemoveAsync(files, name!, stop); break;
            case 5: await SetModeAsync(files, name!, stop); break;
            case 8: await OverwriteAsync(files, name!, stop); break;
            case 9: await CloneAsync(files, name!, $"c{++names}", stop); break;
            case 10: await CloneHomeAsync(files, stop); break;
            case 11: await SetGoalAsync(files, name!, stop); break;
            case 12: await RestoreAsync(files, stop); break;
            case 13: await PurgeAsync(files, stop); break;
            default:
                if (streams) await AppendAsync(files, name!, stop);
                else await LookAsync(files, name!, stop);
                break;
        }
    }

    private async Task PutAsync(GofsNamespace files, string name, CancellationToken stop)
    {
        doing = $"put {name}";
        if (model.Nodes.TryGetValue(name, out var old) && old.Content is null) return;
        var content = Bytes(random.Next(4) == 0 ? random.Next(MostBytes) : random.Next(5000));
        orElse = model.With(name, CrashNode.File(content, 0x1A4) with { Goal = Goal });
        await files.PutAsync(Home.Append(name), new MemoryStream(content), cancellation: stop);
        Acknowledge();
    }

    private async Task MakeDirectoryAsync(GofsNamespace files, string name, CancellationToken stop)
    {
        doing = $"mkdir {name}";
        orElse = model.With(name, CrashNode.Directory(0x1ED));
        await files.CreateDirectoryAsync(Home.Append(name), cancellation: stop);
        Acknowledge();
    }

    private async Task MoveAsync(GofsNamespace files, string from, string to, CancellationToken stop)
    {
        doing = $"rename {from} to {to}";
        orElse = model.Moved(from, to);
        await files.RenameAsync(Home.Append(from), Home.Append(to), cancellation: stop);
        Acknowledge();
    }

    private async Task RemoveAsync(GofsNamespace files, string name, CancellationToken stop)
    {
        doing = $"remove {name}";
        var (node, skipsTrash) = (model.Nodes[name], random.Next(2) == 0);
        orElse = model.Without(name);
        await files.RemoveAsync(Home.Append(name), skipTrash: skipsTrash, cancellation: stop);
        Acknowledge();
        if (DoesAll && !skipsTrash) await RememberTrashAsync(files, Home.Append(name), new(name, node, null), stop);
    }

    private async Task LookAsync(GofsNamespace files, string name, CancellationToken stop)
    {
        doing = $"read {name}";
        var node = model.Nodes[name];
        var entry = await files.StatAsync(Home.Append(name), cancellation: stop);
        Assert.True(entry.Mode == node.Mode, $"worker {number}: {name} has mode {entry.Mode} instead of {node.Mode}");
        if (node.Content is null) return;
        using var found = new MemoryStream();
        await files.GetAsync(Home.Append(name), found, cancellation: stop);
        Assert.True(found.ToArray().AsSpan().SequenceEqual(node.Content), $"worker {number}: {name} has other bytes");
    }

    private async Task SetModeAsync(GofsNamespace files, string name, CancellationToken stop)
    {
        doing = $"chmod {name}";
        var mode = random.Next(0x1000);
        orElse = model.With(name, model.Nodes[name] with { Mode = mode });
        await files.SetAttributesAsync(Home.Append(name), mode: mode, cancellation: stop);
        Acknowledge();
    }

    private async Task AppendAsync(GofsNamespace files, string name, CancellationToken stop)
    {
        doing = $"append to {name}";
        var node = model.Nodes[name];
        if (node.Content is not { } content || content.Length > MostBytes) return;
        await using var file = await files.OpenAsync(Home.Append(name), FileMode.Append, FileAccess.Write, cancellation: stop);
        for (var flushes = 1 + random.Next(3); flushes > 0; flushes--)
        {
            var more = Bytes(1 + random.Next(100_000));
            byte[] whole = [.. content, .. more];
            orElse = model.With(name, node with { Content = whole, Sure = content.Length });
            await file.WriteAsync(more, stop);
            await file.FlushAsync(stop);
            RequirePower();
            content = whole;
            node = node with { Content = content, Sure = content.Length };
            model = model.With(name, node);
            orElse = null;
        }
    }

    private void Acknowledge()
    {
        RequirePower();
        (model, orElse) = (orElse!, null);
    }

    private void RequirePower()
    {
        if (DisksFail && IsStruck) throw new OperationCanceledException("acknowledged when the power was going: it may be so or not");
    }

    private byte[] Bytes(int count)
    {
        var bytes = new byte[count];
        random.NextBytes(bytes);
        return bytes;
    }

    private async Task<CrashModel> ReadHomeAsync(GofsNamespace files, CancellationToken cancellation)
    {
        if (await files.FindAsync(Home, cancellation: cancellation) is not null) return await ReadAsync(files, Home, cancellation);
        Assert.False(made, $"worker {number}'s directory is gone");
        return CrashModel.Empty;
    }

    private static async Task<CrashModel> ReadAsync(GofsNamespace files, GofsPath directory, CancellationToken cancellation)
    {
        var found = CrashModel.Empty;
        await foreach (var entry in files.ListAsync(directory, cancellation))
        {
            byte[]? content = null;
            if (entry.Type == EntryType.File)
            {
                using var bytes = new MemoryStream();
                await files.GetAsync(directory.Append(entry.Name), bytes, cancellation: cancellation);
                content = bytes.ToArray();
                // A flush the kill cut off between the file and the namespace may show in the one and not yet in the other.
                var isSettled = content.Length == entry.LengthBytes || (entry.IsOpenForWriting && content.Length > entry.LengthBytes);
                Assert.True(isSettled, $"{entry.NameText}: {content.Length} bytes read, {entry.LengthBytes} listed");
            }

            found.Nodes[Encoding.UTF8.GetString(entry.Name)] = new(content, entry.Mode, content?.Length ?? 0) { Goal = entry.Goal };
        }

        return found;
    }
}
