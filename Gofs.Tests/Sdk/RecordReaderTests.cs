using CsCheck;
using Gofs.Internal;
using Gofs.Tests.Sdk.Fakes;
using Gofs.Transport;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace Gofs.Tests.Sdk;

/// <summary>What a reader gives out while records are appended, appends fail and replicas are made equal behind it.</summary>
public sealed class RecordReaderTests
{
    private const int PartBytes = 300;
    private static readonly FakeTimeProvider Time = new();

    /// <summary>
    /// The case it is about: a record is read that not every replica has; it is cut off, and others' records take its place, up to behind where the reader
    /// stands. Which replica is short says whether the reader comes to see it.
    /// </summary>
    [Fact]
    public async Task WhatIsAppendedInThePlaceOfACutEnd_IsRead()
    {
        var seen = 0;
        for (var missing = 0; missing < 3; missing++)
        {
            var file = new AppendedFile();
            using var reader = file.Open(Time);
            file.Append(Whole(1, 1, 40), 1000, 1000, 1000);
            file.Silent.Add(missing);
            file.Append(Whole(1, 2, 100), [.. Enumerable.Range(0, 3).Select(i => i == missing ? 0 : 1000)]);
            var read = await ReadAsync(reader);
            seen += read.Count(record => record == (1, 2));
            file.Silent.Clear();
            file.MakeEqual();
            file.Append(Whole(2, 1, 20), 1000, 1000, 1000);
            file.Append(Whole(3, 1, 200), 1000, 1000, 1000);
            read.AddRange(await ReadAsync(reader));
            file.Append(Whole(1, 2, 100), 1000, 1000, 1000);
            file.Append(Whole(1, 3, 1), 1000, 1000, 1000);
            read.AddRange(await ReadAsync(reader));
            Assert.Equal([(1, 1), (1, 2), (1, 3), (2, 1), (3, 1)], read.Order());
        }

        Assert.InRange(seen, 1, 3);
    }

    [Fact]
    public async Task LongRecord_StandsWhereItsLastPartDoes_AndIsFoundByItsFirst()
    {
        var file = new AppendedFile();
        using var reader = file.Open(Time);
        var parts = Parts(1, 1, 700);
        file.Append(Whole(2, 1, 10), 1000, 1000, 1000);
        file.Append(parts[0], 1000, 1000, 1000);
        file.Append(Whole(2, 2, 10), 1000, 1000, 1000);
        file.Append(parts[1], 1000, 1000, 1000);
        file.Append(parts[1], 1000, 1000, 1000);
        Assert.Equal([(2, 1), (2, 2)], await ReadAsync(reader));
        file.Append(parts[2], 1000, 1000, 1000);
        file.Append(parts[2], 1000, 1000, 1000);
        file.Append(parts[0], 1000, 1000, 1000);
        var record = await reader.ReadAsync(TestContext.Current.CancellationToken);
        Assert.Equal(42, record!.Value.OffsetBytes);
        Assert.Equal(Bytes(1, 1, 700), record.Value.Data.ToArray());
        Assert.Empty(await ReadAsync(reader));
    }

    [Fact]
    public async Task LongRecordPastAQuarterOfAChunk_IsNone()
    {
        var file = new AppendedFile();
        using var reader = file.Open(Time);
        foreach (var part in Parts(1, 1, (AppendedFile.ChunkBytes / 4) + 1)) file.Append(part, 1000, 1000, 1000);
        file.Append(Whole(2, 1, 10), 1000, 1000, 1000);
        Assert.Equal([(2, 1)], await ReadAsync(reader));
    }

    /// <summary>Zeros where a slow replica has nothing yet are not taken for padding.</summary>
    [Fact]
    public async Task WhatAReplicaDoesNotHaveYet_IsWaitedFor()
    {
        var file = new AppendedFile();
        using var reader = file.Open(Time);
        file.Silent.UnionWith([1, 2]);
        file.Append(Whole(1, 1, 40), 1000, 10, 0);
        var early = await ReadAsync(reader);
        file.Silent.Clear();
        file.MakeEqual(without: 1);
        file.Append(Whole(2, 1, 900), 1000, 1000, 1000);
        Assert.Equal([(2, 1)], (await ReadAsync(reader)).Except(early));
    }

