using Gofs.Grains.Chunks;
using Gofs.Grains.Files;
using Gofs.Grains.Namespaces;
using Orleans;
using Orleans.Serialization;
using Xunit;

namespace Gofs.Tests.EditLogs;

/// <summary>
/// Records are for ever: what any release wrote, every later one must read. <c>golden-records.txt</c> holds, for each event and each layout it
/// ever had, the bytes and what they say. A line is never changed or removed; an event with a new member gets one more.
/// </summary>
public sealed class GoldenRecordTests
{
    private static readonly Type[] Families = [typeof(NamespaceEvent), typeof(FileEvent), typeof(ChunkTableEvent)];

    private static readonly string[][] Golden =
        [.. File.ReadLines(Path.Combine(AppContext.BaseDirectory, "EditLogs", "golden-records.txt")).Select(line => line.Split(' '))];

    public static TheoryData<string> Events => [.. Families.SelectMany(EventSamples.TypesOf).Select(type => type.FullName!)];

    [Theory]
    [MemberData(nameof(Events))]
    public void Event_AsItIsWrittenNow_IsInTheGoldenFile(string name)
    {
        var type = typeof(NamespaceEvent).Assembly.GetType(name)!;
        var sample = EventSamples.Make(type);
        var hex = Convert.ToHexStringLower(Families.Single(type.IsSubclassOf) switch
        {
            var family when family == typeof(NamespaceEvent) => Write((NamespaceEvent)sample),
            var family when family == typeof(FileEvent) => Write((FileEvent)sample),
            _ => Write((ChunkTableEvent)sample),
        });
        string[] line = [Alias(type), hex, string.Join(';', EventSamples.Describe(sample))];
        if (!Golden.Any(line.SequenceEqual))
            Assert.Fail($"{type.Name} is new, or is written differently. If that is meant, add this line to EditLogs/golden-records.txt:\n{string.Join(' ', line)}");
    }

    [Fact]
    public void GoldenBytes_AreReadAsWhatTheySaid()
    {
        var types = Families.SelectMany(EventSamples.TypesOf).ToDictionary(Alias);
        Assert.NotEmpty(Golden);
        foreach (var line in Golden)
        {
            Assert.True(line.Length == 3, $"not a line of three words: {line[0]}");
            var (alias, bytes) = (line[0], Convert.FromHexString(line[1]));
            Assert.True(types.TryGetValue(alias, out var type), $"{alias} is in old logs, and no event has this alias");
            object? read = Families.Single(type!.IsSubclassOf) switch
            {
                var family when family == typeof(NamespaceEvent) => EventSerializers.Of<NamespaceEvent>().Deserialize(bytes),
                var family when family == typeof(FileEvent) => EventSerializers.Of<FileEvent>().Deserialize(bytes),
                _ => EventSerializers.Some.Deserialize(bytes),
            };
            Assert.IsType(type!, read!);

            // A later release may have more members, never fewer.
            Assert.Empty(line[2].Split(';').Except(EventSamples.Describe(read!)).Select(missing => $"{alias}: {missing}"));
        }
    }

    private static byte[] Write<T>(T sample) => EventSerializers.Of<T>().SerializeToArray(sample);

    private static string Alias(Type type) =>
        type.GetCustomAttributes(typeof(AliasAttribute), inherit: false).Cast<AliasAttribute>().SingleOrDefault()?.Alias
            ?? throw new InvalidOperationException($"{type.Name} has no [Alias]: its records could not be read after a rename");
}
