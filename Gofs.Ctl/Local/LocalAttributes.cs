using Gofs.Namespaces;

namespace Gofs.Ctl.Local;

/// <summary>What lstat tells of a local name.</summary>
/// <param name="Type">What it is; null for sockets, devices and fifos.</param>
/// <param name="Mode">Permission bits, 0 to 4095.</param>
/// <param name="Owner">Numeric user id.</param>
/// <param name="Group">Numeric group id.</param>
/// <param name="LengthBytes">Length of a file or of a symlink's target.</param>
/// <param name="ModifiedAt">Nanoseconds since 1970 UTC.</param>
internal readonly record struct LocalAttributes(
    EntryType? Type, int Mode, uint Owner, uint Group, long LengthBytes, long ModifiedAt)
{
    /// <summary>As a new name's ownership.</summary>
    public Ownership Ownership => new(Mode, Owner, Group);
}
