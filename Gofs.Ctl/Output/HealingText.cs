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
        if (healing.Draining > 0) says.Add(string.Create(CultureInfo.InvariantCulture, $"{healing.Draining} to be copied from drained servers"));
        if (healing.IsRebalancing || healing.MovesUnderWay > 0)
            says.Add(string.Create(CultureInfo.InvariantCulture,
                $"rebalancing: {healing.Moved} chunks moved, {healing.MovesUnderWay} under way, servers from {healing.LeastUse:P1} to {healing.MostUse:P1} full"));
        if (healing.Copied > 0) says.Add(string.Create(CultureInfo.InvariantCulture, $"{healing.Copied} copied ({Texts.Size(healing.CopiedBytes, true)})"));
        if (healing.TablesNotReady > 0) says.Add(string.Create(CultureInfo.InvariantCulture, $"{healing.TablesNotReady} chunk tables do not know yet"));
        if (healing.Doing.Length > 0) says.Add(healing.Doing);
        return $"    replicas: {string.Join("; ", says)}";
    }
}
