using System.Globalization;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace Gofs.Ctl.Transfer;

/// <summary>Shows a <see cref="Progress"/>: what, a bar, bytes of bytes, rate and time left as soon as the total is known.</summary>
internal sealed class ProgressBar : Progress
{
    private static readonly TimeSpan Every = TimeSpan.FromMilliseconds(200);
    private readonly CancellationTokenSource done = new();
    private readonly Invocation run;
    private readonly Action<string> before;
    private readonly Task shown;

    private ProgressBar(Invocation run, string what)
    {
        this.run = run;
        before = run.ErrorLine;
        var console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Out = new AnsiConsoleOutput(Console.Error), Ansi = AnsiSupport.Yes, Interactive = InteractionSupport.Yes,
        });
        run.ErrorLine = line => console.WriteLine(line);
        shown = ShowAsync(console, what);
    }

    /// <summary>Begins.</summary>
    public static ProgressBar Show(Invocation run, string what) => new(run, what);

    /// <inheritdoc/>
    public override async ValueTask DisposeAsync()
    {
        await done.CancelAsync();
        await shown;
        run.ErrorLine = before;
        done.Dispose();
        await base.DisposeAsync();
    }

    private async Task ShowAsync(IAnsiConsole console, string what)
    {
        await console.Progress().AutoClear(false).HideCompleted(false)
            .Columns(
                new TaskDescriptionColumn { Alignment = Justify.Left }, new ProgressBarColumn(), new BytesColumn(this),
                new TransferSpeedColumn { Base = FileSizeBase.Binary }, new RemainingTimeColumn())
            .StartAsync(async context =>
            {
                var task = context.AddTask(Markup.Escape(what), maxValue: 1);
                task.IsIndeterminate = true;
                using var timer = new PeriodicTimer(Every);
                try
                {
                    while (await timer.WaitForNextTickAsync(done.Token)) Set(task, what);
                }
                catch (OperationCanceledException)
                {
                    // It is done: the bar stays as it is.
                }

                Set(task, what);
                task.StopTask();
            });
    }

    private void Set(ProgressTask task, string what)
    {
        var total = TotalBytes;
        task.IsIndeterminate = total < 0 && !done.IsCancellationRequested;
        task.MaxValue = Math.Max(1, total < 0 ? Bytes : total);
        task.Value = Math.Min(Bytes, task.MaxValue);
        if (Names > 1) task.Description = Markup.Escape(string.Create(CultureInfo.InvariantCulture, $"{what} ({Names} names)"));
    }

    private sealed class BytesColumn(ProgressBar bar) : ProgressColumn
    {
        public override IRenderable Render(RenderOptions options, ProgressTask task, TimeSpan deltaTime)
        {
            var total = bar.TotalBytes;
            return new Text($"{Texts.Size(bar.Bytes, human: true)}{(total < 0 ? "" : $" of {Texts.Size(total, human: true)}")}");
        }
    }
}
