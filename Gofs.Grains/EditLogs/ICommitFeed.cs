namespace Gofs.Grains.EditLogs;

/// <summary>Gets the records of one stream as they become durable.</summary>
internal interface ICommitFeed
{
    /// <summary>
    /// Records are durable. Called on the writer's thread, under the stream's lock: takes a copy and returns at once; the batch is not its own.
    /// </summary>
    void Committed(long firstNumber, RecordBatch records);
}
