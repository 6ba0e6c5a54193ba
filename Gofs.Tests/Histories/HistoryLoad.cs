using System.Globalization;
using Xunit;

namespace Gofs.Tests.Histories;

/// <summary>
/// Clients that note what they ask and what they are answered, in a directory of their own: about names, by each client it is given; about flushed files and
/// about records, by the first.
/// </summary>
internal sealed class HistoryLoad(GofsClient[] clients, GofsNamespace files, string name, int seed) : IDisposable
{
    private const int Groups = 6;
    private readonly GofsPath home = GofsPath.Root.Append(name);
    private readonly NameGroup[] groups =
        [.. Enumerable.Range(0, Groups).Select(number => new NameGroup(GofsPath.Root.Append(name).Append(Text("names", number)), links: number % 2 == 1))];

    private readonly CancellationTokenSource stop = new();
    private NameClient[] asking = [];
    private FlushedFiles? lengths;
    private AppendSet? records;
    private Task[] work = [];

    /// <summary>Makes the directories, and begins.</summary>
    public async Task StartAsync(CancellationToken cancellation)
    {
        foreach (var group in groups) await group.MakeAsync(files, cancellation);
        await files.CreateDirectoryAsync(home.Append("flushed"), cancellation: cancellation);
        (lengths, records) = (new(files, home.Append("flushed"), seed), new(files, home.Append("records")));
        asking = [.. clients.Select((one, number) => new NameClient(number, seed + number, one, files.Name, groups))];
        work =
        [
            .. asking.Select(one => one.WorkAsync(stop.Token, cancellation)),
            lengths.WriteAsync(stop.Token, cancellation), lengths.ReadAsync(1, stop.Token, cancellation), lengths.ReadAsync(2, stop.Token, cancellation),
            records.AppendAsync(1, stop.Token, cancellation), records.AppendAsync(2, stop.Token, cancellation), records.ReadAsync(3, stop.Token, cancellation),
        ];
    }

    /// <summary>Fails when one of the clients has ended by itself.</summary>
    public void CheckGoesOn(string when) => Assert.All(work, one => Assert.False(one.IsCompleted, $"{when}: {one.Exception}"));

    /// <summary>Ends the work and judges it; answers what was done.</summary>
    public async Task<string> EndAsync()
    {
        await stop.CancelAsync();
        await Task.WhenAll(work);
        foreach (var group in groups)
        {
            if (Linearizability.Fault(new NamesModel(NameGroup.Count), group.History.Calls) is { } fault) Assert.Fail(fault);
        }

        lengths!.Check();
        records!.Check();
        var calls = groups.SelectMany(group => group.History.Calls).ToArray();
        var gap = records.LongestGap;
        return string.Create(CultureInfo.InvariantCulture, $"{calls.Length} calls about names, {calls.Count(call => !call.IsAnswered)} without an answer, ")
            + $"{asking.Sum(one => one.AskedAgain)} asked again; {lengths.Reads} reads of flushed files; {records.Appends} appends, {records.Reads} reads, "
            + string.Create(CultureInfo.InvariantCulture, $"no append for {gap.Length.TotalSeconds:0.0} s since {gap.Since:HH:mm:ss}");
    }

    /// <summary>Whoever still works ends.</summary>
    public void Dispose()
    {
        stop.Cancel();
        stop.Dispose();
    }

    private static string Text(string what, int number) => string.Create(CultureInfo.InvariantCulture, $"{what}-{number}");
}
