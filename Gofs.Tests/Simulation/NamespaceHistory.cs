using Gofs.Grains.EditLogs;
using Gofs.Grains.Namespaces;
using Gofs.Namespaces;
using Gofs.Tests.EditLogs;
using Gofs.Tests.Namespaces;
using Orleans.Serialization;

namespace Gofs.Tests.Simulation;

/// <summary>
/// What really happened to a namespace: every record that its database ever took, and the state after each. Everything that silos hold and answer is held
/// against it, and what must not be ends the run:
/// a record under an epoch that is not the last taken, or out of order; an op-id in two records; an acknowledged command that is in no record, at once or any
/// time later; one that was answered and did nothing, refused or not, and is in a record after; an answer that was not true at any moment between the call and
/// the answer; a live state, a standby's or what Snapshot and log make that is not the state of its number.
/// </summary>
internal sealed class NamespaceHistory
{
    private static readonly Serializer<NamespaceEvent> Serializer = EventSerializers.Of<NamespaceEvent>();
    private readonly SimWorld world;
    private readonly SimDatabase database;
    private readonly List<SimRecord> records = [];
    private readonly List<byte[]> states = [];
    private readonly Dictionary<OpId, long> numbers = [];
    private readonly Dictionary<OpId, OpId> aliases = [];
    private readonly HashSet<OpId> acknowledged = [];
    private readonly HashSet<OpId> withoutRecord = [];
    private readonly List<NamespaceWatch> watches = [];
    private long epoch;

    public NamespaceHistory(SimWorld world, SimDatabase database)
    {
        (this.world, this.database) = (world, database);
        states.Add(BytesOf(Model));
        database.Committed = OnCommitted;
        database.Changed = CheckStored;
    }

    /// <summary>The stream.</summary>
    public static StreamId Stream { get; } = StreamId.OfNamespace(1);

    /// <summary>The state after the last record.</summary>
    public NamespaceState Model { get; private set; } = new();

    /// <summary>The number of the last record.</summary>
    public long Number => records.Count;

    /// <summary>How many commands were acknowledged.</summary>
    public int Acknowledged => acknowledged.Count;

    /// <summary>A client asks; what may be answered is gathered from now on.</summary>
    public NamespaceWatch Ask(INamespaceRequest request)
    {
        var watch = new NamespaceWatch(this, request);
        watches.Add(watch);
        watch.Look();
        return watch;
    }

    /// <summary>A client was answered.</summary>
    public void Answered(NamespaceWatch watch, NamespaceAnswer answer)
    {
        watches.Remove(watch);
        var said = NamespaceWatch.Describe(answer);
        if (!watch.MayAnswer(said)) world.Wrong($"{watch.Request} was answered '{said}'; true was {watch}");
        if (watch.OpId is { } opId) (numbers.ContainsKey(opId) ? acknowledged : withoutRecord).Add(opId);
    }

    /// <summary>A client does not wait any more.</summary>
    public void GivenUp(NamespaceWatch watch) => watches.Remove(watch);

    /// <summary>Whether a command is in the history.</summary>
    public bool Has(OpId opId) => numbers.ContainsKey(opId);

    /// <summary>From now on one op-id is another in disguise.</summary>
    public void Disguise(OpId disguise, OpId really) => aliases[disguise] = really;

    /// <summary>What a command that is in the history came to.</summary>
    public long ResultOf(OpId opId)
    {
        if (Model.Results.TryGet(opId, out var result)) return result;
        foreach (var (disguise, really) in aliases)
        {
            if (really == opId && Model.Results.TryGet(disguise, out result)) break;
        }

        return result;
    }

    /// <summary>A state that somebody has as of a number is what it was then.</summary>
    public void Check(string whose, NamespaceState state, long number)
    {
        if (number < 0) return;
        if (number > Number) world.Wrong($"{whose} has {number} records, of {Number} that there are");
        else if (!IsSame(BytesOf(state), states[(int)number])) world.Wrong($"{whose} at {number} is not what the records make");
    }

    /// <summary>What somebody was told as of a number was so then.</summary>
    public void CheckStale(Lookup lookup, StaleAnswer<Entry?> answer)
    {
        if (answer.EditLogNumber > Number) world.Wrong($"a standby answered as of {answer.EditLogNumber}, of {Number} records");
        else if (NamespaceWatch.Describe(Find(StateAt(answer.EditLogNumber), lookup)) != NamespaceWatch.Describe(answer.Value))
            world.Wrong($"a standby's answer to {lookup} was not so at {answer.EditLogNumber}");
    }

