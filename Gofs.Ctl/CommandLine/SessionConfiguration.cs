using System.CommandLine;

namespace Gofs.Ctl.CommandLine;

/// <summary>Brings the session to a command's action. Signals are <see cref="Interrupts"/>' business.</summary>
internal sealed class SessionConfiguration : InvocationConfiguration
{
    /// <summary>Of a session.</summary>
    public SessionConfiguration(Session session)
    {
        Session = session;
        EnableDefaultExceptionHandler = false;
        ProcessTerminationTimeout = null;
    }

    /// <summary>The session.</summary>
    public Session Session { get; }
}
