using CsCheck;
using Gofs.Internal;
using Xunit;

namespace Gofs.Tests.Sdk;

/// <summary>The parts of many records, in whatever way they stand between each other, with copies and without some.</summary>
public sealed class RecordJoinerTests
{
    private const int PartBytes = 10;

    /// <summary>Some records in parts; of each how far its appender came, and which parts were appended twice.</summary>
    [Fact]
    public void WhatIsThereToItsEnd_IsJoined_AndNothingElse() =>
        Gen.Select(Gen.Select(Gen.Int[1, 6], Gen.Int[0, 6], Gen.Int[0, 5]).Array[1, 6], Gen.Int).Sample(one =>
        {
            var (records, seed) = one;
            var lines = records.Select((record, i) => new Queue<RecordPart>(Line((ulong)i, record.Item1, record.Item2, record.Item3))).ToList();
            var (random, joiner, at) = (new Random(seed), new RecordJoiner(), 0L);
            var joined = new Dictionary<ulong, List<long>>();
            var first = new Dictionary<(ulong, int), long>();
            while (lines.Any(line => line.Count > 0))
            {
                var line = lines[random.Next(lines.Count)];
                if (!line.TryDequeue(out var part)) continue;
                first.TryAdd((part.Appender, part.Offset), at);
                if (!joined.ContainsKey(part.Appender) && joiner.Add(part, at))
                {
                    joined[part.Appender] = [.. joiner.PlacesOf(part.Appender, 1)!.Select(place => place.OffsetBytes)];
                    joiner.Remove(part.Appender, 1);
                }

                at += 100;
            }

            for (var i = 0; i < records.Length; i++)
            {
                var (parts, appended, _) = records[i];
                Assert.Equal(appended >= parts, joined.ContainsKey((ulong)i));
                if (!joined.TryGetValue((ulong)i, out var places)) continue;
                Assert.Equal(Enumerable.Range(0, parts).Select(part => first[((ulong)i, part * PartBytes)]), places);
            }

            Assert.Equal(records.Count(record => record.Item2 > 0 && record.Item2 < record.Item1), joiner.Open);
        });

    [Fact]
    public void WhatIsForgotten_ComesAgain_InOtherPlaces()
    {
        var joiner = new RecordJoiner();
        Assert.False(joiner.Add(Part(1, 0, 3), 100));
        Assert.False(joiner.Add(Part(1, 1, 3), 200));
        Assert.False(joiner.Add(Part(2, 0, 2), 250));
        joiner.ForgetFrom(200);
        Assert.True(joiner.IsOpen(1, 1));
        Assert.False(joiner.IsOpen(2, 1));
        Assert.False(joiner.Add(Part(1, 2, 3), 300)); // the second is no more
        Assert.False(joiner.Add(Part(1, 1, 3), 400));
        Assert.True(joiner.Add(Part(1, 2, 3), 500));
        Assert.Equal([100, 400, 500], joiner.PlacesOf(1, 1)!.Select(place => place.OffsetBytes));
        joiner.ForgetFrom(500);
        Assert.Null(joiner.PlacesOf(1, 1));
    }

    [Fact]
    public void PartOfAnotherLength_IsNotOfTheRecord()
    {
        var joiner = new RecordJoiner();
        Assert.False(joiner.Add(Part(1, 0, 2), 0));
        Assert.False(joiner.Add(Part(1, 1, 3), 10));
        Assert.False(joiner.Add(Part(1, 0, 2), 20));
        Assert.True(joiner.Add(Part(1, 1, 2), 30));
    }

    [Fact]
    public void Joiner_IsBounded_AndGivesUpWhoWasSilentForLongest()
    {
        var joiner = new RecordJoiner();
        for (var i = 0ul; i <= RecordJoiner.MostOpen; i++) Assert.False(joiner.Add(Part(i, 0, 2), (long)i));
        Assert.Equal(RecordJoiner.MostOpen, joiner.Open);
        Assert.False(joiner.Add(Part(0, 1, 2), 1 << 20));
        Assert.True(joiner.Add(Part(1, 1, 2), 1 << 20));
        joiner.Remove(1, 1);
        for (var part = 0; part <= RecordJoiner.MostPlaces; part++) joiner.Add(Part(ulong.MaxValue, part, RecordJoiner.MostPlaces + 2), part);
        Assert.Equal(0, joiner.Open);
        Assert.False(joiner.Add(Part(5, 0, 2), 0));
        Assert.Equal(1, joiner.Open);
    }

    // As appended: each part when the one before is there, some a second time.
    private static IEnumerable<RecordPart> Line(ulong appender, int parts, int appended, int twice)
    {
        for (var part = 0; part < Math.Min(parts, appended); part++)
        {
            yield return Part(appender, part, parts);
            if (part == twice) yield return Part(appender, part, parts);
        }
    }

    private static RecordPart Part(ulong appender, int part, int parts) => new(PartBytes, appender, 1, part * PartBytes, parts * PartBytes, 0);
}