    /// <summary>Nothing but what a crash left of an append, however much of it, is no reason to say that the file has no records: they may follow.</summary>
    [Fact]
    public async Task TornAppend_ThatStandsAlone_IsPassedOver()
    {
        foreach (var torn in (byte[][])[Whole(1, 1, 200), Parts(1, 1, 700)[0], new byte[500]])
        {
            for (var reached = 1; reached < torn.Length; reached++)
            {
                var file = new AppendedFile();
                using var reader = file.Open(Time);
                file.Append(torn, reached, reached, reached);
                file.LogLength();
                Assert.Empty(await ReadAsync(reader));
                file.Append(Whole(2, 1, 10), 1000, 1000, 1000);
                Assert.Equal([(2, 1)], await ReadAsync(reader));
            }
        }
    }

    /// <summary>The torn record is found whole, by chance; the one whose head has the bytes it lacks is found too, at once or when it is there.</summary>
    [Fact]
    public async Task TornAppend_ThatLacksWhatTheNextOneBeginsWith_HidesNothing()
    {
        foreach (var mark in (byte[][])[RecordFrame.Start.ToArray(), RecordPart.Start.ToArray()])
        {
            for (var lacks = 1; lacks <= mark.Length; lacks++)
            {
                var file = new AppendedFile();
                using var reader = file.Open(Time);
                byte[] data = [.. Bytes(1, 1, 20), .. mark[..lacks]];
                var torn = new byte[RecordFrame.HeadBytes + data.Length];
                new RecordFrame(data.Length, 1, 1, Crc32C.Compute(data)).Format(torn);
                data.CopyTo(torn, RecordFrame.HeadBytes);
                file.Append(torn, [.. Enumerable.Repeat(torn.Length - lacks, 3)]);
                file.LogLength();
                Assert.Null(await reader.ReadAsync(TestContext.Current.CancellationToken));
                var next = mark[3] == 'C' ? [Whole(2, 1, 300)] : Parts(2, 1, 400);
                foreach (var piece in next) file.Append(piece, 1000, 1000, 1000);
                Assert.Equal(data, (await reader.ReadAsync(TestContext.Current.CancellationToken))!.Value.Data.ToArray());
                file.Append(torn, 1000, 1000, 1000);
                Assert.Equal([(2, 1)], await ReadAsync(reader));
            }
        }
    }

    [Fact]
    public async Task FileThatWasWrittenOtherwise_HasNoRecords()
    {
        var file = new AppendedFile();
        using var reader = file.Open(Time);
        file.Append(Bytes(1, 1, 100), 1000, 1000, 1000);
        file.LogLength();
        var refused = await Assert.ThrowsAsync<GofsException>(() => ReadAsync(reader));
        Assert.Equal((GofsError.Corrupt, "/f"), (refused.Error, refused.Path));
    }

    /// <summary>
    /// A replica is healed while the replicas differ: who reads the longest then has read what is cut off when the next append finds out, and what is
    /// appended in its place.
    /// </summary>
    [Fact]
    public async Task WhatIsAppendedInThePlaceOfAnEndThatWasHealed_IsRead()
    {
        for (var source = 0; source < 2; source++)
        {
            var file = new AppendedFile();
            using var reader = file.Open(Time);
            file.Append(Whole(1, 1, 40), 1000, 1000, 1000);
            file.Append(Whole(1, 2, 100), 1000, 1000, 0);
            file.Heal(target: 1 - source, source);
            file.Silent.Add(2);
            var read = await ReadAsync(reader);
            Assert.Equal([(1, 1), (1, 2)], read);
            file.Silent.Clear();
            file.MakeEqual();
            file.Append(Whole(2, 1, 68), 1000, 1000, 1000);
            file.Append(Whole(2, 2, 10), 1000, 1000, 1000);
            Assert.Equal([(2, 1), (2, 2)], await ReadAsync(reader));
        }
    }

    /// <summary>
    /// Appenders that append whole and long records, each piece until it is acknowledged or given up, torn appends, silent servers, replicas that are
    /// healed, file grains that start anew, and a reader all along: at the end it has given out all that was acknowledged, each once, and nothing else.
    /// </summary>
    [Fact]
    public async Task EveryAcknowledgedRecord_IsGivenOutOnce_WhateverHappensBehindTheReader() =>
        await Gen.Int.SampleAsync(async seed =>
        {
            var (file, random, world) = (new AppendedFile(), new Random(seed), new World());
            using var reader = file.Open(Time);
            for (var step = 0; step < 150; step++)
            {
                switch (random.Next(11))
                {
                    case < 5: world.Append(file, random); break;
                    case 5: file.MakeEqual(random.Next(4) is < 3 and var gone ? gone : null); break;
                    case 6: file.RestartGrain(); break;
                    case 7: file.Silent.Clear(); break;
                    case 8: file.Silent.Add(random.Next(2)); break;
                    case 9: file.Heal(random.Next(3), random.Next(3)); break;
                    default: await world.ReadAsync(reader, random.Next(1, 6)); break;
                }

                if (random.Next(20) == 0) file.LogLength();
            }

            file.Silent.Clear();
            file.LogLength();
            await world.ReadAsync(reader, int.MaxValue);
            world.Check();
        }, threads: 1, iter: 300);

