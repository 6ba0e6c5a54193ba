namespace Gofs.Ctl.Bench;

/// <summary>What the disk allows, measured in the same run: the ceilings beside the figures.</summary>
internal static class DiskCeiling
{
    private const int PieceBytes = 1 << 20;
    private const int RecordBytes = 200;
    private static readonly TimeSpan Time = TimeSpan.FromSeconds(1);

    /// <summary>Records a second when so many are appended and synced together, one batch after the other.</summary>
    public static double Commits(string folder, int batch)
    {
        var path = System.IO.Path.Combine(folder, $".gofs-bench-{Guid.NewGuid():N}");
        using var file = new FileStream(path, FileMode.CreateNew, FileAccess.Write, FileShare.None, 0, FileOptions.DeleteOnClose);
        var bytes = new byte[batch * RecordBytes];
        var started = TimeProvider.System.GetTimestamp();
        long records = 0;
        for (; TimeProvider.System.GetElapsedTime(started) < Time; records += batch)
        {
            file.Write(bytes);
            file.Flush(flushToDisk: true);
        }

        return records / TimeProvider.System.GetElapsedTime(started).TotalSeconds;
    }

    /// <summary>MiB a second written and synced, and read again.</summary>
    public static (double Write, double Read) Stream(string folder, long size)
    {
        var path = System.IO.Path.Combine(folder, $".gofs-bench-{Guid.NewGuid():N}");
        using var file = new FileStream(path, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.None, 0, FileOptions.DeleteOnClose);
        var piece = new byte[PieceBytes];
        new Random(1).NextBytes(piece);
        var started = TimeProvider.System.GetTimestamp();
        for (var left = size; left > 0; left -= PieceBytes) file.Write(piece, 0, (int)Math.Min(left, PieceBytes));
        file.Flush(flushToDisk: true);
        var write = size / (double)PieceBytes / TimeProvider.System.GetElapsedTime(started).TotalSeconds;
        file.Position = 0;
        started = TimeProvider.System.GetTimestamp();
        while (file.Read(piece) > 0)
        {
        }

        return (write, size / (double)PieceBytes / TimeProvider.System.GetElapsedTime(started).TotalSeconds);
    }
}
