using Gofs.Cluster;
using Orleans;

namespace Gofs.Grains.Cluster;

/// <summary>Who may sign in to the console.</summary>
public sealed partial class ClusterState
{
    /// <summary>The most there may be.</summary>
    public const int MostConsoleUsers = 200;

    private const int MostNameChars = 32;

    /// <summary>They, by name.</summary>
    [Id(14)] public List<ConsoleUser> ConsoleUsers { get; set; } = [];

    /// <summary>One by name, or null.</summary>
    public ConsoleUser? FindConsoleUser(string name) => ConsoleUsers.Find(one => one.Name == name);

    /// <summary>Sets one; without a secret he keeps the one he has.</summary>
    /// <exception cref="GofsException"><see cref="GofsError.InvalidArgument"/>.</exception>
    public void SetConsoleUser(string name, ConsoleRole role, ConsoleSecret? secret, Caller by, DateTimeOffset now)
    {
        if (name.Length is < 1 or > MostNameChars || !char.IsAsciiLetterLower(name[0])
            || name.Any(c => !char.IsAsciiLetterLower(c) && !char.IsAsciiDigit(c) && c is not ('.' or '-' or '_')))
            throw new GofsException(
                GofsError.InvalidArgument, $"a user's name has 1 to {MostNameChars} of a-z, 0-9, '.', '-' and '_', beginning with a letter");
        if (role == ConsoleRole.None || !Enum.IsDefined(role)) throw new GofsException(GofsError.InvalidArgument, "a user's role is viewer, operator or admin");
        var before = FindConsoleUser(name);
        if ((secret ?? before?.Secret) is not { } kept) throw new GofsException(GofsError.InvalidArgument, "a new user needs a password", name);
        if (kept.Salt.Length is < 16 or > 64 || kept.Hash.Length is < 32 or > 64)
            throw new GofsException(GofsError.InvalidArgument, "that is no password's secret", name);
        if (before is null && ConsoleUsers.Count >= MostConsoleUsers)
            throw new GofsException(GofsError.InvalidArgument, $"there are {MostConsoleUsers} users already");
        if (before is not null) ConsoleUsers.Remove(before);
        ConsoleUsers.Add(new(name, role, kept, now, by));
        ConsoleUsers.Sort((a, b) => string.CompareOrdinal(a.Name, b.Name));
        Note(by, "console user set", $"{name}, {role.ToString().ToLowerInvariant()}{(secret is null ? "" : ", new password")}", now);
    }

    /// <summary>Removes one; false: there is none of that name.</summary>
    public bool RemoveConsoleUser(string name, Caller by, DateTimeOffset now)
    {
        if (ConsoleUsers.RemoveAll(one => one.Name == name) == 0) return false;
        Note(by, "console user rm", name, now);
        return true;
    }
}