    /// <summary>Snapshot and log in the database make the state, and have all that was acknowledged.</summary>
    public void CheckStored()
    {
        if (database.IsDown) return;
        var head = database.Find(Stream)?.Head ?? default;
        if (head.Number < Number) Lose(head);
        try
        {
            var state = EditLogLoader.Load<NamespaceState, NamespaceEvent>(
                new SimStoredStreams(database), Stream, head, head.Number, Serializer, static () => { });
            Check("Snapshot and log", state, head.Number);
        }
        catch (GofsException corrupt)
        {
            world.Wrong($"Snapshot and log can't be read: {corrupt.Message}");
        }
    }

    private void OnCommitted(SimCommit commit, StreamHead head)
    {
        if (commit.Claim == StreamClaim.Take)
        {
            if (head.Epoch <= epoch) world.Wrong($"epoch {head.Epoch} was taken after {epoch}");
            epoch = head.Epoch;
            world.Note("db", $"epoch {epoch} at {head.Number}");
        }
        else if (commit.Epoch != epoch)
        {
            world.Wrong($"epoch {commit.Epoch} commits while {epoch} is the last taken");
        }

        foreach (var record in commit.Records) Add(record);
        if (commit.Records.Count > 0) world.Note("db", $"records {commit.PreviousNumber + 1} to {head.Number}");
    }

    private void Add(SimRecord record)
    {
        if (record.Number != Number + 1) world.Wrong($"record {record.Number} comes after {Number}");
        if (EditLogCrc.OfRecord(Stream, record.Number, record.Payload) != record.Crc) world.Wrong($"record {record.Number} has a wrong CRC");
        records.Add(record);
        var happened = Serializer.Deserialize(record.Payload)!;
        if (OpIdOf(happened) is { } opId && !numbers.TryAdd(opId, record.Number))
            world.Wrong($"records {numbers[opId]} and {record.Number} are of one op-id");
        if (OpIdOf(happened) is { } late && withoutRecord.Contains(late))
            world.Wrong($"record {record.Number} is of a command that was answered, and did nothing");
        Model.Apply(happened);
        states.Add(BytesOf(Model));
        foreach (var watch in watches) watch.Look();
    }

    // The database has forgotten records: nobody may have been told of them.
    private void Lose(StreamHead head)
    {
        foreach (var (opId, number) in numbers.Where(one => one.Value > head.Number).ToArray())
        {
            if (acknowledged.Contains(opId)) world.Wrong($"record {number} was acknowledged and is lost");
            numbers.Remove(opId);
        }

        records.RemoveRange((int)head.Number, records.Count - (int)head.Number);
        states.RemoveRange((int)head.Number + 1, states.Count - (int)head.Number - 1);
        (Model, epoch) = (StateAt(head.Number), head.Epoch);
    }

    private NamespaceState StateAt(long number)
    {
        using var reader = new SnapshotReader([states[(int)number]]);
        var state = new NamespaceState();
        state.ReadSnapshot(reader);
        return state;
    }

    private OpId? OpIdOf(NamespaceEvent happened)
    {
        if (happened is Administered act) return act.What is null ? null : OpIdOf(act.What);
        if (happened.GetType().GetProperty("OpId")?.GetValue(happened) is not OpId opId) return null;
        return aliases.GetValueOrDefault(opId, opId);
    }

    internal static Entry? Find(NamespaceState state, Lookup lookup) => NamespaceQueries.Find(state, lookup.Path, lookup.FollowLast);

    // Tables that were filled in another order are written in another order: then what is in them counts.
    private static bool IsSame(byte[] one, byte[] other) => one.AsSpan().SequenceEqual(other) || Describe(one) == Describe(other);

    private static string Describe(byte[] bytes)
    {
        using var reader = new SnapshotReader([bytes]);
        var state = new NamespaceState();
        state.ReadSnapshot(reader);
        var attributes = state.ExtendedAttributes.OrderBy(one => one.Key)
            .Select(one => $"{one.Key} {string.Join(' ', one.Value.Select(its => $"{its.Key}={Convert.ToHexString(its.Value)}"))}");
        var targets = state.Targets.OrderBy(one => one.Key).Select(one => $"{one.Key} {Convert.ToHexString(one.Value)}");
        using var results = new MemoryStream();
        var writer = new SnapshotWriter(4096, part => results.Write(part.Span));
        state.Results.Write(writer);
        writer.Complete();
        return $"{NamespaceStates.Describe(state)}\n{string.Join(';', attributes)}\n{string.Join(';', targets)}\n{Convert.ToHexString(results.ToArray())}";
    }

    private static byte[] BytesOf(NamespaceState state)
    {
        using var bytes = new MemoryStream();
        var writer = new SnapshotWriter(4096, part => bytes.Write(part.Span));
        state.WriteSnapshot(writer);
        writer.Complete();
        return bytes.ToArray();
    }
}
