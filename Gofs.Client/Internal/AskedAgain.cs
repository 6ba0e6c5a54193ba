using Orleans.Runtime;

namespace Gofs.Internal;

/// <summary>
/// Says beside a call that the same was asked for before and nobody knows what became of that: it may still arrive, after this. Whoever refuses such a
/// command, or finds nothing to do, has to remember so, or else the first asking would be carried out when its client was told long ago that it
/// was not. In Orleans' request context, so that commands need not have a place for it; it goes on with the calls that are made because of this one.
/// </summary>
internal static class AskedAgain
{
    private const string Key = "gofs.asked-again";

    /// <summary>Whether what is being carried out was asked for before.</summary>
    public static bool Current => RequestContext.Get(Key) is true;

    /// <summary>The calls that are made from now on, until the calling method ends, are made again.</summary>
    public static void Mark() => RequestContext.Set(Key, true);
}
