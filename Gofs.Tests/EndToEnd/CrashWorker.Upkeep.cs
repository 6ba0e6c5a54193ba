using Xunit;

namespace Gofs.Tests.EndToEnd;

/// <summary>What a worker does that keeps or copies what there was: clones, goals, the trash. A clone of its directory must stay as it was for ever.</summary>
internal sealed partial class CrashWorker
{
    private const int MostCopies = 4;
    private readonly Dictionary<long, Trashed> trash = [];
    private readonly Dictionary<GofsPath, CrashModel> copies = [];
    private readonly HashSet<GofsPath> maybe = [];

    /// <summary>What is in the trash for sure: a thing of the worker's directory, or a clone of all of it.</summary>
    private sealed record Trashed(string Name, CrashNode? Node, CrashModel? Copy);

    private async Task OverwriteAsync(GofsNamespace files, string name, CancellationToken stop)
    {
        doing = "overwrite";
        var node = model.Nodes[name];
        if (node.Content is not { Length: > 0 } before) return;
        var at = random.Next(before.Length);
        var part = Bytes(1 + random.Next(50_000));
        byte[] after = [.. before[..at], .. part, .. before.Skip(at + part.Length)];
        orElse = model.With(name, node with { Content = after, Sure = before.Length, Before = before });
        await using (var file = await files.OpenAsync(Home.Append(name), FileMode.Open, FileAccess.Write, cancellation: stop))
        {
            file.Position = at;
            await file.WriteAsync(part, stop);
        }

        model = model.With(name, node with { Content = after, Sure = after.Length });
        orElse = null;
    }

    private async Task CloneAsync(GofsNamespace files, string from, string to, CancellationToken stop)
    {
        doing = "clone";
        orElse = model.With(to, model.Nodes[from]);
        await files.CloneAsync(Home.Append(from), Home.Append(to), stop);
        Acknowledge();
    }

    private async Task CloneHomeAsync(GofsNamespace files, CancellationToken stop)
    {
        if (copies.Count >= MostCopies)
        {
            await RemoveCopyAsync(files, stop);
            return;
        }

        doing = "clone of the tree";
        var to = GofsPath.Root.Append($"worker-{number}-copy-{++names}");
        copies[to] = model;
        maybe.Add(to);
        await files.CloneAsync(Home, to, stop);
        maybe.Remove(to);
    }

    private async Task RemoveCopyAsync(GofsNamespace files, CancellationToken stop)
    {
        doing = "removal of a tree";
        var (path, copy) = copies.ElementAt(random.Next(copies.Count));
        var skipsTrash = random.Next(2) == 0;
        maybe.Add(path);
        await files.RemoveAsync(path, recursive: true, skipTrash: skipsTrash, cancellation: stop);
        maybe.Remove(path);
        copies.Remove(path);
        if (!skipsTrash) await RememberTrashAsync(files, path, new("", null, copy), stop);
    }

    private async Task SetGoalAsync(GofsNamespace files, string name, CancellationToken stop)
    {
        doing = "setrep";
        var node = model.Nodes[name];
        if (node.Content is null) return;
        var goal = 1 + random.Next(3);
        orElse = model.With(name, node with { Goal = goal });
        await files.SetGoalAsync(Home.Append(name), goal, cancellation: stop);
        Acknowledge();
    }

    private async Task RestoreAsync(GofsNamespace files, CancellationToken stop)
    {
        doing = "restore";
        if (Draw() is not { } item) return;
        if (item.What.Copy is { } copy)
        {
            var path = GofsPath.Root.Append($"worker-{number}-copy-{++names}");
            copies[path] = copy;
            maybe.Add(path);
            await files.RestoreAsync(item.Id, path, stop);
            maybe.Remove(path);
            return;
        }

        var name = model.Nodes.ContainsKey(item.What.Name) ? $"r{++names}" : item.What.Name;
        orElse = model.With(name, item.What.Node!);
        await files.RestoreAsync(item.Id, name == item.What.Name ? null : Home.Append(name), stop);
        Acknowledge();
    }

    private async Task PurgeAsync(GofsNamespace files, CancellationToken stop)
    {
        doing = "purge";
        if (Draw() is { } item) await files.PurgeTrashAsync(item.Id, stop);
    }

    // Whatever comes of it, it is not in the trash for sure any more.
    private (long Id, Trashed What)? Draw()
    {
        if (trash.Count == 0) return null;
        var (id, what) = trash.ElementAt(random.Next(trash.Count));
        trash.Remove(id);
        return (id, what);
    }

    // Of what was removed under the same name the last is it: nobody else works here.
    private async Task RememberTrashAsync(GofsNamespace files, GofsPath path, Trashed what, CancellationToken stop)
    {
        var last = 0L;
        await foreach (var item in files.ListTrashAsync(stop))
            if (item.OriginalPath == path && item.Id > last) last = item.Id;
        Assert.True(last > 0 && trash.TryAdd(last, what), $"worker {number}: {path} was removed and is not in the trash");
    }

    /// <summary>Checks as after a crash, when somebody has purged the trash.</summary>
    public Task CheckAllButTrashAsync(GofsNamespace files, CancellationToken cancellation)
    {
        trash.Clear();
        return CheckAsync(files, cancellation);
    }

    private async Task CheckKeptAsync(GofsNamespace files, CancellationToken cancellation)
    {
        HashSet<long> there = [];
        await foreach (var item in files.ListTrashAsync(cancellation)) there.Add(item.Id);
        Assert.All(trash, item => Assert.True(there.Contains(item.Key), $"worker {number}: {item.Value.Name} is not in the trash any more"));
        foreach (var (path, copy) in copies.ToArray())
        {
            if (await files.FindAsync(path, cancellation: cancellation) is null)
            {
                Assert.True(maybe.Contains(path), $"worker {number}: {path} is gone");
                copies.Remove(path);
            }
            else if (copy.DifferenceTo(await ReadAsync(files, path, cancellation)) is { } difference)
            {
                Assert.Fail($"worker {number}: {path}: {difference}");
            }
        }

        maybe.Clear();
    }
}
