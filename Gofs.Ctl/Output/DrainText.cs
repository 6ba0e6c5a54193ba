using System.Globalization;
using System.Text.Json;
using Gofs.Chunks;

namespace Gofs.Ctl.Output;

/// <summary>Says to a person what a chunk server holds, how far its drain is, and whether it can be taken away.</summary>
internal static class DrainText
{
    /// <summary>The text, one line.</summary>
    public static string Of(ServerReplicas replicas, DateTimeOffset now)
    {
        List<string> says = [Text($"It holds {replicas.Held} chunks")];
        if (replicas.Needed > 0) says.Add(Text($"{replicas.Needed} of them are not enough without it, {replicas.Only} nobody else has"));
        if (replicas.BeingWritten > 0) says.Add(Text($"{replicas.BeingWritten} that no file refers to yet are on it or were given out to be written there"));
        if (replicas.TablesNotReady > 0) says.Add(Text($"{replicas.TablesNotReady} chunk tables do not know yet"));
        if (replicas.Moved > 0) says.Add(Text($"{replicas.Moved} copied elsewhere since {replicas.Since:HH:mm:ss} UTC"));
        if (replicas.Needed > 0 && replicas.ExpectedEnd(now) is { } end) says.Add(Text($"done at about {end:HH:mm:ss} UTC"));
        if (replicas.IsSafeToRemove) says.Add("it can be stopped and removed");
        return string.Join("; ", says);
    }

    /// <summary>The members of a JSON document.</summary>
    public static void Write(Utf8JsonWriter json, ServerReplicas replicas, DateTimeOffset now)
    {
        json.WriteNumber("chunks", replicas.Held);
        json.WriteNumber("chunksNeeded", replicas.Needed);
        json.WriteNumber("chunksOnlyHere", replicas.Only);
        json.WriteNumber("chunksBeingWritten", replicas.BeingWritten);
        json.WriteNumber("copiedElsewhere", replicas.Moved);
        json.WriteNumber("tablesNotReady", replicas.TablesNotReady);
        if (replicas.Needed > 0 && replicas.ExpectedEnd(now) is { } end) json.WriteString("expectedEnd", end);
        json.WriteBoolean("canBeRemoved", replicas.IsSafeToRemove);
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
