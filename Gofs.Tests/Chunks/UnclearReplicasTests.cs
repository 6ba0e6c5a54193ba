using Gofs.Chunks;
using Gofs.ChunkServers;
using Gofs.Grains.Chunks;
using Xunit;

namespace Gofs.Tests.Chunks;

/// <summary>Replicas that are judged when all servers have reported.</summary>
public sealed class UnclearReplicasTests
{
    private static readonly ChunkHandle Handle = ChunkHandle.Create(1, 0, 1);
    private static readonly ServerId A = new("a");
    private static readonly ServerId B = new("b");
    private readonly UnclearReplicas unclear = new();

    [Fact]
    public void EachIsJudgedOnce_ByItsLastWord()
    {
        unclear.Note(Handle, A, new(17));
        unclear.Note(Handle, A, new(33));
        unclear.Note(Handle, B, new(18));
        Assert.Equal([(Handle, A, new ChunkVersion(33)), (Handle, B, new ChunkVersion(18))], unclear.TakeAll());
        Assert.Empty(unclear.TakeAll());
    }

    // Seed 235 of the simulation: the only good replica was left out by what it had reported before it took the version that counts.
    [Fact]
    public void OneThatTookANewerVersion_IsNotJudgedByItsOldOne()
    {
        unclear.Note(Handle, A, new(82));
        unclear.Note(Handle, B, new(82));
        unclear.Forget(Handle, A);
        unclear.Forget(B);
        Assert.Empty(unclear.TakeAll());
    }
}
