namespace Gofs.Grains.Namespaces;

/// <summary>A file that gets its name when it is closed.</summary>
/// <param name="Parent">The directory.</param>
/// <param name="Name">The name.</param>
internal sealed record UnnamedFile(long Parent, byte[] Name);
