namespace Gofs.Grains.EditLogs;

/// <summary>How a commit comes by its epoch.</summary>
internal enum StreamClaim
{
    /// <summary>It has one, which is checked.</summary>
    None,

    /// <summary>It makes the stream's row; refused when there is one.</summary>
    Create,

    /// <summary>It takes the next epoch, making the row when there is none.</summary>
    Take,
}

/// <summary>What one stream brings to one transaction, and what became of it. Used again for the stream's next commit.</summary>
/// <param name="stream">The stream.</param>
internal sealed class StreamCommit(StreamId stream)
{
    /// <summary>The stream.</summary>
    public StreamId Stream { get; } = stream;

    /// <summary>The claim; <see cref="StreamClaim.Take"/> comes alone.</summary>
    public StreamClaim Claim { get; set; }

    /// <summary>The epoch to check when there is no claim.</summary>
    public long Epoch { get; set; }

    /// <summary>The number before the first record, which is checked.</summary>
    public long PreviousNumber { get; set; }

    /// <summary>Records to append, or null.</summary>
    public RecordBatch? Records { get; set; }

    /// <summary>Whether the stream is removed after its records.</summary>
    public bool Delete { get; set; }

    /// <summary>Outcome of a claim: the row.</summary>
    public StreamHead Head { get; set; }

    /// <summary>Outcome: why nothing of it was committed, or null.</summary>
    public string? Refused { get; set; }

    /// <summary>Says that the check failed, in words for its claim.</summary>
    public void Refuse() => Refused = Claim switch
    {
        StreamClaim.Take => "it is being deleted",
        StreamClaim.Create => "another owner made it first",
        _ => $"another owner took an epoch after {Epoch}",
    };

    /// <summary>Says that the records' numbers are taken already: the store is not what a stream's row says.</summary>
    public void RefuseForContradiction(string why) => Refused = $"its rows contradict the store ({why})";

    /// <summary>The number after the last record.</summary>
    public long LastNumber => PreviousNumber + (Records?.Count ?? 0);
}
