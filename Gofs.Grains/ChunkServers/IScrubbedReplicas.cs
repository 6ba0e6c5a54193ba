using Gofs.Chunks;

namespace Gofs.Grains.ChunkServers;

/// <summary>What makes a whole replica useless: reads of it fail, and no part of it can be put right.</summary>
public enum ReplicaDamage
{
    /// <summary>It has none.</summary>
    None = 0,

    /// <summary>Its file is not where it belongs; whoever has it open reads on until it is closed.</summary>
    Missing = 1,

    /// <summary>The disk does not give its file's bytes.</summary>
    Unreadable = 2,

    /// <summary>The head of its file says another chunk, another version or nothing, or its slots are cut off.</summary>
    WrongHead = 3,
}

/// <summary>A replica that is damaged as a whole.</summary>
/// <param name="Handle">The chunk.</param>
/// <param name="Version">Its version.</param>
/// <param name="LengthBytes">How long it is to be, as far as the server knows.</param>
/// <param name="Damage">What is wrong with it.</param>
public readonly record struct DamagedReplica(ChunkHandle Handle, ChunkVersion Version, long LengthBytes, ReplicaDamage Damage);

/// <summary>What reading a replica came to.</summary>
/// <param name="Bytes">How many were read.</param>
/// <param name="Found">Damages found in it: bad checksum blocks, or the whole of it.</param>
/// <param name="Repaired">How many of them could be put right at once, from what the server knows itself.</param>
public readonly record struct ReplicaScrub(long Bytes, int Found, int Repaired);

/// <summary>Waits until so many bytes may be read.</summary>
public delegate Task ScrubPacing(int bytes, CancellationToken cancellation);

/// <summary>The chunks on a silo's disks, as scrub sees them. Operations may run at once.</summary>
public interface IScrubbedReplicas
{
    /// <summary>How many damages are known now: bad checksum blocks, and replicas.</summary>
    int KnownDamages { get; }

    /// <summary>Every replica on disks in service, in any order.</summary>
    IReadOnlyList<ReplicaReport> ListReplicas();

    /// <summary>
    /// Reads one replica from the disk: its file is there, the head is right, it has its length, and all bytes match their CRCs. Damages are remembered, to
    /// be repaired. One that is not here (any more), or is only being made, has none. <see cref="GofsException"/> when it can't be told.
    /// </summary>
    Task<ReplicaScrub> ScrubAsync(ChunkHandle handle, ScrubPacing pacing, CancellationToken cancellation);

    /// <summary>Replicas that are damaged as a whole, until they are given up or are no more; at most so many are remembered.</summary>
    IReadOnlyList<DamagedReplica> GetDamagedReplicas();

    /// <summary>
    /// Gives up a damaged replica, which from then on is not here: the next report says so. Its file, if there is one, is put into quarantine. False: it is
    /// not damaged like that any more.
    /// </summary>
    Task<bool> GiveUpAsync(DamagedReplica damaged, CancellationToken cancellation);

    /// <summary>
    /// The same for a replica with a bad checksum block for which no other's fits: they end elsewhere. False: the block is right, or the replica is not here.
    /// </summary>
    Task<bool> GiveUpAsync(BadChecksumBlock bad, CancellationToken cancellation);

    /// <summary>The pass that was kept last, or null.</summary>
    ScrubPass? LoadPass();

    /// <summary>Keeps how far a pass is. It need not survive a power cut: then some is read again.</summary>
    void KeepPass(ScrubPass pass);
}
