using System.Globalization;
using Gofs.Namespaces;
using Xunit;

namespace Gofs.Tests.Histories;

/// <summary>
/// Some names in two directories, and what clients ask of them. What a name leads to is told by its modification time, which the client chooses and no other
/// ever does. In a group of links names are only made where there is none; in one of files they are put over what is there.
/// </summary>
internal sealed class NameGroup(GofsPath home, bool links)
{
    /// <summary>Names in each of the two directories.</summary>
    public const int InDirectory = 3;

    /// <summary>Names in all.</summary>
    public const int Count = 2 * InDirectory;

    private static readonly Ownership Anybody = new(0x1A4, 0, 0);

    public bool HasLinks => links;

    public History<NameOp> History { get; } = new();

    public async Task MakeAsync(GofsNamespace files, CancellationToken cancellation)
    {
        for (var directory = 0; directory < 2; directory++) await files.CreateDirectoryAsync(Directory(directory), parents: true, cancellation: cancellation);
    }

    public async Task<NameOp> DoAsync(GofsNamespace files, NameOp op, CancellationToken cancellation)
    {
        switch (op)
        {
            case NameOp.Put(var name, var tag):
                await files.PutAsync(Path(name), Stream.Null, modifiedAt: tag, cancellation: cancellation);
                return op;
            case NameOp.Create(var name, var tag):
                await files.CreateSymlinkAsync(Path(name), "x"u8.ToArray(), modifiedAt: tag, cancellation: cancellation);
                return op;
            case NameOp.Mark(var name, var tag):
                await files.SetAttributesAsync(Path(name), modifiedAt: tag, cancellation: cancellation);
                return op;
            case NameOp.Move(var from, var to, var keep):
                await files.RenameAsync(Path(from), Path(to), keep, cancellation);
                return op;
            case NameOp.Remove(var name):
                await files.RemoveAsync(Path(name), skipTrash: true, cancellation: cancellation);
                return op;
            case NameOp.Look look:
                return look with { Found = (await files.FindAsync(Path(look.Name), followLast: false, cancellation))?.ModifiedAt ?? 0 };
            case NameOp.List list:
                return list with { Found = await ListAsync(files, list.First / InDirectory, cancellation) };
            default:
                throw new ArgumentOutOfRangeException(nameof(op));
        }
    }

    /// <summary>A command as it goes to the master, once, under the op-id it is given.</summary>
    public async Task<NameOp> DoOnceAsync(GofsClient client, string name, NameOp op, OpId opId, CancellationToken cancellation)
    {
        var master = client.Grains.GetGrain<INamespaceGrain>(name);
        await (op switch
        {
            NameOp.Create(var made, var tag) => master.MakeSymlinkAsync(new(opId, Path(made), "x"u8.ToArray(), Anybody, tag), cancellation),
            NameOp.Move(var from, var to, var keep) => master.RenameAsync(new(opId, Path(from), Path(to), keep), cancellation),
            NameOp.Remove(var gone) => master.RemoveAsync(new(opId, Path(gone), Recursive: false, SkipTrash: true), cancellation),
            _ => throw new ArgumentOutOfRangeException(nameof(op)),
        });
        return op;
    }

    private async Task<Tags> ListAsync(GofsNamespace files, int directory, CancellationToken cancellation)
    {
        var page = await files.ListPageAsync(Directory(directory), after: null, limit: 100, cancellation);
        var tags = new long[InDirectory];
        foreach (var entry in page.Entries) tags[int.Parse(entry.NameText, CultureInfo.InvariantCulture)] = entry.ModifiedAt;
        Assert.False(page.More);
        return new(tags);
    }

    private GofsPath Directory(int number) => home.Append(number == 0 ? "a" : "b");

    private GofsPath Path(int name) => Directory(name / InDirectory).Append((name % InDirectory).ToString(CultureInfo.InvariantCulture));
}
