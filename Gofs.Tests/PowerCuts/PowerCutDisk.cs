using System.ComponentModel;
using System.Runtime.InteropServices;
using Gofs.Tests.EndToEnd;
using Xunit;

namespace Gofs.Tests.PowerCuts;

/// <summary>
/// A disk of its own (an ext4 file system in an image, mounted over a loop device) that loses its power: the ext4 shutdown ioctl ends everything at once,
/// and what is in memory, of files and of the journal, never gets to the image. Mounted again it is what the machine would find when it is back: what was
/// synced, and of the rest whatever had been written by chance. A sync that is under way at that moment may end as if it had been done, and was not (Linux
/// 6.18: 6 of 100 shutdowns with eight threads that sync; of syncs that had ended before none was lost); a machine without power answers nobody, so what is
/// acknowledged from then on says nothing. Skips the test, saying why, where that can't be done.
/// </summary>
internal sealed partial class PowerCutDisk : IAsyncDisposable
{
    private const uint ShutDown = 0x8004587d; // EXT4_IOC_SHUTDOWN
    private const uint WithoutJournal = 2; // EXT4_GOING_FLAGS_NOLOGFLUSH
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);
    private const UnixFileMode ForAll = (UnixFileMode)0x1C9; // 0711
    private readonly string image;
    private bool isMounted;

    private PowerCutDisk(string image, string folder) => (this.image, Folder) = (image, folder);

    /// <summary>Whether it is without power.</summary>
    public bool IsCut { get; private set; }

    /// <summary>Where it is mounted.</summary>
    public string Folder { get; }

    public static async Task<PowerCutDisk> MakeAsync(long sizeBytes)
    {
        var root = Directory.CreateTempSubdirectory("gofs-power-").FullName;
        File.SetUnixFileMode(root, ForAll); // PostgreSQL is not root
        var disk = new PowerCutDisk(Path.Combine(root, "image"), Directory.CreateDirectory(Path.Combine(root, "disk")).FullName);
        try
        {
            await using (var file = File.Create(disk.image)) file.SetLength(sizeBytes);
            if (await disk.RefusalAsync() is { } reason) Assert.Skip($"a disk that can lose its power can't be made here: {reason}");
            return disk;
        }
        catch
        {
            await disk.DisposeAsync();
            throw;
        }
    }

    /// <summary>The power is gone: from now on nothing is read or written.</summary>
    public void Cut()
    {
        using var folder = new Descriptor(Folder);
        var how = WithoutJournal;
        if (Control(folder.Number, ShutDown, ref how) != 0) throw new Win32Exception(Marshal.GetLastPInvokeError());
        IsCut = true;
    }

    /// <summary>The power is back. Whoever had files open there is gone by now, or about to be.</summary>
    public async Task RestoreAsync()
    {
        await UnmountAsync();
        var end = await RunAsync("mount", "-o", "loop", image, Folder);
        Assert.True(end.ExitCode == 0, $"the disk can't be mounted after the cut: {end.Error}");
        (isMounted, IsCut) = (true, false);
    }

    /// <summary>Everything that is on it now outlives a cut.</summary>
    public async Task SyncAsync() => Assert.Equal(0, (await RunAsync("sync", "-f", Folder)).ExitCode);

    public async ValueTask DisposeAsync()
    {
        if (isMounted) await UnmountAsync();
        Directory.Delete(Path.GetDirectoryName(image)!, recursive: true);
    }

    // The first cut is one of an empty disk: a kernel that can't do it says so now.
    private async Task<string?> RefusalAsync()
    {
        try
        {
            if (await RunAsync("mkfs.ext4", "-q", "-F", image) is { ExitCode: not 0 } unmade) return unmade.Error.Trim();
            if (await RunAsync("mount", "-o", "loop", image, Folder) is { ExitCode: not 0 } unmounted) return unmounted.Error.Trim();
            isMounted = true;
            Cut();
            await RestoreAsync();
            return null;
        }
        catch (Win32Exception missing)
        {
            return missing.Message;
        }
    }

    private async Task UnmountAsync()
    {
        using var patience = new CancellationTokenSource(Limit);
        while (await RunAsync("umount", Folder) is { ExitCode: not 0 } busy)
        {
            if (patience.IsCancellationRequested) throw new TimeoutException($"{Folder} can't be unmounted: {busy.Error}");
            await Task.Delay(50, CancellationToken.None);
        }

        isMounted = false;
    }

    private static Task<ProcessEnd> RunAsync(string program, params string[] arguments) => GofsProcess.RunAsync(GofsProcess.Info(program, arguments), Limit);

    [LibraryImport("libc", EntryPoint = "ioctl", SetLastError = true)]
    private static partial int Control(int descriptor, nuint request, ref uint flags);

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "close")]
    private static partial int Close(int descriptor);

    // A folder that is open, which .NET has no way to have.
    private readonly struct Descriptor : IDisposable
    {
        public Descriptor(string folder)
        {
            Number = Open(folder, 0);
            if (Number < 0) throw new Win32Exception(Marshal.GetLastPInvokeError());
        }

        public int Number { get; }

        public void Dispose() => _ = Close(Number);
    }
}
