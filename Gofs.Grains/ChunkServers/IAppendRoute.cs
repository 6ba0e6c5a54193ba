using Gofs.Transport;

namespace Gofs.Grains.ChunkServers;

/// <summary>The servers behind a primary, and how it reaches them: over their data ports or over grains.</summary>
internal interface IAppendRoute
{
    /// <summary>Whether another is of the same kind: what goes one way need not go the other.</summary>
    bool IsAlike(IAppendRoute other);

    /// <summary>Whether another is of the same kind and leads to the same servers.</summary>
    bool IsSame(IAppendRoute other);

    /// <summary>
    /// Appends at a place, which must be the chunk's end, on all of them; ends when it is under way on none any more, or in bounded time. A failure's data say
    /// how many hops away the server was that failed.
    /// </summary>
    Task AppendAtAsync(ChunkAppend batch, long atBytes);
}
