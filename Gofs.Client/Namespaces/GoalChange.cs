namespace Gofs.Namespaces;

/// <summary>What setting a goal has changed.</summary>
/// <param name="Files">Files that have the goal now.</param>
/// <param name="Directories">Directories whose new files will have it.</param>
public sealed record GoalChange(long Files, long Directories);