    private static async Task<List<(int, int)>> ReadAsync(GofsRecordReader reader)
    {
        List<(int, int)> read = [];
        while (await reader.ReadAsync(TestContext.Current.CancellationToken) is { } record)
        {
            Assert.Equal(Bytes(record.Appender, record.Sequence, record.Data.Length), record.Data.ToArray());
            read.Add(((int)record.Appender, (int)record.Sequence));
        }

        return read;
    }

    private static byte[] Bytes(ulong appender, ulong sequence, int length)
    {
        var bytes = new byte[length];
        new Random((int)((appender * 1000) + sequence)).NextBytes(bytes);
        return bytes;
    }

    private static byte[] Whole(ulong appender, ulong sequence, int length)
    {
        var bytes = new byte[RecordFrame.HeadBytes + length];
        var data = Bytes(appender, sequence, length);
        new RecordFrame(length, appender, sequence, Crc32C.Compute(data)).Format(bytes);
        data.CopyTo(bytes, RecordFrame.HeadBytes);
        return bytes;
    }

    private static List<byte[]> Parts(ulong appender, ulong sequence, int length)
    {
        List<byte[]> parts = [];
        var data = Bytes(appender, sequence, length);
        for (var offset = 0; offset < length; offset += PartBytes)
        {
            var part = data.AsSpan(offset, Math.Min(PartBytes, length - offset));
            var bytes = new byte[RecordPart.HeadBytes + part.Length];
            new RecordPart(part.Length, appender, sequence, offset, length, Crc32C.Compute(part)).Format(bytes);
            part.CopyTo(bytes.AsSpan(RecordPart.HeadBytes));
            parts.Add(bytes);
        }

        return parts;
    }

    /// <summary>Some appenders, and what a reader has given out.</summary>
    private sealed class World
    {
        private const int Appenders = 4;
        private readonly Queue<byte[]>[] pieces = [.. Enumerable.Range(0, Appenders).Select(_ => new Queue<byte[]>())];
        private readonly int[] sequences = new int[Appenders];
        private readonly HashSet<(ulong, ulong)> acknowledged = [];
        private readonly Dictionary<(ulong, ulong), byte[]> read = [];

        public void Append(AppendedFile file, Random random)
        {
            if (!file.TakesAppends) file.MakeEqual(random.Next(6) is < 3 and var gone ? gone : null);
            var appender = random.Next(Appenders);
            var line = pieces[appender];
            if (line.Count == 0)
            {
                var (sequence, length) = ((ulong)++sequences[appender], random.Next(4) == 0 ? random.Next(PartBytes, 900) : random.Next(0, 200));
                if (length < PartBytes) line.Enqueue(Whole((ulong)appender, sequence, length));
                else Parts((ulong)appender, sequence, length).ForEach(line.Enqueue);
            }

            var bytes = line.Peek();
            int[] reached = [.. Enumerable.Range(0, 3).Select(_ => random.Next(4) == 0 ? random.Next(bytes.Length) : bytes.Length)];
            if (random.Next(2) == 0) reached = [bytes.Length, bytes.Length, bytes.Length];
            if (file.Append(bytes, reached))
            {
                line.Dequeue();
                if (line.Count == 0) acknowledged.Add(((ulong)appender, (ulong)sequences[appender]));
            }
            else if (random.Next(5) == 0)
            {
                // Its appender dies, or gives the record up.
                line.Clear();
            }
        }

        public async Task ReadAsync(GofsRecordReader reader, int most)
        {
            for (var i = 0; i < most && await reader.ReadAsync(TestContext.Current.CancellationToken) is { } record; i++)
                Assert.True(read.TryAdd((record.Appender, record.Sequence), record.Data.ToArray()), $"{record.Appender}/{record.Sequence} a second time");
        }

        public void Check()
        {
            Assert.Empty(acknowledged.Except(read.Keys));
            foreach (var ((appender, sequence), data) in read)
            {
                Assert.True(sequence <= (ulong)sequences[appender], "a record nobody appended");
                Assert.Equal(Bytes(appender, sequence, data.Length), data);
            }
        }
    }
}
