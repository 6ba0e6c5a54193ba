using Gofs.Transport;

namespace Gofs.Grains.ChunkServers;

/// <summary>Who orders the records that are appended to the chunks of which this server is the primary: one for the data port and for grains.</summary>
internal interface IRecordAppends
{
    /// <summary>Appends a record; answers where in the chunk it is. The bytes are the caller's again when this has ended.</summary>
    /// <exception cref="GofsException">
    /// <see cref="GofsError.ChunkFull"/>: it does not fit any more. <see cref="GofsError.ReplicasDiffer"/>, or whatever a server behind says: the
    /// record may be on some replicas. <see cref="GofsError.Busy"/>, <see cref="GofsError.Corrupt"/>, <see cref="GofsError.InvalidArgument"/>: it is on none.
    /// </exception>
    Task<long> AppendAsync(ChunkAppend record, IAppendRoute route);
}
