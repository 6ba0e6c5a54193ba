using Gofs.Chunks;
using Gofs.ChunkServers;
using Gofs.Web.ChunkServers;
using Gofs.Web.Live;
using Xunit;

namespace Gofs.Tests.Web;

/// <summary>What a person reads before a chunk server is taken away.</summary>
public sealed class WhatIfTests
{
    private static readonly ChunkServerInfo Server = Views.Server("silo-4");

    private static readonly ClusterView View = Views.Healthy with
    {
        Servers = [Views.Server("silo-1"), Views.Server("silo-2"), Views.Server("silo-3"), Server],
    };

    [Fact]
    public void Drain_OfOneThatOthersCanDoWithout_HasNothingToCopy() =>
        Assert.Equal("It holds 9 chunks. Every chunk has its replicas without it.", WhatIf.Drained(Server, new() { Held = 9 }, View));

    [Fact]
    public void Drain_SaysWhatIsCopied() => Assert.Equal(
        "It holds 9 chunks. 1 chunk is copied elsewhere first; it serves them until then, and takes no new ones.",
        WhatIf.Drained(Server, new() { Held = 9, Needed = 1 }, View));

    [Fact]
    public void Drain_WithoutRoomElsewhere_IsSaid()
    {
        var full = Views.Disk() with { FreeBytes = 1 << 20 };
        var view = View with { Servers = [Views.Server("silo-1", full), Views.Server("silo-2", full), Views.Server("silo-3", full), Server] };
        Contains("Up to 576 MiB have to move, and the others have 3.00 MiB free", WhatIf.Drained(Server, new() { Held = 9, Needed = 9 }, view));
        Contains("Up to 512 GiB have to move", WhatIf.Drained(Server, new() { Held = 99_999, Needed = 99_999 }, view));
    }

    [Fact]
    public void Drain_OfADiskThatIsFullOfOtherThings_CountsWhatChunksCanTake()
    {
        var full = Views.Disk() with { FreeBytes = 10L << 30 };
        var view = View with { Servers = [Views.Server("silo-1", full), Views.Server("silo-2", full), Server] };
        Assert.DoesNotContain("have to move", WhatIf.Drained(Server, new() { Held = 9, Needed = 9 }, view), StringComparison.Ordinal);
    }

    [Fact]
    public void TooFewServersLeft_AreSaid_WithWhoWantsMore()
    {
        var view = View with
        {
            Servers = [Views.Server("silo-1"), Views.Server("silo-2") with { Mark = ServerMark.Drain }, Server],
            Namespaces = [Views.Space("projects", one => one with { Config = one.Config with { Goal = 2 } })],
        };
        Contains("1 server is left without it, fewer than projects wants replicas.", WhatIf.Maintained(Server, new() { Held = 9 }, view));
    }

    [Fact]
    public void Maintenance_SaysWhatCannotBeRead()
    {
        Contains("all files can be read while it is away", WhatIf.Maintained(Server, new() { Held = 9, Needed = 9 }, View));
        Contains("2 chunks have no other replica", WhatIf.Maintained(Server, new() { Held = 9, Only = 2 }, View));
    }

    [Fact]
    public void Removal_SaysWhatIsLost()
    {
        Contains("Every chunk has its replicas without it.", WhatIf.Removed(new()));
        Contains("1 chunk has no replica elsewhere: what only it has is lost unless the server comes back", WhatIf.Removed(new() { Held = 3, Needed = 2, Only = 1 }));
        Contains("2 chunk tables have not looked at all chunks yet: there may be more.", WhatIf.Removed(new() { TablesNotReady = 2 }));
    }

    private static void Contains(string says, string text) => Assert.Contains(says, text, StringComparison.Ordinal);
}
