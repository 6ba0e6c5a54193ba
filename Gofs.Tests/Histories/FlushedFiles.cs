using System.Collections.Concurrent;
using System.Globalization;
using Xunit;

namespace Gofs.Tests.Histories;

/// <summary>
/// A writer makes one file after the other and flushes often; readers read whole files meanwhile. What a reader gets is what was written, as long as a flush
/// made it. A file whose writer was told no (a lease that ended, nobody there) is left, and the next begins.
/// </summary>
internal sealed class FlushedFiles(GofsNamespace files, GofsPath home, int seed)
{
    private const int Flushes = 24;
    private const int MostBytes = 40_000;

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(10);
    private readonly ConcurrentDictionary<int, History<LengthOp>> histories = new();
    private readonly Random random = new(seed);
    private int last = -1;

    public int Reads => histories.Values.Sum(history => history.Calls.Count(call => call.Op is LengthOp.Read));

    public async Task WriteAsync(CancellationToken stop, CancellationToken cancellation)
    {
        for (var number = 0; !stop.IsCancellationRequested; number++)
        {
            var history = histories[number] = new();
            try
            {
                await using var file = await files.OpenAsync(Path(number), FileMode.CreateNew, FileAccess.Write, cancellation: cancellation);
                Volatile.Write(ref last, number);
                await FlushAsync(file, number, history, stop, cancellation);
            }
            catch (GofsException failed) when (Outcome.IsUnknown(failed))
            {
                // The file stays as it is; what was under way is noted.
            }
        }
    }

    public async Task ReadAsync(int client, CancellationToken stop, CancellationToken cancellation)
    {
        var chance = new Random(seed + client);
        while (!stop.IsCancellationRequested)
        {
            await Task.Delay(Pause, cancellation);
            var newest = Volatile.Read(ref last);
            if (newest < 0) continue;
            var number = Math.Max(0, newest - (chance.Next(4) == 0 ? 1 : 0));
            await histories[number].AskAsync(client, new LengthOp.Read(0), () => ReadOneAsync(number, cancellation), _ => null);
        }
    }

    /// <summary>Judges each file's history by itself.</summary>
    public void Check()
    {
        foreach (var (number, history) in histories)
        {
            Call<LengthOp>[] calls = [.. history.Calls.Where(call => call.IsAnswered || call.Op is LengthOp.Flush)];
            Assert.True(Linearizability.Fault(new LengthModel(), calls) is not { } fault, $"{Path(number)}: {Linearizability.Fault(new LengthModel(), calls)}");
        }
    }

    private async Task FlushAsync(GofsFile file, int number, History<LengthOp> history, CancellationToken stop, CancellationToken cancellation)
    {
        var content = Content(number);
        for (var (flush, at) = (0, 0); flush < Flushes && !stop.IsCancellationRequested; flush++)
        {
            var more = 1 + random.Next(MostBytes);
            await file.WriteAsync(content.AsMemory(at, more), cancellation);
            at += more;
            var op = new LengthOp.Flush(at);
            if (!await history.AskAsync(0, op, () => OpAsync(op), _ => null)) return;
            await Task.Delay(Pause, cancellation);
        }

        async Task<LengthOp> OpAsync(LengthOp op)
        {
            await file.FlushAsync(cancellation);
            return op;
        }
    }

    private async Task<LengthOp> ReadOneAsync(int number, CancellationToken cancellation)
    {
        var found = await ReadAllAsync(number, cancellation);
        var good = found.AsSpan().CommonPrefixLength(Content(number));
        if (good < found.Length) Assert.Fail($"{Path(number)} has {WhatIsAt(found, number, good)}; read again {await AgainAsync(number, cancellation)}");
        return new LengthOp.Read(found.Length);
    }

    private async Task<byte[]> ReadAllAsync(int number, CancellationToken cancellation)
    {
        using var found = new MemoryStream();
        await using (var file = await files.OpenAsync(Path(number), FileMode.Open, FileAccess.Read, cancellation: cancellation))
            await file.CopyToAsync(found, cancellation);
        return found.ToArray();
    }

    private async Task<string> AgainAsync(int number, CancellationToken cancellation)
    {
        var found = await ReadAllAsync(number, cancellation);
        var good = found.AsSpan().CommonPrefixLength(Content(number));
        return good < found.Length ? $"it has {WhatIsAt(found, number, good)}" : $"it is well, with {found.Length} bytes";
    }

    // Bytes that nobody wrote there: how many, and what they are.
    private string WhatIsAt(byte[] found, int number, int at)
    {
        var bad = found.AsSpan(at);
        var content = Content(number).AsSpan(at, bad.Length);
        var same = 0;
        for (var i = 0; i < bad.Length; i++) same += bad[i] == content[i] ? 1 : 0;
        var zeros = bad.IndexOfAnyExcept((byte)0) is var end and >= 0 ? end : bad.Length;
        return string.Create(
            CultureInfo.InvariantCulture,
            $"bytes that nobody wrote at {at} of {found.Length}: {zeros} zeros, then {bad.Length - zeros}; {same} of them as they should be");
    }

    private GofsPath Path(int number) => home.Append(number.ToString(CultureInfo.InvariantCulture));

    private byte[] Content(int number)
    {
        var content = new byte[Flushes * MostBytes];
        new Random(HashCode.Combine(seed, number) & int.MaxValue).NextBytes(content);
        return content;
    }
}
