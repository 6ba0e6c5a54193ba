namespace Gofs.Ctl.Bench;

/// <summary>Sequential write and read of one file through the SDK, in MiB a second.</summary>
internal static class StreamBench
{
    private const int PieceBytes = 1 << 20;

    /// <summary>Writes and closes (flushed).</summary>
    public static async Task<double> WriteAsync(GofsNamespace files, GofsPath path, long size, CancellationToken cancellation)
    {
        var piece = new byte[PieceBytes];
        new Random(1).NextBytes(piece);
        var started = TimeProvider.System.GetTimestamp();
        await using (var file = await files.OpenAsync(path, FileMode.Create, FileAccess.Write, cancellation: cancellation))
        {
            for (var left = size; left > 0; left -= PieceBytes)
                await file.WriteAsync(piece.AsMemory(0, (int)Math.Min(left, PieceBytes)), cancellation);
        }

        return size / (double)PieceBytes / TimeProvider.System.GetElapsedTime(started).TotalSeconds;
    }

    /// <summary>Reads to the end.</summary>
    public static async Task<double> ReadAsync(GofsNamespace files, GofsPath path, CancellationToken cancellation)
    {
        var piece = new byte[PieceBytes];
        var started = TimeProvider.System.GetTimestamp();
        await using var file = await files.OpenAsync(path, FileMode.Open, FileAccess.Read, cancellation: cancellation);
        long total = 0;
        while (await file.ReadAsync(piece, cancellation) is var read && read > 0) total += read;
        return total / (double)PieceBytes / TimeProvider.System.GetElapsedTime(started).TotalSeconds;
    }
}
