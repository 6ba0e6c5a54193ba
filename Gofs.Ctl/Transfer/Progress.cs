using System.Globalization;
using Gofs.Ctl.Local;

namespace Gofs.Ctl.Transfer;

/// <summary>One line on standard error that says how far it is, when somebody is there to read it.</summary>
internal sealed class Progress : IDisposable
{
    private static readonly TimeSpan Every = TimeSpan.FromMilliseconds(200);
    private readonly ITimer? timer;
    private long files;
    private long bytes;

    /// <summary>Begins.</summary>
    public Progress()
    {
        if (LibC.IsTerminal(2) == 1) timer = TimeProvider.System.CreateTimer(_ => Show(), null, Every, Every);
    }

    /// <summary>One more name is done.</summary>
    public void Done(long lengthBytes)
    {
        Interlocked.Increment(ref files);
        Interlocked.Add(ref bytes, lengthBytes);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (timer is null) return;
        timer.Dispose();
        Show();
        Console.Error.WriteLine();
    }

    private void Show() =>
        Console.Error.Write(string.Create(CultureInfo.InvariantCulture,
            $"\r{Interlocked.Read(ref files)} names, {Texts.Size(Interlocked.Read(ref bytes), human: true)} "));
}
