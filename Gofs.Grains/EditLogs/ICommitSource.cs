namespace Gofs.Grains.EditLogs;

/// <summary>Who has something for the writer's next transaction. Called by the writer's thread, except <see cref="Fault"/>.</summary>
internal interface ICommitSource
{
    /// <summary>What it brings, or null when it has been given up.</summary>
    StreamCommit? Take();

    /// <summary>The transaction is durable, or the store refused this part of it.</summary>
    void Committed();

    /// <summary>The transaction failed: what was taken is not needed any more.</summary>
    void Dropped();

    /// <summary>Whether what was taken took effect is unknown.</summary>
    void Fault(GofsException why);
}
