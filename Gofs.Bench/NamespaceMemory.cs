using System.Globalization;
using System.Text;
using Gofs.Grains.EditLogs;
using Gofs.Grains.Namespaces;
using Gofs.Namespaces;

namespace Gofs.Bench;

/// <summary>How much memory a name takes, how long a Snapshot is written and read, and the longest pause of a running create load.</summary>
internal static class NamespaceMemory
{
    private const int NamesInDirectory = 500;

    public static void Run(int names)
    {
        var before = GC.GetTotalMemory(forceFullCollection: true);
        var state = new NamespaceState();
        state.Apply(new NamespaceCreated(1, "bench", NamespaceConfig.Default, 1));
        var time = TimeProvider.System;
        var started = time.GetTimestamp();
        var longest = TimeSpan.Zero;
        for (long made = 0, directory = 1; made < names; made++)
        {
            var begun = time.GetTimestamp();
            if (made % NamesInDirectory == 0) directory = MakeDirectory(state, made);
            MakeFile(state, directory, made);
            if (time.GetElapsedTime(begun) is var took && took > longest) longest = took;
        }

        var seconds = time.GetElapsedTime(started).TotalSeconds;
        var bytes = GC.GetTotalMemory(forceFullCollection: true) - before;
        Say($"{names} names: {(double)bytes / names:0} bytes a name, {names / seconds:0} creates/s, longest pause {longest.TotalMilliseconds:0.0} ms");
        var parts = new List<ReadOnlyMemory<byte>>();
        started = time.GetTimestamp();
        var writer = new SnapshotWriter(part => parts.Add(part.ToArray()));
        state.WriteSnapshot(writer);
        writer.Complete();
        Say($"Snapshot: {parts.Sum(part => (long)part.Length) >> 20} MiB, written in {time.GetElapsedTime(started).TotalSeconds:0.0} s");
        started = time.GetTimestamp();
        var copy = new NamespaceState();
        using var reader = new SnapshotReader(parts);
        copy.ReadSnapshot(reader);
        Say($"Snapshot: read in {time.GetElapsedTime(started).TotalSeconds:0.0} s, {copy.Tree.Inodes} inodes");
        GC.KeepAlive(state);
    }

    private static long MakeDirectory(NamespaceState state, long made)
    {
        var inode = state.LastInode + 1;
        state.Apply(new DirectoriesMade(OpId.New(), 1, [Name("directory", made)], inode, new(0x1ED, 0, 0), made));
        return inode;
    }

    private static void MakeFile(NamespaceState state, long directory, long made)
    {
        var inode = state.LastInode + 1;
        state.Apply(new FileCreated(OpId.New(), directory, Name("file-name", made), inode, new(0x1A4, 0, 0), Atomic: false, made));
        state.Apply(new LengthFlushed(inode, made, made, Closed: true, 0, made));
    }

    private static byte[] Name(string kind, long number) => Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{kind}-{number:0000000}"));

    private static void Say(FormattableString text) => Console.WriteLine(text.ToString(CultureInfo.InvariantCulture));
}
