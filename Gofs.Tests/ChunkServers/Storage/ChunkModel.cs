namespace Gofs.Tests.ChunkServers.Storage;

/// <summary>
/// What a chunk may be after a crash: the state that was acknowledged as durable, or a later one, checksum block by checksum block. A state
/// is the chunk's bytes, or null when it is not there.
/// </summary>
internal sealed class ChunkModel
{
    private const int PartBytes = 64 << 10;
    private readonly List<byte[]?> states = [null];

    /// <summary>As a reader sees it now.</summary>
    public byte[]? Now => states[^1];

    /// <summary>The version it has as long as the power stays.</summary>
    public int Version { get; private set; } = 1;

    /// <summary>The least version it may have after a crash.</summary>
    public int LeastVersion { get; private set; } = 1;

    /// <summary>The highest.</summary>
    public int MostVersion { get; private set; } = 1;

    /// <summary>Something was begun: from now on this may be the state, before it is acknowledged.</summary>
    public void Begin(byte[]? state)
    {
        states.Add(state);
        if (state is null) LeastVersion = 1;
    }

    /// <summary>A version was begun.</summary>
    public void BeginVersion(int version) => MostVersion = Math.Max(MostVersion, version);

    /// <summary>A deletion was acknowledged: it may be undone by a crash, but whole.</summary>
    public void Deleted() => Version = 1;

    /// <summary>The state now was acknowledged as durable.</summary>
    public void Durable(int version)
    {
        states.RemoveRange(0, states.Count - 1);
        (Version, LeastVersion, MostVersion) = (version, version, version);
    }

    /// <summary>What was found after a crash is the state.</summary>
    public void Found(byte[]? state, int version)
    {
        states.Clear();
        states.Add(state);
        (Version, LeastVersion, MostVersion) = (version, version, version);
    }

    /// <summary>Whether it may be missing.</summary>
    public bool MayBeMissing => states.Contains(null);

    /// <summary>Whether a checksum block may read so; null: it is damaged.</summary>
    public bool Allows(int part, byte[]? read)
    {
        if (read is null) return MayBeMissing || Part(states[0], part).Length == 0;
        foreach (var state in states)
        {
            if (Part(state, part).SequenceEqual(read)) return true;
        }

        return false;
    }

    private static ReadOnlySpan<byte> Part(byte[]? state, int part)
    {
        if (state is null || state.Length <= part * PartBytes) return [];
        return state.AsSpan(part * PartBytes, Math.Min(PartBytes, state.Length - (part * PartBytes)));
    }
}
