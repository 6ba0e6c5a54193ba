using Gofs.Ctl.Commands;
using Gofs.Ctl.Targets;
using Gofs.Internal;

// Nearly every command connects: what that needs is prepared on another core while the command line is read.
if (args.Length > 0 && !args.Contains("--help")) OrleansConnection.Prepare();
var arguments = RawArguments.Restore(args);
using var interrupts = new Interrupts(isShell: ShellCommand.IsAskedFor(arguments));
var session = new Session();
var code = await CommandRunner.RunAsync(AllCommands.MakeRoot(), arguments, session, interrupts.Begin());

// Every file was closed and every answer written. Taking the client apart would cost a tenth of a second; the silo sees the connection end.
return code;
