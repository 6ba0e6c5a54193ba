using System.Globalization;
using Gofs.Chunks;

namespace Gofs.Ctl.Output;

/// <summary>Says to a person how the replicas of a namespace are: what is wrong, since when, what is done about it, and why not more.</summary>
internal static class HealingText
{
    /// <summary>The text, one line.</summary>
    public static string Of(HealingStatus healing)
    {
        var wrong = string.Join(", ", new[] { (healing.Missing, "missing"), (healing.Endangered, "endangered"), (healing.UnderGoal, "under-goal") }
            .Where(one => one.Item1 > 0).Select(one => string.Create(CultureInfo.InvariantCulture, $"{one.Item1} {one.Item2}")));
        List<string> says = [];
        if (wrong.Length > 0) says.Add(string.Create(CultureInfo.InvariantCulture, $"{wrong} of {healing.Chunks} chunks since {healing.Since:HH:mm:ss} UTC"));
        if (healing.CopiesUnderWay > 0) says.Add(string.Create(CultureInfo.InvariantCulture, $"{healing.CopiesUnderWay} being copied"));
        if (healing.Copied > 0) says.Add(string.Create(CultureInfo.InvariantCulture, $"{healing.Copied} copied ({Texts.Size(healing.CopiedBytes, true)})"));
        if (healing.TablesNotReady > 0) says.Add(string.Create(CultureInfo.InvariantCulture, $"{healing.TablesNotReady} chunk tables do not know yet"));
        if (Why(healing.Stall) is { } why) says.Add(why);
        return $"    replicas: {string.Join("; ", says)}";
    }

    private static string? Why(HealingStall stall) => stall switch
    {
        HealingStall.None => null,
        HealingStall.TriedAgain => "a copy failed or a server was busy: tried again within a minute",
        HealingStall.SuspectServer => "a server that has some is silent and may come back",
        HealingStall.ReportsDue => "waiting for servers to report what they have",
        HealingStall.TooFewServers => "there are no more servers to copy to: add one, or lower the goal",
        HealingStall.NoRoom => "no server has room for a copy, or those that have refused",
        HealingStall.MassSilence => "more than half of the chunk servers are silent at once: nothing is copied until they are back or are removed",
        _ => stall.ToString(),
    };
}
