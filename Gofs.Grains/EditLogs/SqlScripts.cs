using System.Reflection;
using System.Text;
using Gofs.Transport;

namespace Gofs.Grains.EditLogs;

/// <summary>One numbered script of <c>sql/</c>, as this release has it.</summary>
/// <param name="Name">Its file's name.</param>
/// <param name="Sql">Its text.</param>
/// <param name="Crc">CRC-32C of its bytes.</param>
internal readonly record struct SqlScript(string Name, string Sql, uint Crc);

/// <summary>The scripts that come with this release, in the order of their names. They are only ever added, never edited.</summary>
internal static class SqlScripts
{
    /// <summary>Those whose path in the repository begins so.</summary>
    public static SqlScript[] Of(string prefix)
    {
        var assembly = Assembly.GetExecutingAssembly();
        return [.. assembly.GetManifestResourceNames().Where(name => name.StartsWith(prefix, StringComparison.Ordinal))
            .Order(StringComparer.Ordinal).Select(name => Read(assembly, name))];
    }

    private static SqlScript Read(Assembly assembly, string name)
    {
        using var resource = assembly.GetManifestResourceStream(name)!;
        var bytes = new byte[resource.Length];
        resource.ReadExactly(bytes);
        return new(name[(name.LastIndexOf('/') + 1)..], Encoding.UTF8.GetString(bytes), Crc32C.Compute(bytes));
    }
}
