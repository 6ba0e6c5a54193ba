using System.Runtime.InteropServices;

namespace Gofs.Ctl.Local;

/// <summary>A call on a local file failed: what the operating system said, and about which path.</summary>
internal sealed class LocalFileException(LocalPath path, string message, int errorNumber = 0) : IOException(message)
{
    /// <summary>The file.</summary>
    public LocalPath Path { get; } = path;

    /// <summary>errno, or 0.</summary>
    public int ErrorNumber { get; } = errorNumber;

    /// <summary>What the last failed call says.</summary>
    public static LocalFileException Last(LocalPath path)
    {
        var error = Marshal.GetLastPInvokeError();
        return new(path, Marshal.GetPInvokeErrorMessage(error), error);
    }
}
