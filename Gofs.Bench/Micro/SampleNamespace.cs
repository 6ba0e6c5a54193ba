using System.Globalization;
using System.Text;
using Gofs.Grains.Namespaces;
using Gofs.Namespaces;

namespace Gofs.Bench.Micro;

/// <summary>A namespace with directories of a thousand files each: /d0000/f0000 and so on.</summary>
internal sealed class SampleNamespace
{
    public const int FilesInDirectory = 1000;
    private static readonly Ownership Owner = new(0x1A4, 0, 0);
    private long time = 1;

    public SampleNamespace(int directories)
    {
        State.Apply(new NamespaceCreated(1, "bench", NamespaceConfig.Default, 1));
        for (var d = 0; d < directories; d++)
        {
            var directory = State.LastInode + 1;
            State.Apply(new DirectoriesMade(OpId.New(), 1, [Name('d', d)], directory, new(0x1ED, 0, 0), time++));
            for (var f = 0; f < FilesInDirectory; f++) CreateFile(directory, Name('f', f));
        }
    }

    public NamespaceState State { get; } = new();

    public static byte[] Name(char kind, int number) => Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{kind}{number:0000}"));

    public static GofsPath Path(int directory, int file) => GofsPath.Root.Append(Name('d', directory)).Append(Name('f', file));

    public void CreateFile(long directory, byte[] name)
    {
        var inode = State.LastInode + 1;
        State.Apply(new FileCreated(OpId.New(), directory, name, inode, Owner, Atomic: false, time++));
        State.Apply(new LengthFlushed(inode, 1, time, Closed: true, 0, time));
    }
}
