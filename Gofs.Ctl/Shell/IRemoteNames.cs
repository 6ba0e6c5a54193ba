namespace Gofs.Ctl.Shell;

/// <summary>A name in a directory, in <see cref="Targets.PathText"/> form.</summary>
internal readonly record struct NameInDirectory(string Name, bool IsDirectory);

/// <summary>What there is to complete with. It answers nothing rather than late or with a failure.</summary>
internal interface IRemoteNames
{
    /// <summary>The namespaces.</summary>
    Task<IReadOnlyList<string>> NamespacesAsync(CancellationToken cancellation);

    /// <summary>The names in a directory.</summary>
    Task<IReadOnlyList<NameInDirectory>> NamesAsync(string namespaceName, GofsPath directory, CancellationToken cancellation);
}
