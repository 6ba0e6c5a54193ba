using Gofs.Ctl.Targets;

namespace Gofs.Ctl.Shell;

/// <summary>The lines of a script, of any bytes.</summary>
internal sealed class ScriptLines(Stream stream, int mostBytes) : IDisposable
{
    private readonly List<byte> pending = [];
    private readonly byte[] buffer = new byte[4096];
    private int at;
    private int filled;

    /// <summary>The next line without its newline, in <see cref="PathText"/> form, or null at the end.</summary>
    /// <exception cref="UsageException">It is too long.</exception>
    public async ValueTask<string?> ReadAsync()
    {
        pending.Clear();
        while (true)
        {
            if (at == filled)
            {
                (at, filled) = (0, await stream.ReadAsync(buffer));
                if (filled == 0) return pending.Count == 0 ? null : Line();
            }

            var end = Array.IndexOf(buffer, (byte)'\n', at, filled - at);
            var until = end < 0 ? filled : end;
            if (pending.Count + until - at > mostBytes) throw new UsageException($"a line has at most {mostBytes} bytes");
            pending.AddRange(buffer.AsSpan(at..until));
            at = end < 0 ? filled : end + 1;
            if (end >= 0) return Line();
        }
    }

    /// <inheritdoc/>
    public void Dispose() => stream.Dispose();

    private string Line() => PathText.Decode(pending.ToArray());
}
