using Gofs.Chunks;
using Gofs.Grains.Chunks;
using Xunit;

namespace Gofs.Tests.Chunks;

public sealed class LateConfirmationsTests
{
    private static readonly DateTimeOffset Noon = new(2026, 1, 1, 12, 0, 0, TimeSpan.Zero);
    private static readonly ChunkHandle Handle = ChunkHandle.Create(1, 0, 7);
    private readonly LateConfirmations late = new();

    [Fact]
    public void ConfirmationIsLate_ForAsLongAsOneSentBeforeTheReleaseMayBeOnItsWay()
    {
        Assert.False(late.IsLate(Handle, Noon));
        late.Released(Handle, Noon);
        Assert.True(late.IsLate(Handle, Noon + LateConfirmations.Latest));
        Assert.False(late.IsLate(Handle, Noon + LateConfirmations.Latest + TimeSpan.FromTicks(1)));
    }

    [Fact]
    public void WhatIsNotLateAnyMore_IsForgotten_AndMayBeReleasedAgain()
    {
        late.Released(Handle, Noon);
        var later = Noon + (2 * LateConfirmations.Latest);
        late.Released(ChunkHandle.Create(1, 0, 8), later);
        late.Released(Handle, later);
        Assert.True(late.IsLate(Handle, later));
    }
}
