using System.Buffers.Binary;
using System.Collections.Concurrent;
using Xunit;

namespace Gofs.Tests.Histories;

/// <summary>
/// Clients append records to one file, others read all of it. A read that began after a record was acknowledged has it, whole and once; one that ended before
/// it was appended has not. Between the two, and of a record that nobody heard of again, either may be seen (docs/guarantees.md).
/// </summary>
internal sealed class AppendSet(GofsNamespace files, GofsPath path)
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(10);
    private static readonly TimeSpan BetweenReads = TimeSpan.FromMilliseconds(200);
    private readonly ConcurrentQueue<Call<long>> appends = new();
    private readonly ConcurrentQueue<Call<HashSet<long>>> reads = new();

    public int Appends => appends.Count;

    public int Reads => reads.Count;

    /// <summary>The longest time in which no append was acknowledged, and when it began.</summary>
    public (TimeSpan Length, DateTimeOffset Since) LongestGap
    {
        get
        {
            long[] ends = [.. appends.Where(append => append.IsAnswered).Select(append => append.Returned).Order()];
            var (length, since) = ends.Zip(ends.Skip(1), (one, next) => (next - one, one)).DefaultIfEmpty().Max();
            return (TimeSpan.FromTicks(length / 100), TimeProvider.System.GetUtcNow().AddTicks((since - History<long>.Now) / 100));
        }
    }

    public async Task AppendAsync(int client, CancellationToken stop, CancellationToken cancellation)
    {
        var random = new Random(client);
        for (var number = 0; !stop.IsCancellationRequested;)
        {
            try
            {
                await using var appender = await files.OpenAppenderAsync(path, cancellation: cancellation);
                while (!stop.IsCancellationRequested)
                {
                    await AppendOneAsync(appender, client, (client * 1_000_000L) + ++number, random.Next(3000), cancellation);
                    await Task.Delay(Pause, cancellation);
                }
            }
            catch (GofsException unknown) when (Outcome.IsUnknown(unknown))
            {
                // A new appender goes on.
            }
        }
    }

    public async Task ReadAsync(int client, CancellationToken stop, CancellationToken cancellation)
    {
        while (!stop.IsCancellationRequested)
        {
            await Task.Delay(BetweenReads, cancellation);
            var invoked = History<long>.Now;
            try
            {
                reads.Enqueue(new(client, await ReadAllAsync(cancellation), invoked, History<long>.Now));
            }
            catch (GofsException failed) when (failed.Error == GofsError.NotFound || Outcome.IsUnknown(failed))
            {
                // It read nothing, or not all.
            }
        }
    }

    /// <summary>Judges every read.</summary>
    public void Check() => Assert.Null(Fault([.. appends], [.. reads]));

    /// <summary>What is wrong, or null.</summary>
    public static string? Fault(IReadOnlyCollection<Call<long>> appends, IReadOnlyCollection<Call<HashSet<long>>> reads)
    {
        var all = appends.Select(append => append.Op).ToHashSet();
        foreach (var read in reads)
        {
            if (read.Op.FirstOrDefault(found => !all.Contains(found)) is var nobodys and not 0) return $"record {nobodys} was read, and nobody appended it";
            foreach (var append in appends)
            {
                var has = read.Op.Contains(append.Op);
                if (has && read.Returned < append.Invoked) return $"{append} was read before it was appended, by client {read.Client}";
                if (!has && append.IsAnswered && append.Returned < read.Invoked)
                    return $"{append} is missing in what client {read.Client} read from {read.Invoked / 1e6} to {read.Returned / 1e6}";
            }
        }

        return null;
    }

    private async Task AppendOneAsync(GofsAppender appender, int client, long id, int bytes, CancellationToken cancellation)
    {
        var invoked = History<long>.Now;
        try
        {
            await appender.AppendAsync(Record(id, bytes), cancellation);
            appends.Enqueue(new(client, id, invoked, History<long>.Now));
        }
        catch (GofsException unknown) when (Outcome.IsUnknown(unknown))
        {
            appends.Enqueue(new(client, id, invoked, Call<long>.Never));
            throw;
        }
    }

    private async Task<HashSet<long>> ReadAllAsync(CancellationToken cancellation)
    {
        var found = new HashSet<long>();
        using var reader = await files.OpenRecordReaderAsync(path, cancellation);
        await foreach (var record in reader.ReadAllAsync(cancellation))
        {
            var id = BinaryPrimitives.ReadInt64LittleEndian(record.Data.Span);
            Assert.True(record.Data.Span.SequenceEqual(Record(id, record.Data.Length - sizeof(long))), $"record {id} has bytes that nobody wrote");
            Assert.True(found.Add(id), $"record {id} was read twice");
        }

        return found;
    }

    private static byte[] Record(long id, int bytes)
    {
        var record = new byte[sizeof(long) + bytes];
        BinaryPrimitives.WriteInt64LittleEndian(record, id);
        new Random((int)(id % int.MaxValue)).NextBytes(record.AsSpan(sizeof(long)));
        return record;
    }
}
